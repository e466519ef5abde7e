// A node full of processes: starts COUNT of itself, each with some MAPPINGS more than it has anyway
// and some THREADS with an arena each, and holds still with them until its input ends.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_barrier_t ready;

static void *hold(void *unused) {
  (void)unused;
  char *block = malloc(4096);
  memset(block, 1, 4096);
  pthread_barrier_wait(&ready);
  pause();
  return block;
}

static int child(long mappings, long threads) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pthread_barrier_init(&ready, NULL, threads + 1);
  for (long i = 0; i < threads; i++) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 << 10);
    if (pthread_create(&thread, &attributes, hold, NULL) != 0) return 4;
  }
  for (long i = mappings / 2; i > 0; i--) {
    char *p = mmap(NULL, 16384, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(p + 4096, 12288, PROT_READ | PROT_WRITE) != 0) return 3;
    p[4096] = 1;
  }
  pthread_barrier_wait(&ready);
  if (write(STDOUT_FILENO, ".", 1) != 1) return 5;
  pause();
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 5 && strcmp(argv[1], "child") == 0) return child(atol(argv[3]), atol(argv[4]));
  if (argc != 4) return 2;
  int pipes[2];
  if (pipe(pipes) != 0) return 6;
  long count = atol(argv[1]);
  for (long i = 0; i < count; i++) {
    if (fork() == 0) {
      char number[24];
      snprintf(number, sizeof number, "%ld", i);
      dup2(pipes[1], STDOUT_FILENO);
      close(pipes[0]);
      close(pipes[1]);
      execl("/proc/self/exe", argv[0], "child", number, argv[2], argv[3], (char *)NULL);
      _exit(7);
    }
  }
  close(pipes[1]);
  char dot;
  for (long i = 0; i < count; i++) {
    if (read(pipes[0], &dot, 1) != 1) return 8;
  }
  puts("ready");
  fflush(stdout);
  char line[64];
  while (read(STDIN_FILENO, line, sizeof line) > 0) {
  }
  return 0;
}
