package io.leakwatch.heap;

import org.jspecify.annotations.Nullable;

/** Tells which variable of the program or a library lies at an address. */
@FunctionalInterface
public interface VariableNames {
  /** Knows none. */
  VariableNames NONE = address -> null;

  /**
   * A variable.
   *
   * @param name of its symbol
   * @param offset of the address from the symbol's start
   */
  record Variable(String name, long offset) {}

  /** The variable at an address, null when no symbol covers it. */
  @Nullable Variable at(long address);
}
