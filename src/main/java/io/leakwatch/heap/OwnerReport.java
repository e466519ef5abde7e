package io.leakwatch.heap;

import io.leakwatch.region.kind.Allocator;
import java.util.List;

/**
 * What one owner of memory, an allocator or a runtime, holds at the time of a reading. Whoever
 * judges, compares or shows memory relies on this alone; what only one owner has, such as glibc's
 * arenas, its own report tells beside it.
 */
public interface OwnerReport {
  Allocator owner();

  Recognition recognition();

  /** Whether its figures mean anything. */
  default boolean isRecognised() {
    return recognition().isRecognised();
  }

  Balance balance();

  /** Objects in use. */
  long objects();

  /** Objects in use by size, most bytes first, bounded. */
  List<SizeClass> census();

  /** How full its slabs are, by size; none where they are not known or it has none. */
  default List<SlabFill> slabFill() {
    return List.of();
  }

  /**
   * What memory in use is attributed to, the most telling first; none where the owner does not know
   * more than sizes, or only sums were asked for.
   */
  default List<MemoryProfile> profiles() {
    return List.of();
  }

  /** Collections since the start; -1 where nothing is collected or that is not known. */
  default long collections() {
    return -1;
  }

  /**
   * What is in use and memory stands behind: what a growth is judged by. A growth of what was only
   * asked for fills no memory.
   */
  default long inUseBytes() {
    return balance().bytes(Balance.Part.LIVE);
  }

  /**
   * The same as of this moment, for who compares looks that are seconds apart. Where a collector
   * has not come to all of it meanwhile, it holds what may be garbage.
   */
  default long inUseNowBytes() {
    return inUseBytes();
  }

  /** What the application has not freed, touched or not. */
  default long handedOutBytes() {
    return inUseBytes() + balance().bytes(Balance.Part.UNTOUCHED);
  }

  /** Unreachable, for the next collection: it comes and goes, and nobody holds it back. */
  default long garbageBytes() {
    return balance().bytes(Balance.Part.GARBAGE);
  }

  /** Freed and kept by the owner, garbage included. */
  default long freeBytes() {
    Balance balance = balance();
    return balance.bytes(Balance.Part.GARBAGE)
        + balance.bytes(Balance.Part.CACHED)
        + balance.bytes(Balance.Part.PINNED)
        + balance.bytes(Balance.Part.KEPT);
  }

  /** Freed, and kept from being given back by something in use. */
  default long pinnedBytes() {
    return balance().bytes(Balance.Part.PINNED);
  }

  /** What its own release call would give back now. */
  default long giveBackBytes() {
    return balance().bytes(Balance.Part.GIVE_BACK);
  }

  /** Resident in mappings of the owner's kinds that turned out not to be its own. */
  default long foreignBytes() {
    return 0;
  }

  /** How it is made to give back what it keeps. */
  ReleaseCall release();

  /** The same with so many of its parts listed one by one, for what is kept of each process. */
  default OwnerReport brief(int partsMax) {
    return this;
  }
}
