// A program that brings its own malloc, as one that is linked with jemalloc statically does: it
// defines malloc and mallocx. Blocks come from mmap and stay. Two threads allocate 100 blocks.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXTENT_BYTES (4UL << 20)

static __thread char *next, *end;

void *mallocx(size_t bytes, int flags) {
  (void)flags;
  bytes = (bytes + 31) & ~15UL;
  if ((size_t)(end - next) < bytes) {
    size_t extent = bytes > EXTENT_BYTES ? bytes : EXTENT_BYTES;
    next = mmap(NULL, extent, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (next == MAP_FAILED) return NULL;
    end = next + extent;
  }
  size_t *block = (size_t *)next;
  next += bytes;
  *block = bytes;
  return block + 2;
}

void *malloc(size_t bytes) { return mallocx(bytes, 0); }
void free(void *block) { (void)block; }
void *calloc(size_t n, size_t bytes) { return mallocx(n * bytes, 0); }
void *realloc(void *old, size_t bytes) {
  char *block = mallocx(bytes, 0);
  if (old != NULL) memcpy(block, old, bytes < ((size_t *)old)[-2] ? bytes : ((size_t *)old)[-2]);
  return block;
}

static void *work(void *unused) {
  for (int i = 0; i < 100; i++) memset(malloc(4096), i, 4096);
  return unused;
}

int main(void) {
  pthread_t threads[2];
  static char line[64];
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, work, NULL);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  puts("ready");
  fflush(stdout);
  while (read(0, line, sizeof line) > 0) {
  }
  return 0;
}
