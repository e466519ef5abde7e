// Memory in every state that a reader must leave alone: written, only reserved, read but never
// written (the zero page), released lazily, without permission. Prints the addresses, then obeys:
//   exec   becomes another program image of itself, with the same pid
//   end of input: ends
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1UL << 20)

static char *map(size_t bytes, int protection) {
  // A guard page before each block keeps blocks from being merged.
  char *p = mmap(NULL, bytes + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED || mprotect(p + 4096, bytes, protection) != 0) abort();
  madvise(p + 4096, bytes, MADV_NOHUGEPAGE);
  return p + 4096;
}

int main(int argc, char **argv) {
  char *written = map(4 * MIB, PROT_READ | PROT_WRITE);
  for (size_t i = 0; i < 4 * MIB; i += 8) *(size_t *)(written + i) = (size_t)written + i;
  char *half = map(4 * MIB, PROT_READ | PROT_WRITE);
  memset(half, 7, 2 * MIB);
  char *untouched = map(4 * MIB, PROT_READ | PROT_WRITE);
  char *zero = map(4 * MIB, PROT_READ);
  volatile char sum = 0;
  for (size_t i = 0; i < 4 * MIB; i += 4096) sum += zero[i];
  char *none = map(4 * MIB, PROT_READ | PROT_WRITE);
  memset(none, 1, MIB);
  mprotect(none, 4 * MIB, PROT_NONE);
  printf("ready %lx %lx %lx %lx %lx\n", (long)written, (long)half, (long)untouched, (long)zero,
         (long)none);
  fflush(stdout);
  // Plain reads: stdio would allocate its buffer while the test is already measuring.
  static char line[64];
  while (read(0, line, sizeof line) > 0) {
    if (strncmp(line, "exec", 4) == 0) execl("/proc/self/exe", argv[0], "again", NULL);
  }
  return argc == 0;
}
