/* Allocates by malloc under jemalloc, which is preloaded or linked, along known call stacks, and
 * keeps what it allocates. usage: jemalloc_profile THREADS
 * Prints "ready"; for each line "dump FILE" it lets jemalloc write its own heap profile there and
 * prints "dumped", for "free" it frees what keep_small() got and prints "freed", for "sample" it
 * lets jemalloc sample from now on, allocates more by keep_large() and prints "sampled". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SMALL 200000
#define LARGE 400
typedef int control(const char *, void *, size_t *, void *, size_t);
extern control mallctl __attribute__((weak));
static char *small[SMALL];
static char *large[8][LARGE];
static pthread_barrier_t barrier;

__attribute__((noinline)) void *keep_small(int i) {
  small[i] = malloc(72);
  memset(small[i], 7, 72);
  return small[i];
}

__attribute__((noinline)) void *keep_large(long id, int i) {
  large[id][i] = malloc(20000);
  memset(large[id][i], 7, 20000);
  return large[id][i];
}

__attribute__((noinline)) long caller_of_small(void) {
  long sum = 0;
  for (int i = 0; i < SMALL; i++) sum += (long)keep_small(i);
  return sum;
}

static void *work(void *argument) {
  volatile long sum = 0;
  for (int i = 0; i < LARGE; i++) sum += (long)keep_large((long)argument, i);
  pthread_barrier_wait(&barrier);
  for (;;) pause();
  return 0;
}

int main(int count, char **arguments) {
  static char out[1 << 14];
  static char line[256];
  setvbuf(stdout, out, _IOFBF, sizeof out);
  control *ask = mallctl ? mallctl : (control *)dlsym(RTLD_DEFAULT, "mallctl");
  long threads = count > 1 ? atoi(arguments[1]) : 2;
  if (!ask) return 1;
  pthread_barrier_init(&barrier, 0, threads + 1);
  volatile long sum = caller_of_small();
  for (long i = 0; i < threads; i++) {
    pthread_t id;
    pthread_create(&id, 0, work, (void *)i);
  }
  pthread_barrier_wait(&barrier);
  printf("ready\n");
  fflush(stdout);
  while (read(0, line, 1) == 1) {
    int n = 1;
    while (line[n - 1] != '\n' && n < (int)sizeof line && read(0, line + n, 1) == 1) n++;
    line[n - 1] = 0;
    if (!strncmp(line, "dump ", 5)) {
      const char *file = line + 5;
      printf(ask("prof.dump", 0, 0, &file, sizeof file) ? "failed\n" : "dumped\n");
    } else if (!strcmp(line, "sample")) {
      bool active = true;
      int failed = ask("prof.active", 0, 0, &active, sizeof active);
      for (int i = 0; i < LARGE; i++) sum += (long)keep_large(7, i);
      printf(failed ? "failed\n" : "sampled\n");
    } else {
      for (int i = 0; i < SMALL; i++) free(small[i]);
      printf("freed\n");
    }
    fflush(stdout);
  }
  return sum == 0;
}
