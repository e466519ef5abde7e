package io.leakwatch.heap.musl;

import io.leakwatch.heap.BlockRuns;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SizeClasses;
import io.leakwatch.heap.memory.OwnedMemory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds up what groups hold. A group of small slots lies in a slot of a larger group, which is in
 * use and yet nothing that the application asked for: its slots count in its place.
 */
final class GroupTally {
  private static final int DEPTH_MAX = 8;

  private final List<Group> groups;
  private final BlockRuns runs;
  private final OwnedMemory owned = new OwnedMemory();
  private final Map<Long, Long> counts = new HashMap<>();
  private long objects;

  /**
   * Nothing yet.
   *
   * @param groups in the order of their addresses
   */
  GroupTally(List<Group> groups, BlockRuns runs) {
    this.groups = groups;
    this.runs = runs;
  }

  void walk() {
    long end = 0;
    int i = 0;
    while (i < groups.size()) {
      Group group = groups.get(i);
      if (group.memory() < end) {
        i++; // It lies in another one that changed under the walk.
        continue;
      }
      end = group.end();
      owned.gives(group.memory(), end);
      i = walk(i, group.memory(), end, 0);
    }
  }

  /** Returns the group behind the ones within this one. */
  private int walk(int index, long start, long end, int depth) {
    Group group = groups.get(index);
    int next = index + 1;
    int slot = 0;
    long at = start;
    while (slot < group.slots()) {
      boolean isNested = next < groups.size() && groups.get(next).memory() < group.end();
      int until =
          isNested
              ? (int) ((groups.get(next).memory() - group.first()) / group.slotBytes())
              : group.slots();
      until = Math.max(slot, Math.min(group.slots(), until));
      long behind = until == group.slots() ? end : group.first() + until * group.slotBytes();
      add(group, slot, until, at, behind);
      at = behind;
      if (until < group.slots()) {
        long slotEnd = group.first() + (until + 1) * group.slotBytes();
        boolean fits = groups.get(next).end() <= slotEnd && depth < DEPTH_MAX;
        next = fits ? walk(next, at, slotEnd, depth + 1) : next + 1;
        at = slotEnd;
      }
      slot = until + 1;
    }
    while (next < groups.size() && groups.get(next).memory() < group.end()) {
      next++;
    }
    return next;
  }

  private void add(Group group, int from, int until, long start, long end) {
    int slots = until - from;
    int mask = slots >= 32 ? -1 : (1 << slots) - 1;
    int free = slots == 0 ? 0 : (group.free() >>> from) & mask;
    int used = slots - Integer.bitCount(free);
    if (used > 0) {
      objects += used;
      counts.merge(group.slotBytes(), (long) used, Long::sum);
    }
    long first = group.first() + from * group.slotBytes();
    runs.add(
        new BlockRuns.Run(start, Math.max(start, first), end, group.slotBytes(), slots),
        used,
        bits -> bits[0] = free & 0xffffffffL);
  }

  OwnedMemory owned() {
    return owned;
  }

  BlockRuns runs() {
    return runs;
  }

  long objects() {
    return objects;
  }

  List<SizeClass> census(int sizesMax) {
    List<SizeClass> census = new ArrayList<>();
    counts.forEach((size, count) -> census.add(new SizeClass(size, count, size * count)));
    census.sort(Comparator.comparingLong(SizeClass::bytes).reversed());
    return SizeClasses.of(census.subList(0, Math.min(sizesMax, census.size())));
  }
}
