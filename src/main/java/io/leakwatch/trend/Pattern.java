package io.leakwatch.trend;

/** The shape of a series over the last days. */
public enum Pattern {
  /** Too little seen. */
  UNKNOWN,
  FLAT,
  /** Rises, and bends towards a plateau. */
  SATURATING,
  /** Rises and falls with the cycle; the floor stays. */
  CYCLIC,
  /** Rose at once and stayed. */
  STEP,
  /** Rises, and nothing says that it will stop. */
  GROWING
}
