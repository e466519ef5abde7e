package io.leakwatch.heap.tcmalloc;

import io.leakwatch.heap.memory.AddressSpace.DataSegment;
import io.leakwatch.heap.memory.Words;
import org.jspecify.annotations.Nullable;

/**
 * What all threads share of each class ({@code CentralFreeList} in src/central_freelist.h): the
 * number of free objects in its spans, and slots of whole batches on their way between threads. The
 * lists lie behind one another, each with the number of its class, which is how they are found.
 *
 * @param first address of the number of class 1
 * @param stride bytes from one to the next
 * @param slots batches that a list has room for
 */
record CentralCaches(long first, long stride, int slots, int classes) {
  private static final long STRIDE_MIN = 128;
  private static final long STRIDE_MAX = 4096;
  private static final int FREE_OBJECTS = 112;
  private static final int SLOTS = 120;
  private static final int SLOT_BYTES = 16;
  private static final int[] SLOT_COUNTS = {64, 32};

  /** The lists among a library's variables, null where there are none. */
  static @Nullable CentralCaches find(Words words, DataSegment data, long bytesMax, int classes) {
    @Nullable CentralCaches[] found = new @Nullable CentralCaches[1];
    words.search(
        data,
        bytesMax,
        (address, word) -> {
          if (word == 1) {
            found[0] = at(words, address, classes);
          }
          return found[0] == null;
        });
    return found[0];
  }

  private static @Nullable CentralCaches at(Words words, long first, int classes) {
    for (long stride = STRIDE_MIN; stride <= STRIDE_MAX; stride += 8) {
      if (words.at(first + stride) != 2) {
        continue;
      }
      boolean counts = true;
      for (int i = 2; i < classes && counts; i++) {
        counts = words.at(first + stride * (i - 1)) == i;
      }
      for (int slots : SLOT_COUNTS) {
        CentralCaches lists = new CentralCaches(first, stride, slots, classes);
        if (counts && lists.holds(words)) {
          return lists;
        }
      }
    }
    return null;
  }

  private boolean holds(Words words) {
    boolean room = SLOTS + (long) SLOT_BYTES * slots + 12 <= stride;
    for (int i = 1; i < classes && room; i++) {
      long counters = list(i) + SLOTS + (long) SLOT_BYTES * slots;
      int used = words.intAt(counters);
      int size = words.intAt(counters + 4);
      int most = words.intAt(counters + 8);
      room = used >= 0 && used <= size && size <= most && most > 0 && most <= slots;
    }
    return room;
  }

  private long list(int sizeClass) {
    return first + stride * (sizeClass - 1);
  }

  /** Objects of a class that are free in their spans. */
  long freeObjects(Words words, int sizeClass) {
    return Math.max(0, words.at(list(sizeClass) + FREE_OBJECTS));
  }

  /** Batches of a class that wait between threads. */
  int batches(Words words, int sizeClass) {
    int used = words.intAt(list(sizeClass) + SLOTS + (long) SLOT_BYTES * slots);
    return Math.max(0, Math.min(slots, used));
  }

  /** The first object of a batch. */
  long head(Words words, int sizeClass, int batch) {
    return words.at(list(sizeClass) + SLOTS + (long) SLOT_BYTES * batch);
  }
}
