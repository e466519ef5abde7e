package io.leakwatch.heap.memory;

import io.leakwatch.proc.memory.AddressRanges;
import java.util.TreeSet;

/**
 * Which of a process' private memory turned out to be one allocator's: what it gives out, and what
 * it keeps its books in. The rest of the large mappings is somebody else's.
 */
public final class OwnedMemory {
  /** Stretches that are kept apart; what lies beyond counts as the allocator's own. */
  private static final int STRETCHES_MAX = 1 << 16;

  /** An allocator keeps its books in blocks much larger than this one. */
  private static final int BLOCK_SHIFT = 16;

  /** Smaller mappings are no memory of an allocator. */
  private static final long MAPPING_MIN_BYTES = 64 << 10;

  private final AddressRanges given = new AddressRanges(STRETCHES_MAX);
  private final TreeSet<Long> books = new TreeSet<>();

  /** Receives ranges in which the allocator keeps its books. */
  @FunctionalInterface
  public interface Books {
    /** Takes one. */
    void range(long start, long end);
  }

  /** Notes memory that it gives out, in the order of addresses. */
  public void gives(long start, long end) {
    given.add(start, end);
  }

  /** Notes that it keeps something of its own at an address. */
  public void keeps(long address) {
    books.add(address >>> BLOCK_SHIFT);
  }

  /** Present bytes of large private mappings, stacks excepted, in which nothing is its own. */
  public long foreignBytes(OwnerTarget target, Presence presence, Books receiver) {
    AddressSpace space = target.space();
    long foreign = 0;
    for (long[] brk : space.brk()) {
      foreign += foreign(brk[0], brk[1], presence, receiver);
    }
    AddressRanges guards = guards(target);
    for (int i = 0; i < space.mmapped().count(); i++) {
      long start = space.mmapped().start(i);
      long end = space.mmapped().end(i);
      if (isOwn(start, end) || (end - start >= MAPPING_MIN_BYTES && !guards.contains(start - 1))) {
        foreign += foreign(start, end, presence, receiver);
      }
    }
    return foreign;
  }

  /** Memory without access, as lies below a thread's stack. */
  private static AddressRanges guards(OwnerTarget target) {
    AddressRanges guards = new AddressRanges();
    for (int i = 0; i < target.table().size(); i++) {
      if (!target.table().isReadable(i) && target.table().inode(i) == 0) {
        guards.add(target.table().start(i), target.table().end(i));
      }
    }
    return guards;
  }

  private long foreign(long start, long end, Presence presence, Books receiver) {
    long foreign = 0;
    long at = start;
    int range = Math.max(0, given.lastBefore(start));
    while (at < end) {
      while (range < given.count() && given.end(range) <= at) {
        range++;
      }
      boolean isLast = range >= given.count();
      long until = isLast ? end : Math.max(at, Math.min(end, given.start(range)));
      if (until > at && (given.isFull() || keepsWithin(at, until))) {
        receiver.range(at, until);
      } else if (until > at) {
        foreign += presence.presentBytes(at, until);
      }
      at = isLast ? end : Math.max(until, Math.min(end, given.end(range)));
    }
    return foreign;
  }

  private boolean keepsWithin(long start, long end) {
    Long block = books.ceiling(start >>> BLOCK_SHIFT);
    return block != null && block <= ((end - 1) >>> BLOCK_SHIFT);
  }

  private boolean isOwn(long start, long end) {
    return given.meets(start, end) || keepsWithin(start, end);
  }
}
