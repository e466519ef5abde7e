/* Allocates by musl's malloc (compiled with musl's specs) and tells what it holds itself.
 * usage: musl_truth
 * Prints "ready"; for each line: "truth BLOCKS BYTES" in blocks and bytes that were asked for. On
 * "free" it frees half of what it holds. */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCKS 40000
static char *blocks[BLOCKS];

int main(void) {
  static char out[1 << 14];
  static char line[64];
  setvbuf(stdout, out, _IOFBF, sizeof out);
  uint64_t r = 88172645463325252ull;
  for (int i = 0; i < BLOCKS; i++) {
    r ^= r << 13, r ^= r >> 7, r ^= r << 17;
    size_t size = i % 500 == 0 ? 200000 + r % 100000 : 1 + r % 3000;
    blocks[i] = malloc(size);
    memset(blocks[i], 7, size);
  }
  for (int i = 0; i < BLOCKS; i++) {
    if (i % 3) free(blocks[i]), blocks[i] = 0;
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
      for (int i = 0; i < BLOCKS / 2; i++) free(blocks[i]), blocks[i] = 0;
    }
    size_t held = 0, bytes = 0;
    for (int i = 0; i < BLOCKS; i++) {
      if (blocks[i]) held++, bytes += malloc_usable_size(blocks[i]);
    }
    printf("truth %zu %zu\n", held, bytes);
    fflush(stdout);
  }
}
