package io.leakwatch.inspection;

import io.leakwatch.export.StackUse;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.ProcessThread;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.RegionKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells stacks with a thread from those without: a thread's stack pointer lies in its stack. Of a
 * thread that was running the kernel does not tell it, so as many stacks count as taken.
 */
final class StackCensus {
  private static final int THREADS_MAX = 65_536;
  private static final int SIZES_MAX = 8;

  private final TreeMap<Long, Stack> stacks = new TreeMap<>();
  private int running;

  private static final class Stack {
    private final long end;
    private final long residentBytes;
    private boolean hasThread;

    Stack(long end, long residentBytes) {
      this.end = end;
      this.residentBytes = residentBytes;
    }
  }

  private StackCensus() {}

  /** The stacks of a reading, null where its threads may not be listed. */
  static @Nullable StackUse of(ProcessReader reader, MappingTable table, RegionMap regions) {
    StackCensus census = new StackCensus();
    for (int i = 0; i < regions.size(); i++) {
      if (regions.kind(i) == RegionKind.THREAD_STACK && table.isWritable(regions.mapping(i))) {
        census.stacks.put(regions.start(i), new Stack(regions.end(i), regions.residentBytes(i)));
      }
    }
    if (census.stacks.isEmpty()) {
      return StackUse.NONE;
    }
    if (!(reader.threads(THREADS_MAX) instanceof Outcome.Sampled<List<ProcessThread>> listed)) {
      return null;
    }
    listed.value().forEach(census::place);
    return census.use();
  }

  private void place(ProcessThread thread) {
    Map.Entry<Long, Stack> below = stacks.floorEntry(thread.stackPointer());
    if (thread.stackPointer() == 0) {
      running++;
    } else if (below != null && thread.stackPointer() < below.getValue().end) {
      below.getValue().hasThread = true;
    }
  }

  private StackUse use() {
    Map<Long, int[]> sizes = new TreeMap<>();
    int without = 0;
    long withoutBytes = 0;
    long all = 0;
    for (Map.Entry<Long, Stack> entry : stacks.entrySet()) {
      Stack stack = entry.getValue();
      int[] counts = sizes.computeIfAbsent(stack.end - entry.getKey(), s -> new int[2]);
      counts[0]++;
      all += stack.residentBytes;
      if (!stack.hasThread && running-- <= 0) {
        counts[1]++;
        without++;
        withoutBytes += stack.residentBytes;
      }
    }
    List<StackUse.Size> listed = new ArrayList<>();
    sizes.forEach((bytes, counts) -> listed.add(new StackUse.Size(bytes, counts[0], counts[1])));
    listed.sort(Comparator.comparingInt(StackUse.Size::count).reversed());
    return new StackUse(
        stacks.size(),
        without,
        all,
        withoutBytes,
        listed.subList(0, Math.min(SIZES_MAX, listed.size())));
  }
}
