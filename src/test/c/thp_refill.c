/* Most of a heap of 200 MB is freed and given back; when it is told to, huge pages fill the holes again,
 * 20 MB a second: nothing is allocated, and Rss grows.
 * prints "ready" when the holes are there, or "no huge pages"; ends with its standard input. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

enum { COUNT = 100000, BYTES = 2000, HUGE_BYTES = 2 << 20 };
static char *block[COUNT];

static int fill(uintptr_t address) {
  madvise((void *)address, HUGE_BYTES, MADV_HUGEPAGE);
  return madvise((void *)address, HUGE_BYTES, MADV_COLLAPSE);
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  for (int i = 0; i < COUNT; i++) memset(block[i] = malloc(BYTES), 1, BYTES);
  for (int i = 0; i < COUNT; i++) {
    if (i % 256) free(block[i]); /* One chunk in 512 KB lives. */
  }
  malloc_trim(0);
  uintptr_t from = ((uintptr_t)block[0] + HUGE_BYTES - 1) & -(uintptr_t)HUGE_BYTES;
  uintptr_t to = (uintptr_t)block[COUNT / 256 * 256];
  printf(fill(from) ? "no huge pages\n" : "ready\n");
  if (getchar() == EOF) return 0;
  for (uintptr_t a = from + HUGE_BYTES; a + HUGE_BYTES <= to; a += HUGE_BYTES) {
    fill(a);
    usleep(100000);
  }
  while (getchar() != EOF) {
  }
  return 0;
}
