/* Allocates by malloc under jemalloc, which is preloaded, linked, or brought along, and tells what
 * jemalloc's own mallctl says. usage: jemalloc_truth THREADS [caches|busy]
 * Prints "ready"; for each line "refresh": "truth ALLOCATED ACTIVE DIRTY MUZZY RETAINED ARENAS" in
 * bytes, all arenas merged; on "free" it frees half of what it holds; on "list": "list ADDRESS:BYTES
 * ... freed ADDRESS ..." of some blocks that it holds and of some that it freed. With "caches" the
 * threads keep their caches filled, with "busy" they go on freeing and allocating. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int control(const char *, void *, size_t *, void *, size_t);
extern control mallctl __attribute__((weak));
static control *ask;

#define BLOCKS 30000
static char *blocks[8][BLOCKS];
static char *freed[8][BLOCKS / 500 + 1];
static int keeps, busy;
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
  for (int i = 0; i < BLOCKS; i += 5) {
    if (i % 500 == 5) freed[id][i / 500] = blocks[id][i];
    free(blocks[id][i]);
    blocks[id][i] = 0;
  }
  if (!keeps) ask("thread.tcache.flush", 0, 0, 0, 0);
  pthread_barrier_wait(&barrier);
  while (busy) {
    r ^= r << 13, r ^= r >> 7, r ^= r << 17;
    int i = r % BLOCKS;
    size_t size = 1 + r / BLOCKS % 1500;
    free(blocks[id][i]);
    blocks[id][i] = malloc(size);
    memset(blocks[id][i], 7, size);
    if (i % 500 == 0) usleep(1000);
  }
  for (;;) pause();
  return 0;
}

static void list(int threads) {
  printf("list");
  for (int t = 0; t < threads; t++) {
    for (int i = 1; i < BLOCKS; i += 97) {
      if (blocks[t][i]) printf(" %lx:%zx", (long)blocks[t][i], malloc_usable_size(blocks[t][i]));
    }
  }
  printf(" freed");
  for (int t = 0; t < threads; t++) {
    for (int i = 0; i < BLOCKS / 500; i++) printf(" %lx", (long)freed[t][i]);
  }
  printf("\n");
  fflush(stdout);
}

static size_t figure(const char *name) {
  size_t value = 0, length = sizeof value;
  return ask(name, &value, &length, 0, 0) ? 0 : value;
}

int main(int count, char **arguments) {
  static char out[1 << 14];
  static char line[64];
  setvbuf(stdout, out, _IOFBF, sizeof out);
  int threads = count > 1 ? atoi(arguments[1]) : 2;
  busy = count > 2 && !strcmp(arguments[2], "busy");
  keeps = count > 2 && !strcmp(arguments[2], "caches");
  ask = mallctl ? mallctl : (control *)dlsym(RTLD_DEFAULT, "mallctl");
  if (!ask) return 1;
  pthread_barrier_init(&barrier, 0, threads + 1);
  for (long i = 0; i < threads; i++) {
    pthread_t id;
    pthread_create(&id, 0, work, (void *)i);
  }
  pthread_barrier_wait(&barrier);
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
    if (!strcmp(line, "list")) {
      list(threads);
      continue;
    }
    if (!strcmp(line, "free")) {
      for (int t = 0; t < threads; t++) {
        for (int i = 0; i < BLOCKS / 2; i++) free(blocks[t][i]), blocks[t][i] = 0;
      }
      ask("thread.tcache.flush", 0, 0, 0, 0);
    }
    uint64_t epoch = 1;
    size_t length = sizeof epoch;
    ask("epoch", &epoch, &length, &epoch, length);
    unsigned arenas = 0;
    length = sizeof arenas;
    ask("arenas.narenas", &arenas, &length, 0, 0);
    printf("truth %zu %zu %zu %zu %zu %u\n", figure("stats.allocated"), figure("stats.active"),
           figure("stats.arenas.4096.pdirty") * 4096, figure("stats.arenas.4096.pmuzzy") * 4096,
           figure("stats.retained"), arenas);
    fflush(stdout);
  }
}
