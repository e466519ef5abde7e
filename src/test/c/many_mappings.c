// Holds still with a given number of small anonymous mappings, one page of each written.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv) {
  static char line[64];
  if (argc != 2) return 2;
  for (long i = atol(argv[1]) / 2; i > 0; i--) {
    char *p = mmap(NULL, 16384, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(p + 4096, 12288, PROT_READ | PROT_WRITE) != 0) return 3;
    p[4096] = 1;
  }
  puts("ready");
  fflush(stdout);
  while (read(0, line, sizeof line) > 0) {
  }
  return 0;
}
