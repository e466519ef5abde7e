/* Threads with an arena each that allocate at command and free nothing.
 * usage: growing_heap THREADS MEGABYTES
 * prints "ready" when each thread has MEGABYTES; each line of input makes each allocate as much again
 * and prints "grown" and the bytes that malloc was asked for in all. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1000 };

static long megabytes;
static int threads;
static pthread_barrier_t go, done;

static void *work(void *unused) {
  (void)unused;
  for (;;) {
    for (long made = 0; made < megabytes << 20; made += BLOCK) {
      memset(malloc(BLOCK), 'x', BLOCK);
    }
    pthread_barrier_wait(&done);
    pthread_barrier_wait(&go);
  }
  return NULL;
}

int main(int argc, char **argv) {
  static char line[64];
  if (argc != 3) return 2;
  threads = atoi(argv[1]);
  megabytes = atol(argv[2]);
  pthread_barrier_init(&go, NULL, threads + 1);
  pthread_barrier_init(&done, NULL, threads + 1);
  for (int i = 0; i < threads; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) != 0) return 3;
  }
  pthread_barrier_wait(&done);
  puts("ready");
  fflush(stdout);
  for (long rounds = 2; fgets(line, sizeof line, stdin); rounds++) {
    pthread_barrier_wait(&go);
    pthread_barrier_wait(&done);
    printf("grown %ld\n", rounds * threads * (megabytes << 20));
    fflush(stdout);
  }
  return 0;
}
