package io.leakwatch.heap.holders;

import io.leakwatch.proc.memory.AddressList;
import java.util.Arrays;

/** Places that refer to the targets of one scan: a bounded number of them for each target. */
final class PointerPlaces {
  private final int[] perTarget;
  private final int perTargetMax;
  private final int max;
  private final AddressList locations = new AddressList(256);
  private int[] targets = new int[256];
  private final AddressList offsets = new AddressList(256);
  private long dropped;

  PointerPlaces(int targetCount, int perTargetMax, int max) {
    this.perTarget = new int[targetCount];
    this.perTargetMax = perTargetMax;
    this.max = max;
  }

  void add(long location, int target, long offset) {
    int count = locations.count();
    if (perTarget[target] >= perTargetMax || count >= max) {
      dropped++;
      return;
    }
    perTarget[target]++;
    if (count == targets.length) {
      targets = Arrays.copyOf(targets, count * 2);
    }
    targets[count] = target;
    locations.add(location);
    offsets.add(offset);
  }

  int count() {
    return locations.count();
  }

  /** Whether each target has a place that refers to it. */
  boolean coversAll() {
    return Arrays.stream(perTarget).allMatch(places -> places > 0);
  }

  /** Places beyond the bound. */
  long dropped() {
    return dropped;
  }

  long location(int i) {
    return locations.get(i);
  }

  int target(int i) {
    return targets[i];
  }

  /** Distance of what the place refers to from the target's start. */
  long offset(int i) {
    return offsets.get(i);
  }

  /** Every location once, ascending. */
  long[] sortedLocations() {
    long[] sorted = locations.sorted();
    int distinct = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || sorted[i] != sorted[i - 1]) {
        sorted[distinct++] = sorted[i];
      }
    }
    return Arrays.copyOf(sorted, distinct);
  }
}
