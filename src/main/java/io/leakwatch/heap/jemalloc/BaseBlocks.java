package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.proc.memory.AddressRanges;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The blocks that jemalloc 5 cuts its own structs from (src/base.c): whole huge pages, with a
 * header that tells the block's size, the next older block, and in a struct of the same kind as
 * those of extents where the unused rest begins. The rest ends with the block, and that proves it.
 * A block is found below a struct that lies in it.
 */
final class BaseBlocks {
  private static final int GRANULE_SHIFT = 21;
  private static final int GRANULES_MAX = 1 << 16;

  /** Below a struct: huge pages are as large as 512 MiB where pages have 64 KiB. */
  private static final int STEPS_MAX = 512;

  private static final int BLOCKS_MAX = 1 << 16;
  private static final int HEADER_WORDS = 5;
  private static final int NEXT = 1;
  private static final int REST = 3;
  private static final int REST_BYTES = 4;

  private final HeapMemory memory;
  private final AddressRanges anonymous;
  private final Set<Long> granules = new HashSet<>();
  private final TreeMap<Long, Long> ends = new TreeMap<>();
  private final long[] header = new long[HEADER_WORDS];
  private long lastGranule = -1;

  BaseBlocks(HeapMemory memory, AddressRanges anonymous) {
    this.memory = memory;
    this.anonymous = anonymous;
  }

  /** Notes where a struct lies. */
  void note(long address) {
    long granule = address >>> GRANULE_SHIFT;
    if (granule != lastGranule && granules.size() < GRANULES_MAX) {
      granules.add(granule);
      lastGranule = granule;
    }
  }

  /** The blocks around what was noted, and older ones: starts and ends, in address order. */
  List<long[]> find() {
    for (long granule : granules) {
      long address = granule << GRANULE_SHIFT;
      for (int step = 0; step < STEPS_MAX && !isKnown(address); step++) {
        long start = address - ((long) step << GRANULE_SHIFT);
        long end = endOf(start);
        if (end > address) {
          follow(start, end);
        }
      }
    }
    return ends.entrySet().stream().map(e -> new long[] {e.getKey(), e.getValue()}).toList();
  }

  private boolean isKnown(long address) {
    Map.Entry<Long, Long> last = ends.floorEntry(address);
    return last != null && last.getValue() > address;
  }

  private void follow(long first, long firstEnd) {
    long start = first;
    long end = firstEnd;
    while (end != 0 && ends.size() < BLOCKS_MAX && !isKnown(start)) {
      Long above = ends.ceilingKey(start);
      if (above != null && above < end) {
        return;
      }
      ends.put(start, end);
      start = header[NEXT];
      end = start == 0 || (start & (1L << GRANULE_SHIFT) - 1) != 0 ? 0 : endOf(start);
    }
  }

  /** End of the block that begins at an address, 0 where none does. */
  private long endOf(long start) {
    if (!anonymous.contains(start)
        || memory.peek(start, header, HEADER_WORDS) != HEADER_WORDS
        || header[0] <= 0
        || (header[0] & (1L << GRANULE_SHIFT) - 1) != 0
        || !anonymous.covers(start, start + header[0])) {
      return 0;
    }
    long end = start + header[0];
    boolean isRest = header[REST] > start && header[REST] <= end;
    return isRest && header[REST] + header[REST_BYTES] == end ? end : 0;
  }
}
