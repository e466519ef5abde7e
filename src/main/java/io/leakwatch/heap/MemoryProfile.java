package io.leakwatch.heap;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

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

  /** What tells the entries of a profile apart. The wire names are part of the contract. */
  public enum Basis {
    /** The call stack that allocated; sampled by the runtime, so that figures are estimates. */
    STACK,
    /** The type or class. */
    TYPE,
    /** What sizes and content tell, with who holds it. */
    CONTENT;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    public String wireName() {
      return wireName;
    }
  }

  /**
   * A line of a call stack, or what stands in the place of one.
   *
   * @param name of a function or type
   * @param file of its source, {@code ""} where that is not known
   * @param line in it, 0 where that is not known
   */
  public record Frame(String name, String file, int line) {
    /** One without a place in any source. */
    public static Frame of(String name) {
      return new Frame(name, "", 0);
    }
  }

  /**
   * Objects that are alike.
   *
   * @param frames the calls that allocated them, the innermost first; or the one type
   * @param objects in use
   * @param bytes of them
   */
  public record Entry(List<Frame> frames, long objects, long bytes) {
    public Entry {
      frames = List.copyOf(frames);
    }

    /** Objects of a type. */
    public static Entry ofType(String type, long objects, long bytes) {
      return new Entry(List.of(Frame.of(type)), objects, bytes);
    }
  }

  /** With so many entries at most. */
  public MemoryProfile brief(int entriesMax) {
    return new MemoryProfile(basis, entries.subList(0, Math.min(entriesMax, entries.size())));
  }
}
