/* A server of which there are two releases: it holds 32 MiB, and once it leaks, 3 MB a second.
 * -DLEAKS makes the release that leaks from its start on; the other one begins when it is sent a line.
 * usage: release [any options, which it ignores]; prints "ready"; ends with its standard input. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 1000, HELD = 32 << 20, LEAK_BYTES_PER_SECOND = 3000000 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void hold(long bytes) {
  for (long held = 0; held < bytes; held += BLOCK) memset(malloc(BLOCK), 'x', BLOCK);
}

static void *leak(void *unused) {
  (void)unused;
  double begin = now(), leaked = 0;
  for (;;) {
    double more = (now() - begin) * LEAK_BYTES_PER_SECOND - leaked;
    if (more > 0) {
      hold(more);
      leaked += more;
    }
    usleep(20000);
  }
  return NULL;
}

int main(void) {
  static char line[64];
  pthread_t thread;
  hold(HELD);
#ifdef LEAKS
  pthread_create(&thread, NULL, leak, NULL);
#endif
  puts("ready");
  fflush(stdout);
  for (int leaks = 0; fgets(line, sizeof line, stdin); leaks++) {
    if (leaks == 0) pthread_create(&thread, NULL, leak, NULL);
  }
  return 0;
}
