// A preload that forgets one call of free in a hundred: a leak in any server with glibc's malloc.
#include <stdatomic.h>
#include <stddef.h>

void __libc_free(void *);

static atomic_uint calls;

void free(void *memory) {
  if (memory != NULL && atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed) % 100 == 99) {
    return;
  }
  __libc_free(memory);
}
