package io.leakwatch.region;

import java.util.List;

/**
 * The result of one reading of an address space.
 *
 * @param layout sums by kind and the ptmalloc heaps
 * @param heapMaxBytes the distance at which ptmalloc's thread heaps are aligned
 * @param space the regions, unknown where nobody asked for them
 */
public record Classification(Layout layout, long heapMaxBytes, AddressSpace space) {

  /** What could not be seen and why, in words. */
  public List<String> notes() {
    return layout.basis().notes();
  }
}
