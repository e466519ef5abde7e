/* Every burst reaches an arena that has not seen one: the sum of the arenas' own peaks climbs in steps of
 * 8 MB while what is alive stays level. One small result of each burst lives on at the top.
 * prints "ready" when all threads run, and begins when it is sent a line; ends with its standard input. */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 24, NODES = 26000, NODE_BYTES = 300, PAUSE_MILLIS = 60 };
static pthread_mutex_t gate[THREADS];
static void *volatile kept[THREADS][8];

static void *encode(void *arg) {
  long me = (long)arg;
  void **node = malloc(NODES * sizeof *node);
  for (;;) {
    pthread_mutex_lock(&gate[me]);
    for (int i = 0; i < NODES; i++) memset(node[i] = malloc(NODE_BYTES), 1, NODE_BYTES);
    int k = rand() % 8;
    void *old = kept[me][k];
    kept[me][k] = malloc(100);
    free(old);
    for (int i = 0; i < NODES; i++) free(node[i]);
  }
  return NULL;
}

int main(void) {
  for (long i = 0; i < THREADS; i++) {
    pthread_t thread;
    pthread_mutex_init(&gate[i], NULL);
    pthread_mutex_lock(&gate[i]);
    pthread_create(&thread, NULL, encode, (void *)i);
  }
  printf("ready\n");
  fflush(stdout);
  if (getchar() == EOF) return 0;
  struct pollfd end = {.fd = 0, .events = POLLIN};
  for (int round = 0;; round++) {
    int reach = 3 + round / 3;
    if (reach > THREADS) reach = THREADS;
    for (int j = 0; j < 3; j++) {
      pthread_mutex_unlock(&gate[j == 0 ? reach - 1 : rand() % reach]);
      if (poll(&end, 1, PAUSE_MILLIS) > 0) return 0;
    }
  }
}
