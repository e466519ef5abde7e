// Asks for 64 chunks of 1 MiB and writes to the first page of each: in an arena with the argument
// "arena", else each in a mapping of its own; with "reserved" it also reserves 8 TiB. Prints "ready".
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "arena") == 0) mallopt(M_MMAP_MAX, 0);
  if (argc > 1 && strcmp(argv[1], "reserved") == 0 &&
      mmap(NULL, 8UL << 40, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) ==
          MAP_FAILED)
    return 1;
  static char *volatile chunks[64];
  for (int i = 0; i < 64; i++) {
    chunks[i] = malloc(1 << 20);
    memset(chunks[i], 1, 64);
  }
  printf("ready\n");
  fflush(stdout);
  getchar();
  return 0;
}
