/* Allocates by malloc under mimalloc, which is preloaded, and tells what mimalloc's own visit of its
 * main thread's heap says. usage: mimalloc_truth THREADS
 * Beside the main thread others allocate and live on; each frees some of another one's blocks.
 * Prints "ready"; for each line: "truth BLOCKS BYTES HELD USABLE": what the visit found, in blocks
 * and bytes, and what the program itself holds, in blocks and usable bytes. On "free" it frees
 * half of what it holds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct area {
  void *blocks;
  size_t reserved, committed, used, block_size, full_block_size;
} area;
typedef bool visitor(const void *heap, const area *a, void *block, size_t size, void *argument);

#define BLOCKS 20000
static char *blocks[8][BLOCKS];
static pthread_barrier_t barrier;
static size_t found, bytes;

static bool visit(const void *heap, const area *a, void *block, size_t size, void *argument) {
  (void)heap, (void)a, (void)argument;
  if (block) found++, bytes += size;
  return true;
}

static void fill(long id) {
  uint64_t r = 88172645463325252ull + (uint64_t)id;
  for (int i = 0; i < BLOCKS; i++) {
    r ^= r << 13, r ^= r >> 7, r ^= r << 17;
    size_t size = i % 500 == 0 ? 16384 + r % 5000000 : 1 + r % 1500;
    blocks[id][i] = malloc(size);
    memset(blocks[id][i], 7, size);
  }
  for (int i = 0; i < BLOCKS; i++) {
    if (i % 3) free(blocks[id][i]), blocks[id][i] = 0;
  }
}

static void *work(void *argument) {
  fill((long)argument);
  pthread_barrier_wait(&barrier);
  for (;;) pause();
  return 0;
}

int main(int count, char **arguments) {
  static char out[1 << 14];
  static char line[64];
  setvbuf(stdout, out, _IOFBF, sizeof out);
  long threads = count > 1 ? atoi(arguments[1]) : 0;
  void *(*heap)(void) = (void *(*)(void))dlsym(RTLD_DEFAULT, "mi_heap_get_default");
  if (!heap) heap = (void *(*)(void))dlsym(RTLD_DEFAULT, "mi_heap_main"); /* 3.2 and later */
  bool (*blocks_of)(const void *, bool, visitor *, void *) =
      (bool (*)(const void *, bool, visitor *, void *))dlsym(RTLD_DEFAULT, "mi_heap_visit_blocks");
  if (!heap || !blocks_of) return 1;
  pthread_barrier_init(&barrier, 0, threads + 1);
  fill(0);
  for (long i = 1; i <= threads; i++) {
    pthread_t id;
    pthread_create(&id, 0, work, (void *)i);
  }
  pthread_barrier_wait(&barrier);
  for (long t = 1; t <= threads; t++) {
    for (int i = 0; i < BLOCKS; i += 30) free(blocks[t][i]), blocks[t][i] = 0;
  }
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
      for (int t = 0; t <= threads; t++) {
        for (int i = 0; i < BLOCKS / 2; i++) free(blocks[t][i]), blocks[t][i] = 0;
      }
    }
    found = bytes = 0;
    blocks_of(heap(), true, visit, 0);
    size_t held = 0, usable = 0;
    for (int t = 0; t <= threads; t++) {
      for (int i = 0; i < BLOCKS; i++) {
        if (blocks[t][i]) held++, usable += malloc_usable_size(blocks[t][i]);
      }
    }
    printf("truth %zu %zu %zu %zu\n", found, bytes, held, usable);
    fflush(stdout);
  }
}
