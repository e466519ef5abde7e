package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.ptmalloc.Arena.HeapInfo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which arena an address belongs to: that of the heap around it, else the main one. */
final class OwnerMap {
  private final TreeMap<Long, Integer> arenas = new TreeMap<>();
  private final TreeMap<Long, Long> ends = new TreeMap<>();

  OwnerMap(List<Arena> found) {
    for (int i = 0; i < found.size(); i++) {
      for (HeapInfo heap : found.get(i).heaps()) {
        arenas.put(heap.address(), i);
        ends.put(heap.address(), heap.address() + heap.sizeMaxBytes());
      }
    }
  }

  /** Index of the arena; the main one's is 0. */
  int arenaOf(long address) {
    Map.Entry<Long, Integer> heap = arenas.floorEntry(address);
    return heap == null || address >= ends.getOrDefault(heap.getKey(), 0L) ? 0 : heap.getValue();
  }
}
