package io.leakwatch.heap.tcmalloc;

import io.leakwatch.heap.memory.AddressSpace.DataSegment;
import io.leakwatch.heap.memory.Words;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The sizes of objects that tcmalloc cuts its spans into ({@code SizeMap} in src/common.h): three
 * arrays behind one another say of each class how many objects move between caches at once, how
 * many bytes one takes, and how many pages a span has. Class 0 means none.
 *
 * <p>The sizes begin with 0, 8, 16, 32 or 0, 8, 16, 24 and rise; a span wastes no more than an
 * eighth. Since 2.6 a size has four bytes and the arrays are longer than the classes, before that
 * eight and just as long.
 */
final class SizeMap {
  private static final int CLASSES_MIN = 20;
  private static final int CLASSES_MAX = 256;
  private static final int SIZE_MAX = 1 << 20;
  private static final int BATCH_MAX = 1 << 16;
  private static final int SPAN_PAGES_MAX = 1024;

  /** The first sizes as words of memory, by how they may lie. */
  private static final long EVEN = 8L << 32;

  private static final long ODD = 16L << 32 | 8;

  private final int capacity;
  private final int[] sizes;
  private final int[] batches;
  private final boolean isWide;

  private SizeMap(int capacity, int[] sizes, int[] batches, boolean isWide) {
    this.capacity = capacity;
    this.sizes = sizes;
    this.batches = batches;
    this.isWide = isWide;
  }

  /** Classes, the one that means none included. */
  int classes() {
    return sizes.length;
  }

  /** Entries of the library's arrays by class, of which the last ones may be unused. */
  int capacity() {
    return capacity;
  }

  /** Bytes of an object. */
  int size(int sizeClass) {
    return sizes[sizeClass];
  }

  /** Objects that move at once. */
  int batch(int sizeClass) {
    return batches[sizeClass];
  }

  /** Whether the structures are those of before 2.6. */
  boolean isOld() {
    return isWide;
  }

  /** The sizes among a library's variables, null where there are none. */
  static @Nullable SizeMap find(Words words, DataSegment data, long bytesMax) {
    @Nullable SizeMap[] found = new @Nullable SizeMap[1];
    words.search(
        data,
        bytesMax,
        (address, word) -> {
          if (word == ODD) {
            found[0] = at(words, address - 4, false);
          } else if (word == EVEN) {
            found[0] = at(words, address, false);
          } else if (word == 8) {
            found[0] = at(words, address - 8, true);
          }
          return found[0] == null;
        });
    return found[0];
  }

  private static @Nullable SizeMap at(Words words, long address, boolean isWide) {
    int[] sizes = new int[CLASSES_MAX];
    int classes = 1;
    int last = size(words, address, 0, isWide);
    while (classes < CLASSES_MAX) {
      int size = size(words, address, classes, isWide);
      if (size <= last || size > SIZE_MAX || size % 8 != 0) {
        break;
      }
      sizes[classes++] = size;
      last = size;
    }
    if (sizes[0] != 0 || sizes[1] != 8 || sizes[2] != 16 || classes < CLASSES_MIN) {
      return null;
    }
    int[] used = Arrays.copyOf(sizes, classes);
    for (int capacity = classes; capacity <= CLASSES_MAX; capacity++) {
      int[] batches = batches(words, address, capacity, classes);
      if (batches.length > 0 && hasPages(words, address, capacity, used, isWide)) {
        return new SizeMap(capacity, used, batches, isWide);
      }
      if (isWide) {
        return null;
      }
    }
    return null;
  }

  private static int size(Words words, long address, int index, boolean isWide) {
    if (!isWide) {
      return words.intAt(address + 4L * index);
    }
    long size = words.at(address + 8L * index);
    return size == (int) size ? (int) size : -1;
  }

  /** Objects that move at once; an array of none where the words say something else. */
  private static int[] batches(Words words, long address, int capacity, int classes) {
    int[] batches = new int[classes];
    for (int i = 1; i < classes; i++) {
      batches[i] = words.intAt(address - 4L * capacity + 4L * i);
      if (batches[i] < 1 || batches[i] > BATCH_MAX) {
        return new int[0];
      }
    }
    return batches;
  }

  private static boolean hasPages(
      Words words, long address, int capacity, int[] sizes, boolean isWide) {
    long array = address + (isWide ? 8L : 4L) * capacity + 7 & -8L;
    for (int i = 1; i < sizes.length; i++) {
      long pages = words.at(array + 8L * i);
      if (pages < 1 || pages > SPAN_PAGES_MAX) {
        return false;
      }
    }
    return true;
  }
}
