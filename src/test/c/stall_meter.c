// Measures how long its own mmap_lock is held by others: maps and unmaps 64 KiB in a loop and
// keeps the longest pair. Arguments: number of mappings, bytes of each. Answers a line on standard
// input with the longest pair since the last answer, in microseconds.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static double micros(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  long count = atol(argv[1]);
  size_t bytes = strtoul(argv[2], NULL, 10);
  for (long i = 0; i < count; i++) {
    // A guard page before each keeps them from being merged.
    char *p = mmap(NULL, bytes + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(p + 4096, bytes, PROT_READ | PROT_WRITE) != 0) return 3;
    madvise(p + 4096, bytes, MADV_NOHUGEPAGE);
    memset(p + 4096, 1, bytes);
  }
  puts("ready");
  fflush(stdout);
  double longest = 0;
  struct pollfd input = {.fd = 0, .events = POLLIN};
  for (;;) {
    for (int i = 0; i < 64; i++) {
      double before = micros();
      void *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      munmap(p, 65536);
      double took = micros() - before;
      if (took > longest) longest = took;
    }
    if (poll(&input, 1, 1) > 0) {
      static char line[64];
      if (read(0, line, sizeof line) <= 0) return 0;
      printf("longest %.0f\n", longest);
      fflush(stdout);
      longest = 0;
    }
  }
}
