package io.leakwatch.heap.hotspot;

import io.leakwatch.heap.memory.Presence;
import io.leakwatch.proc.memory.MappingTable;
import java.util.List;

/**
 * What of a Java heap is present, by what lies there. Parts of it that a file is mapped into, the
 * archive of shared objects, count as that file's. Bytes.
 */
final class HeapUse {
  private static final String Z_HEAP = "/memfd:java_heap";

  private final Presence presence;
  private long oldBytes;
  private long youngBytes;
  private long freeBytes;
  private long absentBytes;

  /**
   * Looks at the pages.
   *
   * @param spaces in the order of addresses; where there are none all counts as old
   */
  HeapUse(MappingTable table, Presence presence, JavaHeap heap, List<Space> spaces) {
    this.presence = presence;
    boolean isShared = heap.collector() == JavaHeap.Collector.Z;
    long start = heap.start();
    long end = heap.end();
    int space = 0;
    for (int i = 0; i < table.size(); i++) {
      long from = isShared ? table.start(i) : Math.max(start, table.start(i));
      long to = isShared ? table.end(i) : Math.min(end, table.end(i));
      boolean isHeap = isShared ? table.name(i).startsWith(Z_HEAP) : table.inode(i) == 0;
      if (!isHeap || from >= to || from <= 0 || !table.isWritable(i)) {
        continue;
      }
      while (space < spaces.size() && spaces.get(space).end() <= from) {
        space++;
      }
      long present = oldBytes + youngBytes + freeBytes;
      if (spaces.isEmpty()) {
        oldBytes += present(from, to);
      } else {
        divide(from, to, spaces, space);
      }
      absentBytes += to - from - (oldBytes + youngBytes + freeBytes - present);
    }
  }

  private void divide(long from, long to, List<Space> spaces, int first) {
    long at = from;
    for (int i = first; i < spaces.size() && spaces.get(i).bottom() < to; i++) {
      Space space = spaces.get(i);
      long bottom = Math.max(at, space.bottom());
      freeBytes += present(at, bottom);
      long page = presence.pageBytes();
      long top = Math.max(bottom, Math.min(to, space.top() + page - 1 & -page));
      long used = present(bottom, top);
      if (space.kind() == Space.Kind.FREE) {
        freeBytes += used;
      } else if (space.kind().isOld()) {
        oldBytes += used;
      } else {
        youngBytes += used;
      }
      long end = Math.max(top, Math.min(to, space.end()));
      freeBytes += present(top, end);
      at = end;
    }
    freeBytes += present(at, to);
  }

  private long present(long from, long to) {
    long page = presence.pageBytes();
    long start = from & -page;
    long end = to & -page;
    return start >= end ? 0 : presence.presentBytes(start, end);
  }

  long oldBytes() {
    return oldBytes;
  }

  long youngBytes() {
    return youngBytes;
  }

  long freeBytes() {
    return freeBytes;
  }

  /** Without memory behind it, or in swap. */
  long absentBytes() {
    return absentBytes;
  }
}
