package io.leakwatch.heap.golang;

import java.util.List;

/**
 * The goroutines of a process.
 *
 * @param count of all of them
 * @param groups by what made them, most first, bounded
 */
public record GoroutineCensus(long count, List<GoroutineGroup> groups) {
  /** Where none were found. */
  public static final GoroutineCensus NONE = new GoroutineCensus(0, List.of());

  public GoroutineCensus {
    groups = List.copyOf(groups);
  }

  /** Of so many groups that were counted one by one. */
  static GoroutineCensus of(List<GoroutineGroup> groups) {
    return new GoroutineCensus(groups.stream().mapToLong(GoroutineGroup::count).sum(), groups);
  }

  /** With so many groups at most. */
  GoroutineCensus brief(int groupsMax) {
    return new GoroutineCensus(count, groups.subList(0, Math.min(groupsMax, groups.size())));
  }
}
