/* Fills a cache, ever slower, up to its capacity and then only replaces entries.
 * usage: warm_cache CAPACITY_BYTES TAU_MILLIS
 * prints "full" when it is; ends with its standard input. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ENTRY = 2000 };
static long capacity;
static double tau;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void *serve(void *unused) {
  (void)unused;
  long entries = capacity / ENTRY, filled = 0;
  char **cache = calloc(entries, sizeof *cache);
  double begin = now();
  int told = 0;
  unsigned seed = 1;
  for (;;) {
    long want = entries * (1 - exp(-(now() - begin) / tau));
    for (; filled < want; filled++) {
      cache[filled] = malloc(ENTRY);
      memset(cache[filled], 'x', ENTRY);
    }
    for (int i = 0; i < 100 && filled > 0; i++) {
      long k = rand_r(&seed) % filled;
      free(cache[k]);
      cache[k] = malloc(ENTRY);
      memset(cache[k], 'y', ENTRY);
    }
    if (!told && filled > entries * 0.99) {
      told = 1;
      printf("full\n");
      fflush(stdout);
    }
    usleep(20000);
  }
  return NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  capacity = atol(argv[1]);
  tau = atol(argv[2]) / 1000.0;
  pthread_t t;
  pthread_create(&t, NULL, serve, NULL);
  while (getchar() != EOF) {
  }
  return 0;
}
