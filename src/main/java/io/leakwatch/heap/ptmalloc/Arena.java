package io.leakwatch.heap.ptmalloc;

import java.util.List;

/**
 * An arena and its heaps before their chunks are walked.
 *
 * @param main whether it is libc's own static arena
 * @param heaps oldest first; empty for the main arena, whose memory comes from brk
 */
record Arena(MallocState state, boolean main, List<HeapInfo> heaps) {

  /**
   * A {@code heap_info}.
   *
   * @param address aligned to the heaps' greatest size
   * @param sizeBytes in use by the arena
   * @param sizeMaxBytes greatest size
   */
  record HeapInfo(
      long address, long arenaAddress, long previous, long sizeBytes, long sizeMaxBytes) {}
}
