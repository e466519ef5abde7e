/* One busy operation after the other, each on another thread: every arena keeps its high-water
 * mark although nothing stays in use. Looks like endless growth of 64 MB arenas, and is no leak.
 * usage: wandering_hog THREADS BYTES_EACH PAUSE_MILLIS
 * prints "done" when every thread had its turn; ends with its standard input. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 1000 };
static long bytes;
static pthread_barrier_t turn_over;

static void *hog(void *unused) {
  (void)unused;
  long blocks = bytes / BLOCK;
  char **held = malloc(blocks * sizeof *held);
  for (long i = 0; i < blocks; i++) {
    held[i] = malloc(BLOCK);
    memset(held[i], 'x', BLOCK);
  }
  for (long i = 0; i < blocks; i++) free(held[i]);
  free(held);
  pthread_barrier_wait(&turn_over);
  pause();
  return NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  int threads = atoi(argv[1]);
  bytes = atol(argv[2]);
  /* Freeing a large block raises glibc's trim threshold to twice its size, as servers see it. */
  free(malloc(30 << 20));
  pthread_barrier_init(&turn_over, NULL, 2);
  for (int i = 0; i < threads; i++) {
    pthread_t t;
    pthread_create(&t, NULL, hog, NULL);
    pthread_barrier_wait(&turn_over);
    usleep(atol(argv[3]) * 1000);
  }
  printf("done\n");
  fflush(stdout);
  while (getchar() != EOF) {
  }
  return 0;
}
