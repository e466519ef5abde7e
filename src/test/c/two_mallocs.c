/* The program's own data go through a jemalloc with prefixed names, as those of Rust or valkey do, and stay
 * level at 144 MB; a C library in the same process uses glibc's malloc, and that one leaks 4 MB a second.
 * prints "ready" when the data are there; ends with its standard input. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *own_mallocx(size_t, int);
void own_dallocx(void *, int);

enum { COUNT = 12000, BYTES = 12000 };
static char *value[COUNT];

int main(void) {
  for (int i = 0; i < COUNT; i++) memset(value[i] = own_mallocx(BYTES, 0), 'v', BYTES);
  printf("ready\n");
  fflush(stdout);
  struct pollfd end = {.fd = 0, .events = POLLIN};
  for (unsigned round = 0; poll(&end, 1, 50) == 0; round++) {
    for (unsigned k = 0; k < 50; k++) {
      unsigned i = (round * 50 + k) * 2654435761u % COUNT;
      own_dallocx(value[i], 0);
      memset(value[i] = own_mallocx(BYTES, 0), 'w', BYTES);
    }
    for (int k = 0; k < 200; k++) strcpy(malloc(1000), "X509 that nobody frees");
  }
  return 0;
}
