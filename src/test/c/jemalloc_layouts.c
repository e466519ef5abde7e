/* Lays out what other releases and builds of jemalloc keep in memory, as their sources say, for a reader that
 * has none of them at hand: it holds a known number of things and allocates nothing by itself.
 * usage: jemalloc_layouts tree ADDRESS-BITS PAGE-SHIFT RELEASE | chunks RELEASE
 * with RELEASE 5.0, 5.1 or 5.3 of a tree, 3.6 (no prof), 3.6p (prof) or 4.5 of chunks.
 * Prints "ready ALLOCATED-BYTES ALLOCATIONS ACTIVE-BYTES DIRTY-BYTES"; ends with its standard input. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef uint64_t word;

/* Where a root or a table of a real library would be. */
static word variables[1 << 19] __attribute__((aligned(4096)));

static word allocated, allocations, active, dirty;

static char *map(size_t bytes, size_t alignment) {
  char *all = mmap(0, bytes + alignment, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return (char *)(((word)all + alignment - 1) & -alignment);
}

/* ---- release 5: extents in a radix tree ---- */

static int address_bits, page_shift, release; /* release 50, 51, 53 */
static char *base, *base_next;

static void *base_take(size_t bytes) {
  base_next = (char *)(((word)base_next + 127) & -128);
  void *taken = base_next;
  base_next += bytes;
  return taken;
}

static word *node(word **place, size_t bytes) {
  if (!*place) *place = base_take(bytes);
  return *place;
}

static void enter(word address, word extent, int size_index, int slab) {
  int key = address_bits - page_shift, levels = key <= 36 ? 2 : 3, root = key / levels;
  int middle = levels == 3 ? key / 3 + key % 3 / 2 : 0, leaf = key - root - middle;
  int compact = 64 - address_bits >= 8;
  word page = address >> page_shift;
  word **at = (word **)&variables[1 << 18] + (page >> (middle + leaf));
  word *elements;
  if (middle) {
    word **inner = (word **)node(at, 8ul << middle);
    elements = node(&inner[page >> leaf & ((1ul << middle) - 1)], 16ul << leaf);
  } else {
    elements = node(at, 8ul << leaf);
  }
  word index = page & ((1ul << leaf) - 1);
  if (compact) {
    elements[index] = extent | (word)size_index << 48 | slab;
  } else {
    elements[2 * index] = extent;
    elements[2 * index + 1] =
        release == 53 ? (word)size_index << 5 | slab : (word)size_index | (word)slab << 32;
  }
}

static void extent(char *start, size_t bytes, word first, int state, int size_index, int slab,
                   int regions, int used) {
  int at_state = release == 50 ? 15 : release == 51 ? 16 : 17;
  int at_size = at_state + (release == 53 ? 3 : 2);
  word *e = base_take(64 + 1024);
  e[0] = 3 | (word)slab << 12 | 1ul << 13 | (word)state << at_state | (word)size_index << at_size |
         (word)(regions - used) << (at_size + 8);
  e[1] = first;
  e[2] = bytes | 5;
  for (int i = used; i < regions; i++) e[8 + i / 64] |= 1ul << i % 64;
  size_t step = 1ul << page_shift;
  for (size_t o = 0; o < bytes; o += slab ? step : bytes - step ? bytes - step : step) {
    enter((word)start + o, (word)e, size_index, slab);
  }
}

static void tree(void) {
  size_t page = 1ul << page_shift;
  base = map(1ul << 30, 2ul << 20);
  word *header = (word *)base;
  base_next = base + 256;
  char *heap = map(4096 * page + (64ul << 20), 2ul << 20);
  for (int i = 0; i < 300; i++) { /* slabs of 48 bytes: index 3 */
    char *slab = heap + 3 * page * i;
    int regions = 3 * page / 48, used = 1 + i % (page / 64);
    memset(slab, 1, 3 * page);
    extent(slab, 3 * page, (word)slab, 0, 3, 1, regions, used);
    allocated += 48 * used, allocations += used, active += 3 * page;
  }
  for (int i = 0; i < 20; i++) { /* 1 MiB, index 60, with a page to vary the start */
    char *large = heap + 1000 * page + ((1ul << 20) + page) * i;
    memset(large, 1, (1ul << 20) + page);
    extent(large, (1ul << 20) + page, (word)large + 64 * (i + 1), 0, 60, 0, 0, 0);
    allocated += 1 << 20, allocations++, active += (1 << 20) + page;
  }
  for (int i = 0; i < 10; i++) {
    char *free = heap + 2000 * page + 4 * page * i + 20 * (1ul << 20);
    extent(free, 4 * page, (word)free, 1, 232, 0, 0, 0);
    dirty += 4 * page;
  }
  header[0] = 1ul << 30;
  header[3] = (word)base_next;
  header[4] = (word)base + (1ul << 30) - (word)base_next;
}

/* ---- releases 3.6 and 4: chunks ---- */

static void chunks(const char *name) {
  int old = name[0] == '3', prof = name[3] == 'p', shift = old ? 22 : 21;
  size_t pages = 1ul << (shift - 12), map_at = old ? 48 : 120, stride = old ? prof ? 32 : 24 : 8;
  size_t misc = old ? 0 : 96, bias = 0;
  for (int i = 0; i < 3; i++) {
    bias = (map_at + (stride + misc) * (pages - bias) + 4095) / 4096;
  }
  static const int sizes[] = {8, 16, 32, 48, 64, 80, 96, 112, 128};
  word *info = &variables[5000];
  for (int i = 0; old && i < 9; i++, info += 13) { /* each run is three pages */
    word regions = (3 * 4096 - 256) / sizes[i];
    info[0] = info[2] = sizes[i];
    info[3] = 3 * 4096;
    info[4] = regions | 16ul << 32;
    info[12] = (word)(3 * 4096 - regions * sizes[i]) << 32;
  }
  size_t chunk = 1ul << shift;
  char *arena = map(chunk, chunk);
  ((unsigned *)arena)[0] = 0;
  ((unsigned *)arena)[1] = 2;
  char *all = map(8 * chunk, chunk);
  int bin = 3, size = 48;
  for (int c = 0; c < 8; c++) {
    char *start = all + c * chunk;
    word *head = (word *)start;
    head[0] = (word)arena;
    if (!old) head[1] = (word)start, head[2] = chunk, start[34] = 1;
    size_t page = bias;
    for (int i = 0; page + 3 < pages; i++) {
      char *run = start + page * 4096;
#define BITS(p) (*(word *)(start + map_at + stride * ((p) - bias + 1) - 8))
      if (i % 10 == 9) { /* 8 KiB large, 4.5 with a page more; then a dirty page */
        size_t length = old ? 2 : 5;
        if (page + length + 1 >= pages) break;
        memset(run, 1, length * 4096);
        BITS(page) = old ? length << 12 | 0xff3 : length << 13 | 0x1fe3;
        active += length * 4096, allocations++, allocated += (old ? 2 : 4) * 4096;
        page += length;
        BITS(page) = old ? 1 << 12 | 8 : 1 << 13 | 16;
        dirty += 4096;
        page++;
        continue;
      }
      memset(run, 1, 3 * 4096);
      int regions = old ? (3 * 4096 - 256) / size : 3 * 4096 / size, used = 1 + (c + i) % 200;
      for (int p = 0; p < 3; p++) {
        BITS(page + p) = old ? (word)p << 12 | bin << 4 | 1 : (word)p << 13 | bin << 5 | 1;
      }
      word *words;
      if (old) {
        words = (word *)run;
        words[0] = (word)arena;
        words[1] = (word)(regions - used) << 32;
      } else {
        words = (word *)(start + map_at + 8 * (pages - bias) + misc * (page - bias) + 24) - 1;
        words[1] = bin | (word)(regions - used) << 32;
      }
      memset(words + 2, 0, 8 * ((regions + 63) / 64));
      for (int r = used; r < regions; r++) words[2 + r / 64] |= 1ul << r % 64;
      allocated += used * size, allocations += used, active += 3 * 4096;
      page += 3;
    }
    size_t rest = pages - page;
    if (rest) BITS(page) = old ? rest << 12 : rest << 13;
  }
}

int main(int count, char **arguments) {
  static char out[4096];
  char c;
  setvbuf(stdout, out, _IOFBF, sizeof out);
  if (count > 4 && !strcmp(arguments[1], "tree")) {
    address_bits = atoi(arguments[2]);
    page_shift = atoi(arguments[3]);
    release = (arguments[4][0] - '0') * 10 + arguments[4][2] - '0';
    tree();
  } else if (count > 2) {
    chunks(arguments[2]);
  } else {
    return 2;
  }
  printf("ready %lu %lu %lu %lu\n", allocated, allocations, active, dirty);
  fflush(stdout);
  while (read(0, &c, 1) > 0) {
  }
  return 0;
}
