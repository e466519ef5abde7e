package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.heap.ptmalloc.Arena.HeapInfo;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the main arena by its shape among the variables of libc, then of every other file (a
 * program linked statically has it among its own).
 *
 * <p>The cheap signs come first: a 16-aligned top in an anonymous mapping, a size of whole pages
 * not above its maximum, a link to follow. Few words of real data pass those; the 127 bins and the
 * ring decide. Counting bins that refer to themselves would not do: a busy arena has few of them.
 */
final class ArenaShape {
  private final HeapMemory memory;
  private final AddressSpace space;
  private final WalkSettings settings;

  ArenaShape(HeapMemory memory, AddressSpace space, WalkSettings settings) {
    this.memory = memory;
    this.space = space;
    this.settings = settings;
  }

  ArenaFinder.@Nullable Found find(Map<Long, List<HeapInfo>> heaps, ArenaFinder finder) {
    long left = settings.shapeScanBytesMax();
    for (boolean libc : new boolean[] {true, false}) {
      for (AddressSpace.DataSegment data : space.data()) {
        if (data.libc() == libc && left > 0) {
          long end = Math.min(data.end(), data.start() + left);
          left -= end - data.start();
          ArenaFinder.Found found = scan(data.start(), end, heaps, finder);
          if (found != null) {
            return found;
          }
        }
      }
    }
    return null;
  }

  private ArenaFinder.@Nullable Found scan(
      long start, long end, Map<Long, List<HeapInfo>> heaps, ArenaFinder finder) {
    long[] window = new long[(int) Math.min(1 << 17, (end - start) >>> 3)];
    long at = start;
    while (at < end) {
      int count = memory.peek(at, window, (int) Math.min(window.length, (end - at) >>> 3));
      if (count <= 0) {
        at = (at & -memory.pageBytes()) + memory.pageBytes();
        continue;
      }
      for (int i = 0; i < count; i++) {
        for (GlibcLayout layout : GlibcLayout.values()) {
          if (i + layout.stateBytes() / 8 <= count && isPromising(window, i, layout)) {
            ArenaFinder.Found found = finder.ring(layout, at + i * 8L, heaps, "shape");
            if (found != null && hasSoundBins(found)) {
              return found;
            }
          }
        }
      }
      int overlap = GlibcLayout.STATE_BYTES_MAX / 8;
      at += count > overlap && at + count * 8L < end ? (count - overlap) * 8L : count * 8L;
    }
    return null;
  }

  private boolean hasSoundBins(ArenaFinder.Found found) {
    return found.arenas().get(0).state().soundBins(space.anonymous()) >= GlibcLayout.BINS - 1;
  }

  private boolean isPromising(long[] window, int at, GlibcLayout layout) {
    long top = window[at + layout.top() / 8];
    long system = window[at + layout.systemMem() / 8];
    return top > 0
        && (top & 15) == 0
        && system > 0
        && (system & 15) == 0
        && system <= window[at + layout.maxSystemMem() / 8]
        && window[at + layout.next() / 8] > 0
        && space.anonymous().contains(top);
  }
}
