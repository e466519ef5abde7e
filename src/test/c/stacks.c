/* Maps stacks: THREADS of threads that wait, ENDED of threads that ended and that nobody joins, and
   COROUTINES of 1 MiB above a guard, as brpc maps them for its bthreads, on none of which a thread
   runs. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GUARD = 4096, COROUTINE = 1 << 20 };

static void *ends(void *unused) {
  (void)unused;
  return NULL;
}

static void *waits(void *unused) {
  (void)unused;
  for (;;) pause();
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  pthread_t thread;
  for (int i = 0; i < atoi(argv[1]); i++) pthread_create(&thread, NULL, waits, NULL);
  for (int i = 0; i < atoi(argv[2]); i++) pthread_create(&thread, NULL, ends, NULL);
  for (int i = 0; i < atoi(argv[3]); i++) {
    char *stack = mmap(NULL, COROUTINE + GUARD, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(stack, GUARD, PROT_NONE);
    memset(stack + GUARD + COROUTINE - 8192, 1, 8192);
  }
  puts("ready");
  fflush(stdout);
  getchar();
  return 0;
}
