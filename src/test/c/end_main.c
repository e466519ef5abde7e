// Ends its main thread and goes on with another one, which holds 4 MiB. Prints their address when
// the main thread has gone; ends when a line comes or the input ends.
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BYTES (4UL << 20)

static pthread_t first;

static void *hold(void *unused) {
  char line[64];
  char *block = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) return unused;
  memset(block, 1, BYTES);
  pthread_join(first, NULL);
  printf("ready %lx\n", (long)block);
  fflush(stdout);
  ssize_t got = read(0, line, sizeof line);
  _exit(got < 0);
}

int main(void) {
  pthread_t thread;
  first = pthread_self();
  if (pthread_create(&thread, NULL, hold, NULL) != 0) return 1;
  pthread_exit(NULL);
}
