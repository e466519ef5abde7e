/* Uses malloc in one of the ways that real programs do, and tells the truth about itself.
 * usage: heapchurn MODE
 * It prints "ready PID". On "info" it prints malloc_info(0), ended by a line "done 0"; on "trim" its
 * anonymous resident bytes before and after malloc_trim(0).
 *
 * aligned    memalign, posix_memalign, aligned_alloc of many alignments, half freed
 * grown      blocks that grow by realloc to megabytes
 * tuned      M_MMAP_THRESHOLD at 32 MiB, M_TOP_PAD, M_ARENA_MAX and M_MMAP_MAX set by mallopt
 * huge       mmapped chunks of more than 64 MiB, among them aligned ones
 * threads    two thousand threads that came and went, 40 at a time
 * manyarenas 64 threads that stay, each with an arena if there are as many
 * few        three arenas with little in them
 * forked     a child that was forked while two threads had arenas
 * sbrk       somebody else calls sbrk between the allocations
 * blocked    brk is blocked by a mapping right behind it, so the main arena goes on elsewhere
 * released   as blocked, and later brk is free again
 * paged      half of the brk heap is put into swap where there is any, and pages of large blocks
 *            in use are given back lazily (MADV_FREE)
 * full       heaps filled until their tops are as small as they get
 * plain      50000 blocks, a third of them freed
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t state = 88172645463325252ull;

static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static void touch(char *p, size_t n) {
  for (size_t i = 0; i < n; i += 64) p[i] = 0x5a;
  if (n) p[n - 1] = 0x5a;
}

static char *get(size_t n) {
  char *p = malloc(n);
  touch(p, n);
  return p;
}

static void blocks(int n, int largest) {
  char **p = malloc(n * sizeof *p);
  for (int i = 0; i < n; i++) p[i] = get(24 + next() % largest);
  for (int i = 0; i < n; i += 3) free(p[i]);
  for (int i = n / 2; i < n / 2 + n / 8; i++) {
    if (i % 3) free(p[i]);
  }
}

static void aligned(void) {
  static void *p[20000];
  for (int i = 0; i < 20000; i++) {
    size_t alignment = 32ul << next() % 10, size = 1 + next() % 20000;
    if (i % 3 == 0) p[i] = memalign(alignment, size);
    else if (i % 3 == 1) posix_memalign(&p[i], alignment, size);
    else p[i] = aligned_alloc(alignment, (size + alignment - 1) & -alignment);
    touch(p[i], size);
  }
  for (int i = 0; i < 20000; i += 2) free(p[i]);
}

static void grown(void) {
  static char *p[40];
  for (size_t n = 100; n < 3000000; n = n * 5 / 3) {
    for (int i = 0; i < 40; i++) {
      p[i] = realloc(p[i], n);
      touch(p[i], n);
      get(next() % 300);
    }
  }
  for (int i = 0; i < 40; i += 2) p[i] = realloc(p[i], 5000);
}

static void huge(void) {
  free(get(70ul << 20));
  for (int i = 0; i < 3; i++) get((65ul << 20) + i * 12345);
  touch(memalign(1 << 16, 100ul << 20), 1 << 20);
  blocks(1000, 500);
}

static void *passing(void *unused) {
  for (int i = 0; i < 50; i++) {
    char *p = get(16 + next() % 3000);
    if (i % 4) free(p);
  }
  return unused;
}

static void threads(void) {
  pthread_t id[40];
  for (int round = 0; round < 50; round++) {
    for (int i = 0; i < 40; i++) pthread_create(&id[i], 0, passing, 0);
    for (int i = 0; i < 40; i++) pthread_join(id[i], 0);
  }
}

static pthread_barrier_t barrier;
static int each = 2000;

static void *staying(void *unused) {
  blocks(each, 1500);
  pthread_barrier_wait(&barrier);
  for (;;) pause();
  return unused;
}

static void stay(int n) {
  pthread_t id;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_barrier_init(&barrier, 0, n + 1);
  for (int i = 0; i < n; i++) pthread_create(&id, &attributes, staying, 0);
  pthread_barrier_wait(&barrier);
}

static void foreign(void) {
  for (int i = 0; i < 5; i++) {
    blocks(3000, 900);
    char *mine = sbrk(100000 + 16 * i);
    memset(mine, 0x11, 100000);
  }
  blocks(3000, 900);
}

/* Maps a page right behind brk; several regions of a megabyte and more follow. */
static void blocked(int release) {
  blocks(5000, 900);
  char *end = sbrk(0);
  char *behind = (char *)(((uintptr_t)end + 4095) & -4096);
  void *wall = mmap(behind, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (wall == MAP_FAILED) exit(1);
  for (int i = 0; i < 10; i++) {
    blocks(3000, 900);
    void *else_where = mmap(0, 300000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(else_where, i, 300000);
    get(200000 + 4096 * i); /* mmapped */
  }
  if (release) {
    munmap(wall, 4096);
    blocks(20000, 900);
  }
}

static void paged(void) {
  char *first = get(1000);
  blocks(60000, 700);
  static char *lazy[40];
  for (int i = 0; i < 40; i++) lazy[i] = get(100000);
  blocks(1000, 700);
  char *start = (char *)((uintptr_t)first & -4096);
  madvise(start, ((char *)sbrk(0) - start) / 2 & -4096, 21 /* MADV_PAGEOUT */);
  for (int i = 0; i < 40; i++) {
    madvise((char *)(((uintptr_t)lazy[i] + 4095) & -4096), 80 << 10, 8 /* MADV_FREE */);
  }
}

static void full(void) {
  while (mallinfo2().keepcost > 64 || mallinfo2().arena < 3000000) get(mallinfo2().keepcost > 5000 ? 1000 : 24);
}

static long resident(void) {
  char text[128];
  int file = open("/proc/self/statm", O_RDONLY);
  ssize_t n = read(file, text, sizeof text - 1);
  close(file);
  text[n > 0 ? n : 0] = 0;
  long all = 0, files = 0;
  sscanf(text, "%*d %ld %ld", &all, &files);
  return (all - files) * sysconf(_SC_PAGESIZE);
}

int main(int count, char **arguments) {
  static char out[1 << 16];
  static char line[64];
  setvbuf(stdout, out, _IOFBF, sizeof out);
  const char *mode = count > 1 ? arguments[1] : "";
  if (!strcmp(mode, "aligned")) aligned();
  else if (!strcmp(mode, "grown")) grown();
  else if (!strcmp(mode, "huge")) huge();
  else if (!strcmp(mode, "threads")) threads();
  else if (!strcmp(mode, "manyarenas")) stay(64);
  else if (!strcmp(mode, "sbrk")) foreign();
  else if (!strcmp(mode, "blocked")) blocked(0);
  else if (!strcmp(mode, "released")) blocked(1);
  else if (!strcmp(mode, "full")) full();
  else if (!strcmp(mode, "paged")) paged();
  else if (!strcmp(mode, "few")) each = 100, stay(2), blocks(100, 1500);
  else if (!strcmp(mode, "tuned")) {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TOP_PAD, 10 << 20);
    mallopt(M_MMAP_MAX, 3);
    stay(4);
    blocks(200, 5000000);
    for (int i = 0; i < 5; i++) get(33ul << 20);
  } else if (!strcmp(mode, "forked")) {
    stay(2);
    blocks(5000, 900);
    int child = fork();
    if (child) {
      waitpid(child, 0, 0);
      return 0;
    }
    blocks(5000, 900);
  } else {
    blocks(50000, 700);
  }
  printf("ready %d\n", (int)getpid());
  fflush(stdout);
  for (;;) {
    int n = 0;
    char c;
    while (read(0, &c, 1) == 1 && c != '\n') {
      if (n < (int)sizeof line - 1) line[n++] = c;
    }
    line[n] = 0;
    if (n == 0) return 0;
    if (!strcmp(line, "trim")) {
      long before = resident();
      malloc_trim(0);
      printf("trim %ld %ld\n", before, resident());
    } else {
      malloc_info(0, stdout);
      printf("\ndone 0\n");
    }
    fflush(stdout);
  }
}
