/* Allocates by malloc under tcmalloc, which is preloaded or linked, and tells what tcmalloc's own
 * MallocExtension says. usage: tcmalloc_truth THREADS
 * Half of the threads end, the others keep their caches. Prints "ready"; for each line "refresh":
 * "truth IN_USE THREADS TRANSFER CENTRAL FREE RETURNED SYSTEM" in bytes. On "free" it frees half of
 * what it holds, on "release" it gives free pages back, on "churn" it begins to allocate and free
 * for ever, and answers once what it holds meanwhile has come to its level; on "hold" it fills 350 MB and frees them, on "leak" it loses 2 MB. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int property(const char *, size_t *);
static property *ask;

#define BLOCKS 20000
static char *blocks[8][BLOCKS];
static pthread_barrier_t barrier;

static void *work(void *argument) {
  long id = (long)argument;
  uint64_t r = 88172645463325252ull + (uint64_t)id;
  for (int i = 0; i < BLOCKS; i++) {
    r ^= r << 13, r ^= r >> 7, r ^= r << 17;
    size_t size = i % 500 == 0 ? 16384 + r % 500000 : 1 + r % 1500;
    blocks[id][i] = malloc(size);
    memset(blocks[id][i], 7, size);
  }
  for (int i = 0; i < BLOCKS; i++) {
    if (i % 3) free(blocks[id][i]), blocks[id][i] = 0;
  }
  pthread_barrier_wait(&barrier);
  while (id % 2 == 0) pause();
  return 0;
}

static char *held[4096];

static void *churn(void *argument) {
  uint64_t r = 88172645463325252ull + (uint64_t)argument;
  for (;;) {
    r ^= r << 13, r ^= r >> 7, r ^= r << 17;
    char **place = &held[r % 4096];
    char *old = __atomic_exchange_n(place, malloc(1 + (r >> 20) % 5000), __ATOMIC_ACQ_REL);
    free(old);
  }
  return 0;
}

static size_t figure(const char *name) {
  size_t value = 0;
  return ask(name, &value) ? value : 0;
}

int main(int count, char **arguments) {
  static char out[1 << 14];
  static char line[64];
  setvbuf(stdout, out, _IOFBF, sizeof out);
  long threads = count > 1 ? atoi(arguments[1]) : 2;
  ask = (property *)dlsym(RTLD_DEFAULT, "MallocExtension_GetNumericProperty");
  void (*release)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "MallocExtension_ReleaseFreeMemory");
  if (!ask || !release) return 1;
  pthread_barrier_init(&barrier, 0, threads + 1);
  pthread_t ids[8];
  for (long i = 0; i < threads; i++) pthread_create(&ids[i], 0, work, (void *)i);
  pthread_barrier_wait(&barrier);
  for (long i = 1; i < threads; i += 2) pthread_join(ids[i], 0);
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    int n = 0;
    char c;
    while (read(0, &c, 1) == 1 && c != '\n') {
      if (n < (int)sizeof line - 1) line[n++] = c;
    }
    line[n] = 0;
    if (n == 0) return 0;
    if (!strcmp(line, "free")) {
      for (int t = 0; t < threads; t++) {
        for (int i = 0; i < BLOCKS / 2; i++) free(blocks[t][i]), blocks[t][i] = 0;
      }
    }
    if (!strcmp(line, "release")) release();
    if (!strcmp(line, "hold")) {
      static char *large[350];
      for (int i = 0; i < 350; i++) memset(large[i] = malloc(1000000), 7, 1000000);
      for (int i = 0; i < 350; i++) free(large[i]);
    }
    if (!strcmp(line, "leak")) {
      for (int i = 0; i < 2000; i++) memset(malloc(1000), 7, 1000);
    }
    if (!strcmp(line, "churn")) {
      pthread_t id;
      for (long i = 0; i < 3; i++) pthread_create(&id, 0, churn, (void *)(i + 1));
      for (int i = 0; i < 4096; i++) {
        while (!__atomic_load_n(&held[i], __ATOMIC_ACQUIRE)) sched_yield();
      }
    }
    printf("truth %zu %zu %zu %zu %zu %zu %zu\n", figure("generic.current_allocated_bytes"),
           figure("tcmalloc.thread_cache_free_bytes"), figure("tcmalloc.transfer_cache_free_bytes"),
           figure("tcmalloc.central_cache_free_bytes"), figure("tcmalloc.pageheap_free_bytes"),
           figure("tcmalloc.pageheap_unmapped_bytes"), figure("generic.heap_size"));
    fflush(stdout);
  }
}
