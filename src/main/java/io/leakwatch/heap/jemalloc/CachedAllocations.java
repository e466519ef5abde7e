package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.ObjectVisitor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** Allocations that look in use and are not the application's, with their sizes. Bounded. */
final class CachedAllocations {
  private final int countMax;
  private final Set<Long> seen = new HashSet<>();
  private long[] addresses = new long[256];
  private long[] sizes = new long[256];
  private int count;
  private boolean cut;

  CachedAllocations(int countMax) {
    this.countMax = countMax;
  }

  /** Adds one; false where it was there before, or there are too many. */
  boolean add(long address, long size) {
    if (count == countMax) {
      cut = true;
      return false;
    }
    if (!seen.add(address)) {
      return false;
    }
    if (count == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * count);
      sizes = Arrays.copyOf(sizes, 2 * count);
    }
    addresses[count] = address;
    sizes[count++] = size;
    return true;
  }

  boolean isCut() {
    return cut;
  }

  void tell(ObjectVisitor visitor) {
    for (int i = 0; i < count; i++) {
      visitor.cached(addresses[i], sizes[i]);
    }
  }
}
