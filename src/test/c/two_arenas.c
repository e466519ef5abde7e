// Two threads that each allocate 100 blocks of 4 KiB, or as many as are asked for: two thread
// arenas beside the main one.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_barrier_t done;
static int blocks = 100;

static void *worker(void *unused) {
  for (int i = 0; i < blocks; i++) {
    memset(malloc(4096), 1, 4096);
  }
  pthread_barrier_wait(&done);
  pause();
  return unused;
}

int main(int argc, char **argv) {
  char line[64];
  blocks = argc > 1 ? atoi(argv[1]) : blocks;
  pthread_t thread;
  setvbuf(stdout, NULL, _IONBF, 0);
  pthread_barrier_init(&done, NULL, 3);
  memset(malloc(1024), 1, 1024);
  for (int i = 0; i < 2; i++) {
    pthread_create(&thread, NULL, worker, NULL);
  }
  pthread_barrier_wait(&done);
  printf("ready\n");
  while (fgets(line, sizeof line, stdin)) {
  }
  return 0;
}
