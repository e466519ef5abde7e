// Uses up what it is told to, line by line, and answers each line with "done":
//   descriptors N, threads N, mappings N, splits N, anonymous BYTES, limit AS|DATA|NOFILE N,
//   write BYTES FILE (synced, left in the page cache), user UID
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static void *rest(void *unused) {
  for (;;) pause(); // setuid interrupts it
  return unused;
}

static void must(int well) {
  if (!well) {
    perror("resource_user");
    exit(3);
  }
}

static void *map(size_t bytes, int protection) {
  void *p = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  must(p != MAP_FAILED);
  return p;
}

static void start_threads(long n) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  while (n-- > 0) {
    pthread_t thread;
    must(pthread_create(&thread, &small, rest, NULL) == 0);
  }
}

static void write_file(long bytes, const char *name) {
  static char block[65536];
  int file = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600);
  must(file >= 0);
  memset(block, 'x', sizeof block);
  for (long left = bytes; left > 0; left -= sizeof block) must(write(file, block, sizeof block) > 0);
  must(fsync(file) == 0);
  close(file);
}

static void set_limit(const char *name, long n) {
  int which = strcmp(name, "AS") == 0 ? RLIMIT_AS : strcmp(name, "DATA") == 0 ? RLIMIT_DATA : RLIMIT_NOFILE;
  struct rlimit limit;
  must(getrlimit(which, &limit) == 0);
  limit.rlim_cur = n;
  must(setrlimit(which, &limit) == 0);
}

int main(void) {
  char line[4096], word[16], name[4000];
  long n;
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "descriptors %ld", &n) == 1) {
      while (n-- > 0) must(dup(0) >= 0);
    } else if (sscanf(line, "threads %ld", &n) == 1) {
      start_threads(n);
    } else if (sscanf(line, "mappings %ld", &n) == 1) {
      // Neighbours of unlike permissions do not merge.
      for (long i = 0; i < n; i++) map(4096, i & 1 ? PROT_READ : PROT_READ | PROT_WRITE);
    } else if (sscanf(line, "splits %ld", &n) == 1) {
      char *p = map((2 * n + 1) * 4096, PROT_READ | PROT_WRITE);
      for (long i = 0; i < n; i++) must(mprotect(p + (2 * i + 1) * 4096, 4096, PROT_READ) == 0);
    } else if (sscanf(line, "anonymous %ld", &n) == 1) {
      memset(map(n, PROT_READ | PROT_WRITE), 1, n);
    } else if (sscanf(line, "limit %15s %ld", word, &n) == 2) {
      set_limit(word, n);
    } else if (sscanf(line, "write %ld %3999s", &n, name) == 2) {
      write_file(n, name);
    } else if (sscanf(line, "user %ld", &n) == 1) {
      must(setgid(n) == 0 && setuid(n) == 0);
    } else {
      return 2;
    }
    puts("done");
    fflush(stdout);
  }
  return 0;
}
