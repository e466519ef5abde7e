/* Frees what it has just written, lazily: BYTES a second more every second, all of it marked by
 * MADV_FREE. The kernel goes on to count such pages as resident and anonymous until memory is short
 * (Linux 4.5), so the counters of the process rise like those of a leak; only smaps tells.
 * usage: lazy_free BYTES_PER_SECOND
 * prints "ready"; ends with its standard input. */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { PIECE = 1 << 18 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  double rate = atof(argv[1]), begin = now(), made = 0;
  size_t room = 8UL << 30;
  char *memory = mmap(NULL, room, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return 3;
  madvise(memory, room, MADV_NOHUGEPAGE);
  puts("ready");
  fflush(stdout);
  struct pollfd input = {.fd = 0, .events = POLLIN};
  while (poll(&input, 1, 10) == 0 && made + PIECE < room) {
    while (made < rate * (now() - begin) && made + PIECE < room) {
      memset(memory + (size_t)made, 1, PIECE);
      if (madvise(memory + (size_t)made, PIECE, MADV_FREE) != 0) return 4;
      made += PIECE;
    }
  }
  return 0;
}
