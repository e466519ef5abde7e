/* Leaks steadily through several threads, each with an arena of its own.
 * usage: leak_threads THREADS BYTES_PER_SECOND BLOCK_BYTES
 * prints "ready" when all threads run; ends with its standard input. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long rate, block;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void *leak(void *unused) {
  (void)unused;
  double begin = now(), leaked = 0;
  for (;;) {
    while (leaked < (now() - begin) * rate) {
      char *p = malloc(block);
      memset(p, 'x', block);
      leaked += block;
    }
    usleep(20000);
  }
  return NULL;
}

int main(int argc, char **argv) {
  int threads = atoi(argv[1]);
  rate = atol(argv[2]) / threads;
  block = atol(argv[3]);
  (void)argc;
  for (int i = 0; i < threads; i++) {
    pthread_t t;
    pthread_create(&t, NULL, leak, NULL);
  }
  printf("ready\n");
  fflush(stdout);
  while (getchar() != EOF) {
  }
  return 0;
}
