/* unjoined_threads PER_SECOND: a thread for each event, which ends and is never joined. Its stack of 8 MiB of
 * address space and the guard below stay; of memory only some bytes. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *poll_once(void *x) {
  char b[3000];
  memset(b, 1, sizeof b);
  return (char *)x + (b[9] == 2);
}

int main(int argc, char **argv) {
  long pause = 1000000 / (argc > 1 ? atoi(argv[1]) : 250);
  alarm(600);
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    pthread_t t;
    usleep(pthread_create(&t, 0, poll_once, 0) ? 1000000 : pause);
  }
}
