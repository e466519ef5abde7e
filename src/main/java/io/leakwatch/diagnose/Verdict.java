package io.leakwatch.diagnose;

import io.leakwatch.history.Signal;
import java.util.List;
import java.util.Map;

/**
 * The judgement of one process at one time. It is derived from samples alone, so that a recorded
 * series is judged as the live one was.
 *
 * @param confidence 0 to 1
 * @param reasons sentences that a person can check, the strongest first
 * @param growthBytesPerSecond current rate of the anonymous working set; {@code NaN} where unknown
 * @param growth rate by signal, bytes per second, of the signals that were seen
 * @param sinceSeconds when the growth began, in the samples' time; {@code NaN} where it does not
 *     grow
 * @param exhaustion forecasts for the limits that apply, the soonest first
 */
public record Verdict(
    VerdictKind kind,
    double confidence,
    List<String> reasons,
    double growthBytesPerSecond,
    Map<Signal, Double> growth,
    double sinceSeconds,
    List<Exhaustion> exhaustion) {

  /** The same judgement under another name. */
  public Verdict as(VerdictKind other) {
    return new Verdict(
        other, confidence, reasons, growthBytesPerSecond, growth, sinceSeconds, exhaustion);
  }

  /**
   * When a limit will be reached at the current rate.
   *
   * @param limitName how an operator would call the limit
   * @param limitBytes its value (a count for limits on the number of mappings)
   * @param seconds from the newest sample; infinite when the process does not grow
   */
  public record Exhaustion(String limitName, double limitBytes, double seconds) {}
}
