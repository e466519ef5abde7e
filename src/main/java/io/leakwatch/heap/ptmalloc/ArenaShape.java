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
 * not above its maximum, a link to follow. In tables of pointers, such as a JVM's archive of
 * classes, many words pass those, so the 127 bins decide before the ring is followed, which takes a
 * read for each arena. Counting bins that refer to themselves would not do: a busy arena has few of
 * them.
 */
final class ArenaShape {
  private static final int UNSOUND_BINS_MAX = 1;

  /** What looks like a state by its bins hardly ever is none. */
  private static final int RINGS_MAX = 16;

  private final HeapMemory memory;
  private final AddressSpace space;
  private final WalkSettings settings;
  private int rings;

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
    while (at < end && rings < RINGS_MAX) {
      int count = memory.peek(at, window, (int) Math.min(window.length, (end - at) >>> 3));
      if (count <= 0) {
        at = (at & -memory.pageBytes()) + memory.pageBytes();
        continue;
      }
      for (int i = 0; i < count && rings < RINGS_MAX; i++) {
        for (GlibcLayout layout : GlibcLayout.values()) {
          if (i + layout.stateBytes() / 8 <= count && isPromising(window, i, at + i * 8L, layout)) {
            rings++;
            ArenaFinder.Found found = finder.ring(layout, at + i * 8L, heaps, "shape");
            if (found != null) {
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

  private boolean isPromising(long[] window, int at, long address, GlibcLayout layout) {
    long top = window[at + layout.top() / 8];
    long system = window[at + layout.systemMem() / 8];
    return top > 0
        && (top & 15) == 0
        && system > 0
        && (system & 15) == 0
        && system <= window[at + layout.maxSystemMem() / 8]
        && window[at + layout.next() / 8] > 0
        && space.anonymous().contains(top)
        && MallocState.hasSoundBins(
            layout, address, window, at, space.anonymous(), UNSOUND_BINS_MAX);
  }
}
