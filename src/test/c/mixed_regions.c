// One thread leaks 400 MB (its heaps fuse); two mmapped chunks; a 64 KiB stack; shared memory; a
// Go-like arena with hostile heap_info words; a buffer with a forged heap_info.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static pthread_barrier_t done;
static void *volatile stack_address;

static void *leak(void *unused) {
  for (long total = 0; total < 400L << 20; total += 1000) {
    memset(malloc(1000), 1, 1000);
  }
  pthread_barrier_wait(&done);
  pause();
  return unused;
}

static void *small(void *unused) {
  int here;
  stack_address = &here;
  pthread_barrier_wait(&done);
  pause();
  return unused;
}

static void forge(unsigned long heap) {
  unsigned long words[] = {heap + 0x30, 0, 1 << 20, 1 << 20, 4096, 0};
  memcpy((void *)heap, words, sizeof words);
  *(unsigned long *)(heap + 0x30 + 0x870) = heap + 0x30;
}

int main(void) {
  char line[64];
  pthread_t thread;
  pthread_attr_t attributes;
  setvbuf(stdout, NULL, _IONBF, 0);
  pthread_barrier_init(&done, NULL, 3);
  pthread_create(&thread, NULL, leak, NULL);
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 << 10);
  pthread_create(&thread, &attributes, small, NULL);
  pthread_barrier_wait(&done);
  char *go = mmap((void *)0xc000000000, 64 << 20, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  forge((unsigned long)go);
  mprotect(go + (32 << 20), 32 << 20, PROT_NONE);
  char *one = malloc(300000);
  char *two = malloc(500000);
  char *shared = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  *shared = 1;
  char *buffer = mmap(NULL, 192 << 20, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  unsigned long aligned = ((unsigned long)buffer + (64 << 20) - 1) & ~((64ul << 20) - 1);
  forge(aligned);
  printf("ready %p %p %p %p 0x%lx\n", (void *)one, (void *)two, stack_address, (void *)shared,
         aligned);
  while (fgets(line, sizeof line, stdin)) {
  }
  return 0;
}
