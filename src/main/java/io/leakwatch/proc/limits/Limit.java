package io.leakwatch.proc.limits;

/**
 * A bound that a growing process runs into.
 *
 * @param name how an operator would call it, e.g. {@code memory.max of /system.slice/curve.service}
 * @param unit what is counted
 * @param limit the bound, in {@code unit}
 * @param used how much of it is used now, by everything that counts against it, in {@code unit}
 * @param what most of that is, in words that follow "most of it is"; {@code ""} where unknown
 */
public record Limit(String name, Unit unit, long limit, long used, String what) {

  /** One of which it is not known what uses it. */
  public Limit(String name, Unit unit, long limit, long used) {
    this(name, unit, limit, used, "");
  }

  /** The same where it is known what uses it. */
  public Limit usedBy(String most) {
    return new Limit(name, unit, limit, used, most);
  }

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
