/* Uses malloc in one of several ways and tells the truth about it.
 * usage: heaptruth MODE THREADS [MEGABYTES]
 * On "info" it quiesces its threads (between two calls of malloc), prints malloc_info(0), ended by a
 * line "done OPERATIONS", and stays quiet until "go". On "trim" it prints its anonymous resident
 * bytes before and after malloc_trim(0). On "ops" it prints how many operations were done. On
 * "release" it frees the block that pins the main heap. */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/mman.h>

#define SLOTS 20000
#define THREADS_MAX 64

static atomic_int pause_wanted, paused, settled;
static atomic_long operations;
static const char *mode;
static int threads;
static long megabytes;
static char *pinning;

static void touch(char *p, size_t n) {
  for (size_t i = 0; i < n; i += 64) p[i] = 0x5a;
}

static void wait_while_paused(void) {
  if (!atomic_load(&pause_wanted)) return;
  atomic_fetch_add(&paused, 1);
  while (atomic_load(&pause_wanted)) usleep(200);
  atomic_fetch_sub(&paused, 1);
}

/* A thread that is done with its work; with no threads the main one does it and goes on. */
static void *settle(void) {
  atomic_fetch_add(&settled, 1);
  while (threads) wait_while_paused(), usleep(500);
  return 0;
}

static uint64_t next(uint64_t *r) {
  *r ^= *r << 13;
  *r ^= *r >> 7;
  *r ^= *r << 17;
  return *r;
}

/* storm: small blocks at full speed; churn: mixed sizes, mmapped ones among them; mixed: as churn,
 * but it stops after a while */
static void *churn(void *argument) {
  long id = (long)argument;
  uint64_t r = 88172645463325252ull ^ ((uint64_t)id * 0x9E3779B97F4A7C15ull);
  int storm = !strcmp(mode, "storm"), mixed = !strcmp(mode, "mixed");
  void **slots = calloc(SLOTS, sizeof *slots);
  long n = 0;
  for (;;) {
    if (mixed && n == 200000 + id * 1000) {
      return settle();
    }
    wait_while_paused();
    size_t i = next(&r) % SLOTS;
    free(slots[i]);
    slots[i] = 0;
    if (next(&r) % 100 < 70) {
      uint64_t k = next(&r) % 1000;
      size_t size = storm ? 16 + next(&r) % 2000
                  : k < 850 ? 16 + next(&r) % 1000
                  : k < 990 ? 1024 + next(&r) % 30000
                  : k < 999 ? 32768 + next(&r) % 90000
                  : 140000 + next(&r) % 400000;
      slots[i] = malloc(size);
      if (slots[i]) touch(slots[i], size < 4096 ? size : 4096);
    }
    if ((++n & 1023) == 0) {
      atomic_fetch_add(&operations, 1024);
      if (!strcmp(mode, "churn")) usleep(200);
    }
    if (n == 40000 && !mixed) atomic_fetch_add(&settled, 1);
  }
  return 0;
}

/* pinned: each thread fills an arena, then frees all but the last block */
static void *pin(void *argument) {
  (void)argument;
  long n = megabytes << 10;
  void **p = malloc(n * sizeof *p);
  for (long i = 0; i < n; i++) {
    p[i] = malloc(1000);
    memset(p[i], 1, 1000);
  }
  for (long i = 0; i < n - 1; i++) free(p[i]);
  char *last = p[n - 1];
  pinning = last;
  memset(last, 0, 64);
  strcpy(last, "Session-4711");
  printf("pin %p %ld\n", (void *)(last - 16), (long)malloc_usable_size(last) + 8);
  fflush(stdout);
  return settle();
}

/* uniform: blocks of 100 bytes */
static void *uniform(void *argument) {
  (void)argument;
  long n = (megabytes << 20) / 112;
  for (long i = 0; i < n; i++) {
    char *p = malloc(100);
    memset(p, 7, 100);
  }
  return settle();
}

/* holes: blocks of many sizes, of which runs are freed, so that whole pages fall free */
static void *holes(void *argument) {
  uint64_t r = 1234567 + (uint64_t)(long)argument;
  long n = megabytes << 8;
  void **p = malloc(n * sizeof *p);
  for (long i = 0; i < n; i++) {
    size_t size = 100 + next(&r) % 8000;
    p[i] = malloc(size);
    touch(p[i], size);
  }
  for (long i = 0; i + 64 < n; i += next(&r) % 16) {
    for (long k = next(&r) % 12; k > 0 && i + 64 < n; k--, i++) free(p[i]);
  }
  void *top = malloc(50);
  touch(top, 50);
  return settle();
}

/* Anonymous resident bytes: what malloc_trim gives back, without the pages of its own code that the
 * kernel maps when it runs for the first time. */
static long resident(void) {
  char text[128];
  long all = 0, files = 0;
  int file = open("/proc/self/statm", O_RDONLY);
  ssize_t n = read(file, text, sizeof text - 1);
  close(file);
  text[n > 0 ? n : 0] = 0;
  sscanf(text, "%*d %ld %ld", &all, &files);
  return (all - files) * sysconf(_SC_PAGESIZE);
}

static void quiesce(void) {
  atomic_store(&pause_wanted, 1);
  while (atomic_load(&paused) < threads) usleep(100);
}

int main(int count, char **arguments) {
  static char out[1 << 16];
  static char line[256];
  setvbuf(stdout, out, _IOFBF, sizeof out);
  mode = arguments[1];
  threads = atoi(arguments[2]);
  megabytes = count > 3 ? atol(arguments[3]) : 32;
  void *(*work)(void *) = !strcmp(mode, "pinned") ? pin
                        : !strcmp(mode, "uniform") ? uniform
                        : !strcmp(mode, "holes") ? holes
                        : churn;
  static void *small[50000];
  static void *big[20];
  if (!strcmp(mode, "mixed") || !strcmp(mode, "churn") || !strcmp(mode, "storm")) {
    for (int i = 0; i < 50000; i++) small[i] = malloc(24 + (i * 37) % 700);
    for (int i = 0; i < 50000; i += 3) free(small[i]);
    for (int i = 0; i < 20; i++) {
      big[i] = malloc(3000000 + i * 4096);
      touch(big[i], 8);
    }
  }
  static pthread_t id[THREADS_MAX];
  for (long i = 0; i < threads; i++) pthread_create(&id[i], 0, work, (void *)i);
  if (threads == 0) work(0);
  while (atomic_load(&settled) < threads) usleep(500);
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    int n = 0;
    char c;
    while (read(0, &c, 1) == 1 && c != '\n') {
      if (n < (int)sizeof line - 1) line[n++] = c;
    }
    line[n] = 0;
    if (n == 0) return 0;
    if (!strcmp(line, "info")) {
      quiesce();
      malloc_info(0, stdout);
      printf("\ndone %ld\n", atomic_load(&operations));
    } else if (!strcmp(line, "quiet")) {
      quiesce();
      printf("quiet\n");
    } else if (!strcmp(line, "go")) {
      atomic_store(&pause_wanted, 0);
      printf("going\n");
    } else if (!strcmp(line, "release")) {
      free(pinning);
      printf("released\n");
    } else if (!strcmp(line, "ops")) {
      printf("ops %ld\n", atomic_load(&operations));
    } else if (!strcmp(line, "trim")) {
      long before = resident();
      malloc_trim(0);
      long after = resident();
      printf("trim %ld %ld\n", before, after);
    }
    fflush(stdout);
  }
}
