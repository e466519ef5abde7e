/* Copies the brk heap of a process by process_vm_readv and does nothing with it: what any reader
 * pays at least. usage: heapfloor PID ROUNDS; prints "floor CPU-SECONDS BYTES" for each round. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

int main(int count, char **arguments) {
  int pid = atoi(arguments[1]);
  char line[600];
  unsigned long start = 0, end = 0, from, to;
  const size_t window = 1 << 18;
  snprintf(line, sizeof line, "/proc/%d/maps", pid);
  FILE *maps = fopen(line, "r");
  while (maps && fgets(line, sizeof line, maps)) {
    if (strstr(line, "[heap]") && sscanf(line, "%lx-%lx", &from, &to) == 2) {
      if (!start) start = from;
      end = to;
    }
  }
  char *buffer = aligned_alloc(4096, window);
  for (int i = 0; i < atoi(arguments[2]); i++) {
    struct timespec a, b;
    unsigned long bytes = 0;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    for (unsigned long at = start; at < end; at += window) {
      size_t length = end - at < window ? end - at : window;
      struct iovec local = {buffer, length}, remote = {(void *)at, length};
      ssize_t got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
      if (got > 0) bytes += got;
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    printf("floor %.6f %lu\n", b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) * 1e-9, bytes);
    fflush(stdout);
  }
  return 0;
}
