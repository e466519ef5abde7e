package io.leakwatch.heap;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What an owner's memory is spent on, bytes. The parts that memory stands behind ({@link
 * Part#isResident}) add up to what the owner has resident. Unchangeable.
 */
public final class Balance {
  /** Nothing at all. */
  public static final Balance ZERO = new Balance(new long[Part.values().length]);

  private static final Part[] PARTS = Part.values();

  private final long[] bytes;

  private Balance(long[] bytes) {
    this.bytes = bytes;
  }

  /** A way to spend memory. The wire names are part of the contract. */
  public enum Part {
    /** Handed out and not freed, as far as memory stands behind it. */
    LIVE,
    /** Unreachable, until the next collection finds it. */
    GARBAGE,
    /** Freed, and held ready by threads or processors. */
    CACHED,
    /** Freed, in slabs, runs, spans or heaps that something in use keeps from being given back. */
    PINNED,
    /** Free as whole pages, and kept. */
    KEPT,
    /** Stacks that the owner manages. */
    STACK,
    /** What the owner keeps its books in. */
    METADATA,
    /** Code that it compiled. */
    CODE,
    /** Handed out and never touched: no memory stands behind it. */
    UNTOUCHED,
    /** Free, and without memory behind it. */
    RETURNED,
    /** What the owner's own release call would give back now; part of the others. */
    GIVE_BACK;

    private static final List<Part> ALL = List.of(values());

    private final String wireName = name().toLowerCase(Locale.ROOT);
    private final String fieldName = wireName + "_bytes";

    /** E.g. {@code live_bytes}. */
    public String fieldName() {
      return fieldName;
    }

    /** All of them, in their order. */
    public static List<Part> all() {
      return ALL;
    }

    public String wireName() {
      return wireName;
    }

    /** Whether only what has a collector, stacks or a compiler of its own spends memory so. */
    public boolean isOfRuntimes() {
      return this == GARBAGE || this == STACK || this == CODE;
    }

    /** Whether memory stands behind it and no other part counts it. */
    public boolean isResident() {
      return ordinal() < UNTOUCHED.ordinal();
    }
  }

  /** A balance of which no part is known yet to be more than nothing. */
  public static Builder builder() {
    return new Builder();
  }

  /** Makes one. */
  public static final class Builder {
    private final long[] bytes = new long[PARTS.length];

    private Builder() {}

    /** Sets a part. */
    public Builder set(Part part, long value) {
      bytes[part.ordinal()] = Math.max(0, value);
      return this;
    }

    /** Adds to a part. */
    public Builder add(Part part, long value) {
      return set(part, bytes[part.ordinal()] + value);
    }

    public Balance build() {
      return new Balance(bytes.clone());
    }
  }

  public long bytes(Part part) {
    return bytes[part.ordinal()];
  }

  /** What the owner has resident, as far as its parts explain it. */
  public long residentBytes() {
    long sum = 0;
    for (Part part : PARTS) {
      sum += part.isResident() ? bytes[part.ordinal()] : 0;
    }
    return sum;
  }

  /** Both together. */
  public Balance plus(Balance other) {
    long[] sum = bytes.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other.bytes[i];
    }
    return new Balance(sum);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Balance balance && Arrays.equals(bytes, balance.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Balance");
    for (Part part : PARTS) {
      text.append(' ').append(part.wireName()).append('=').append(bytes[part.ordinal()]);
    }
    return text.toString();
  }
}
