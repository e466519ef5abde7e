// Holds 8 MiB, puts the upper half into swap, prints the address and how much of it is there still.
// For each line that comes it counts again, without touching it.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BYTES (8UL << 20)
#define PAGE 4096UL

static long present(char *block) {
  static unsigned char there[BYTES / PAGE];
  long count = 0;
  mincore(block, BYTES, there);
  for (size_t i = 0; i < sizeof there; i++) count += there[i] & 1;
  return count;
}

int main(void) {
  static char line[64];
  char *block = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) return 1;
  madvise(block, BYTES, MADV_NOHUGEPAGE);
  for (size_t i = 0; i < BYTES; i += 8) *(size_t *)(block + i) = i * 0x9e3779b97f4a7c15UL;
  madvise(block + BYTES / 2, BYTES / 2, 21 /* MADV_PAGEOUT */);
  do {
    printf("ready %lx %ld\n", (long)block, present(block));
    fflush(stdout);
  } while (read(0, line, sizeof line) > 0);
  return 0;
}
