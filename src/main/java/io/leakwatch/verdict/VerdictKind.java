package io.leakwatch.verdict;

import java.util.Locale;

/** What is the matter with a process' memory. The wire names are part of the contract. */
public enum VerdictKind {
  /** Not growing. */
  STEADY,
  /** Growing, but saturating. */
  WARMING,
  /** Rises and falls with the day or a batch. */
  CYCLIC,
  /** Growth is explained by the load. */
  LOAD,
  /** What is in use grows without bound. */
  LEAK,
  /** Freed by the application, kept by the allocator. */
  HELD,
  /** Held, because memory in use above it or among it keeps it from being given back. */
  PINNED,
  /** Grows; too early or too little access to say why. */
  GROWING,
  /** Not enough data. */
  UNKNOWN;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /** Whether it says that memory goes where it does not come back from. */
  public boolean isAlarming() {
    return this == LEAK || this == GROWING || this == HELD || this == PINNED;
  }

  /** Whether it says that memory grows, for whatever cause. */
  public boolean isGrowth() {
    return this == LEAK || this == GROWING || this == LOAD || this == WARMING;
  }

  public String wireName() {
    return wireName;
  }
}
