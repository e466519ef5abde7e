/* deleted_maps DIR COUNT PER_SECOND: maps segment files of its own naming, deletes them, and forgets to
 * unmap: COUNT at once, "ready", then so many a second. What is anonymous stays level. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int segment(const char *directory, int i) {
  static volatile char sum;
  char name[4096];
  snprintf(name, sizeof name, "%s/_%x_%d_Lucene90_0.dvd", directory, i, i % 98);
  int fd = open(name, O_RDWR | O_CREAT, 0600);
  if (fd < 0 || ftruncate(fd, 8192)) return 0;
  char *m = mmap(0, 8192, PROT_READ, MAP_SHARED, fd, 0);
  if (m != MAP_FAILED) sum += m[0];
  close(fd);
  unlink(name);
  return m != MAP_FAILED;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int count = atoi(argv[2]);
  long pause = 1000000 / atoi(argv[3]);
  int i = 0;
  alarm(600);
  while (i < count) segment(argv[1], i++);
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    usleep(segment(argv[1], i++) ? pause : 1000000); /* at the limit it goes on as the real one did */
  }
}
