// Holds chunks that only the kernel refers to: a hundred that are registered with epoll, and one
// for each of eight threads that wait in read() for it; and as many that nothing refers to. Prints
// "suspect ADDRESS CHUNK-BYTES GROUP" of each: 0 epoll, 1 read, 2 lost. Then "ready".
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define BYTES 200
#define HIDE 0xffffffffffffffffUL

static int silent[2];

// The address is kept only as its complement, which is no pointer.
__attribute__((noinline)) static uintptr_t hidden(void) {
  char *chunk = malloc(BYTES);
  for (int i = 0; i < BYTES; i++) chunk[i] = 1;
  return (uintptr_t)chunk ^ HIDE;
}

__attribute__((noinline)) static void wipe(void) {
  volatile char scratch[64 << 10];
  for (size_t i = 0; i < sizeof scratch; i++) scratch[i] = 0;
}

static void suspect(uintptr_t chunk, int group) {
  printf("suspect 0x%lx 208 %d\n", (long)(chunk ^ HIDE), group);
}

static void *wait(void *argument) {
  uintptr_t chunk = (uintptr_t)argument;
  return (void *)(intptr_t)read(silent[0], (void *)(chunk ^ HIDE), BYTES);
}

int main(void) {
  int epoll = epoll_create1(0);
  if (epoll < 0 || pipe(silent) != 0) return 1;
  for (int i = 0; i < 100; i++) {
    uintptr_t chunk = hidden();
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = (void *)(chunk ^ HIDE)};
    epoll_ctl(epoll, EPOLL_CTL_ADD, eventfd(0, 0), &event);
    event.data.ptr = NULL;
    suspect(chunk, 0);
    suspect(hidden(), 2);
  }
  for (int i = 0; i < 8; i++) {
    pthread_t thread;
    uintptr_t chunk = hidden();
    pthread_create(&thread, NULL, wait, (void *)chunk);
    suspect(chunk, 1);
  }
  wipe();
  printf("ready\n");
  fflush(stdout);
  getchar();
  return 0;
}
