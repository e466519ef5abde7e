/* unmapped_memory MEGABYTES_PER_SECOND MEGABYTES: writes into memfds that are never mapped and whose descriptors
 * are kept, up to a sum. No process' resident memory shows it, their cgroup fills. Waits for a line before it
 * begins, so that it is in its cgroup by then. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv) {
  static char block[1 << 20];
  char line[16];
  if (argc != 3) return 2;
  int per_second = atoi(argv[1]);
  int left = atoi(argv[2]);
  memset(block, 7, sizeof block);
  alarm(600);
  printf("ready\n");
  fflush(stdout);
  if (!fgets(line, sizeof line, stdin)) return 0;
  for (; left > 0; left -= per_second) {
    int fd = memfd_create("pane buffer", 0);
    for (int k = 0; k < per_second; k++) {
      if (write(fd, block, sizeof block) < 0) return 1;
      usleep(1000000 / per_second);
    }
  }
  for (;;) pause();
}
