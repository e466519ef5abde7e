package io.leakwatch.proc.limits;

/**
 * A bound that a growing process runs into.
 *
 * @param name how an operator would call it, e.g. {@code memory.max of /system.slice/curve.service}
 * @param unit what is counted
 * @param limit the bound, in {@code unit}
 * @param used how much of it is used now, by everything that counts against it, in {@code unit}
 */
public record Limit(String name, Unit unit, long limit, long used) {

  /** What a limit counts. */
  public enum Unit {
    BYTES,
    MAPPINGS,
    THREADS,
    DESCRIPTORS
  }

  public long headroom() {
    return Math.max(0, limit - used);
  }
}
