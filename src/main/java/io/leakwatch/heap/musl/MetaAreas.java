package io.leakwatch.heap.musl;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the pages in which musl describes its groups ({@code struct meta_area} in mallocng/meta.h).
 * Each begins with a number that the process drew at its start, and a group in turn begins with the
 * address of its description, so each of them proves itself. The pages lie in brk's memory; where
 * brk was refused, in mappings of their own.
 */
final class MetaAreas {
  private static final int PAGE_BYTES = 4096;
  private static final int HEAD_BYTES = 24;
  private static final int GROUP_BYTES = 8 * Group.WORDS;
  private static final int GROUPS_MAX = (PAGE_BYTES - HEAD_BYTES) / GROUP_BYTES;
  private static final int AREAS_MAX = 1 << 18;
  private static final long SECRET_MIN = 1L << 32;

  private final AddressSpace space;
  private final ByteBudget budget;
  private final Words words;
  private final Presence presence;
  private final long[] head = new long[3];
  private final long[] description = new long[Group.WORDS];
  private final Set<Long> areas = new HashSet<>();
  private long secret;
  private long consistent;
  private long torn;

  MetaAreas(HeapMemory memory, ByteBudget budget, AddressSpace space) {
    this.space = space;
    this.budget = budget;
    this.words = new Words(memory, budget);
    this.presence = new Presence(memory);
  }

  int failure() {
    return presence.failure();
  }

  /** Share of the groups met that proved themselves. */
  double coverage() {
    return consistent == 0 ? 0 : (double) consistent / (consistent + torn);
  }

  /** Addresses of the pages. */
  Set<Long> areas() {
    return areas;
  }

  /**
   * All groups in the order of their addresses.
   *
   * @param pagesMax pages outside of brk's memory of which the first words are read
   */
  List<Group> groups(int pagesMax) {
    for (long[] brk : space.brk()) {
      scan(brk[0], brk[1], AREAS_MAX);
    }
    int left = areas.isEmpty() ? pagesMax : 0;
    for (int i = 0; i < space.mmapped().count() && left > 0; i++) {
      left = scan(space.mmapped().start(i), space.mmapped().end(i), left);
    }
    List<Group> groups = new ArrayList<>();
    for (long area : areas) {
      collect(area, groups);
    }
    groups.sort(Comparator.comparingLong(Group::memory));
    return groups;
  }

  /** Looks at the first words of pages, and at those of the areas that they lead to. */
  private int scan(long start, long end, int pagesMax) {
    int left = pagesMax;
    long page = presence.nextPresent(start, end);
    while (page < end && left-- > 0 && !budget.isExhausted() && presence.failure() == 0) {
      long area = page;
      while (area > 0 && areas.size() < AREAS_MAX && isArea(area) && areas.add(area)) {
        area = head[1];
      }
      page = presence.nextPresent(page + PAGE_BYTES, end);
    }
    return left;
  }

  private boolean isArea(long page) {
    if ((page & (PAGE_BYTES - 1)) != 0 || !words.read(page, head, 3)) {
      return false;
    }
    int groups = (int) head[2];
    if (Math.abs(head[0]) < SECRET_MIN || groups < 1 || groups > GROUPS_MAX) {
      return false;
    }
    if (secret != 0) {
      return head[0] == secret;
    }
    for (int i = 0; i < groups; i++) {
      long at = page + HEAD_BYTES + (long) GROUP_BYTES * i;
      if (group(at).isKnown()) {
        secret = head[0];
        return true;
      }
    }
    return false;
  }

  /** The group that is described at an address, {@link Group#NONE} where it does not agree. */
  private Group group(long at) {
    if (!words.read(at, description, Group.WORDS)) {
      return Group.NONE;
    }
    Group group = Group.of(description);
    boolean holds =
        group.slotBytes() > 0
            && space.anonymous().endOf(group.memory()) >= group.end()
            && words.at(group.memory()) == at;
    return holds ? group : Group.NONE;
  }

  private void collect(long area, List<Group> groups) {
    int count = Math.min(GROUPS_MAX, words.intAt(area + 16));
    for (int i = 0; i < count; i++) {
      long at = area + HEAD_BYTES + (long) GROUP_BYTES * i;
      Group group = group(at);
      if (group.isKnown()) {
        consistent++;
        groups.add(group);
      } else if (words.at(at + 16) != 0) {
        torn++;
      }
    }
  }
}
