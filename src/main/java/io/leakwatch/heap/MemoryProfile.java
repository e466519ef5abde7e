package io.leakwatch.heap;

import java.util.Comparator;
import java.util.List;

/**
 * What an owner's memory in use is attributed to.
 *
 * @param basis what its entries are told apart by
 * @param entries most bytes first, bounded
 */
public record MemoryProfile(Basis basis, List<Entry> entries) {
  public MemoryProfile {
    entries = entries.stream().sorted(Comparator.comparingLong(Entry::bytes).reversed()).toList();
  }

  /** What tells the entries of a profile apart. */
  public enum Basis {
    /** The call stack that allocated. */
    STACK,
    /** The type or class. */
    TYPE,
    /** The size class. */
    SIZE
  }

  /**
   * Objects that are alike.
   *
   * @param frames the functions that allocated them, the innermost first; or the one type
   * @param objects in use
   * @param bytes of them
   */
  public record Entry(List<String> frames, long objects, long bytes) {
    public Entry {
      frames = List.copyOf(frames);
    }
  }

  /** With so many entries at most. */
  public MemoryProfile brief(int entriesMax) {
    return new MemoryProfile(basis, entries.subList(0, Math.min(entriesMax, entries.size())));
  }
}
