/* Incident B in small: grows fast, frees nearly all of it, and one long-lived block at the top of
 * the heap keeps everything below it.
 * usage: pinned_heap BYTES GROW_MILLIS [global]: with the block held by a variable of the program
 * prints "grown", then "freed"; ends with its standard input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 8192, STEPS = 100 };

volatile struct {
  long entries;
  char *last;
} g_journal;

__attribute__((noinline)) static char *pin_top(int by_variable) {
  char *pin = malloc(64);
  strcpy(pin, "the last entry of the journal");
  if (by_variable) {
    g_journal.last = pin;
    return NULL;
  }
  return pin;
}

int main(int argc, char **argv) {
  static char output[256];
  setvbuf(stdout, output, _IOLBF, sizeof output);  // Or its buffer would be the topmost block.
  long blocks = atol(argv[1]) / BLOCK;
  long pause = atol(argv[2]) * 1000 / STEPS;
  char **held = malloc(blocks * sizeof *held);
  for (long i = 0; i < blocks; i++) {
    held[i] = malloc(BLOCK - 16);
    memset(held[i], 'x', BLOCK - 16);
    if (i % (blocks / STEPS + 1) == 0) usleep(pause);
  }
  char *pin = pin_top(argc > 3);
  printf("grown\n");
  fflush(stdout);
  usleep(2000000);
  for (long i = 0; i < blocks; i++) free(held[i]);
  printf("freed\n");
  fflush(stdout);
  while (getchar() != EOF) {
  }
  return pin != NULL && pin[0] == 0;
}
