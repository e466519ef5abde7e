package io.leakwatch.heap;

/**
 * How an owner is made to give back what it keeps.
 *
 * @param call that does it once, from inside the process; {@code ""} where there is none
 * @param setting that does it for good, {@code ""} where there is none
 */
public record ReleaseCall(String call, String setting) {
  /** Of an owner that cannot be made to. */
  public static final ReleaseCall NONE = new ReleaseCall("", "");
}
