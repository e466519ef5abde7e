package io.leakwatch.heap;

import java.util.List;

/**
 * How full the slabs are that an allocator cuts into objects of one size. Many slabs that are
 * nearly empty are memory that is kept by few objects.
 *
 * @param classBytes of an object
 * @param slabs spans, runs or slabs of that size
 * @param capacity objects that they have room for
 * @param live objects in use, what threads' caches hold ready included
 * @param histogram slabs by the share in use: below 10 %, below 20 %, … from 90 % on
 */
public record SlabFill(
    long classBytes, long slabs, long capacity, long live, List<Long> histogram) {
  public static final int BUCKETS = 10;

  public SlabFill {
    histogram = List.copyOf(histogram);
  }

  /** What they have room for, in bytes. */
  public long capacityBytes() {
    return classBytes * capacity;
  }
}
