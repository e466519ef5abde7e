/* Fills and empties its memory again and again: a garbage-collected heap's shape.
 * usage: sawtooth PEAK_BYTES PERIOD_MILLIS
 * prints "ready" after the first period; ends with its standard input. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEPS = 50 };
static long peak, period;

static void *saw(void *unused) {
  (void)unused;
  static char *held[STEPS];
  for (int round = 0;; round++) {
    for (int i = 0; i < STEPS; i++) {
      long n = peak / STEPS;
      held[i] = malloc(n);
      memset(held[i], 'x', n);
      usleep(period * 1000 / STEPS);
    }
    for (int i = 0; i < STEPS; i++) free(held[i]);
    if (round == 0) {
      printf("ready\n");
      fflush(stdout);
    }
  }
  return NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  peak = atol(argv[1]);
  period = atol(argv[2]);
  pthread_t t;
  pthread_create(&t, NULL, saw, NULL);
  while (getchar() != EOF) {
  }
  return 0;
}
