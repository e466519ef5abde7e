package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.proc.memory.AddressRanges;
import io.leakwatch.proc.memory.MappingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where threads keep their variables: at the upper end of their stacks, and the main thread where
 * the loader put them, in a mapping of its own or at the start of the brk heap. The kernel fuses a
 * stack with what happens to be mapped right above it; then only the sizes of other stacks tell
 * where it ends.
 */
final class ThreadVariables {
  private static final int SIZES_MAX = 8;
  private static final long USUAL_STACK_BYTES = 8 << 20;

  private ThreadVariables() {}

  /** Parts of a length at the most, start and end of each. */
  static List<long[]> of(MappingTable table, AddressSpace space, long bytesMax) {
    AddressRanges anonymous = space.mmapped();
    Set<Long> sizes = new TreeSet<>(List.of(USUAL_STACK_BYTES));
    for (int i = 1; i < table.size() && sizes.size() < SIZES_MAX; i++) {
      if (isAboveGuard(table, i, anonymous)) {
        sizes.add(table.end(i) - table.start(i));
      }
    }
    List<long[]> parts = new ArrayList<>();
    for (long[] brk : space.brk()) {
      parts.add(new long[] {brk[0], Math.min(brk[1], brk[0] + bytesMax)});
    }
    for (int i = 0; i < table.size(); i++) {
      long start = table.start(i);
      long end = table.end(i);
      if (anonymous.contains(start)) {
        parts.add(new long[] {Math.max(start, end - bytesMax), end});
        if (isAboveGuard(table, i, anonymous)) {
          for (long size : sizes) {
            if (size < end - start - bytesMax) {
              parts.add(new long[] {Math.max(start, start + size - bytesMax), start + size});
            }
          }
        }
      }
    }
    return parts;
  }

  /** Whether a mapping is one that a thread may have its stack in. */
  static boolean isAboveGuard(MappingTable table, int i, AddressRanges anonymous) {
    return i > 0
        && anonymous.contains(table.start(i))
        && table.end(i - 1) == table.start(i)
        && !table.isReadable(i - 1);
  }
}
