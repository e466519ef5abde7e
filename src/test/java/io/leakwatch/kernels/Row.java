package io.leakwatch.kernels;

/**
 * One check on one kernel.
 *
 * @param yama the value of kernel.yama.ptrace_scope; {@code ""} where it does not matter
 * @param said in words
 * @param fault what is wrong; {@code ""} for a right row
 */
record Row(String check, String yama, String said, String fault) {
  boolean right() {
    return fault.isEmpty();
  }
}
