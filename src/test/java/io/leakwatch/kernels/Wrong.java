package io.leakwatch.kernels;

/** A requirement that is not met; the message is the fault. */
final class Wrong extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final String said;

  /**
   * @param said what was said, in words
   * @param fault what is wrong about it
   */
  Wrong(String said, String fault) {
    super(fault);
    this.said = said;
  }

  String said() {
    return said;
  }
}
