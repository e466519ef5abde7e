package io.leakwatch.trend;

import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Signal;
import io.leakwatch.trend.load.LoadExplanation;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a process' memory moves, from all samples up to a time. It holds figures, not judgements.
 *
 * @param timeSeconds of the newest sample
 * @param observedSeconds since the first sample of this incarnation
 * @param anonymous the anonymous working set; null before the first hour is over
 * @param inUse what the application has not freed; null where it is not seen
 * @param ratesPerSecond of every signal that was seen, over the growth or the last cycle
 * @param before every signal's value when the growth began, or a cycle ago
 * @param inUseShare what the application has not freed rose by in that time, over what the working
 *     set rose by while both were seen; 0 where it is not seen
 * @param loadShare how much of the growth the load explains, 0 to 1
 * @param load the figures of load that go along with the growth, the largest share first
 * @param held what the allocator keeps from the system beyond what it used to keep
 * @param dangers what else is on its way into its limit, the soonest first
 * @param incarnations how many restarts were seen, plus one
 * @param judgements how often the growth was looked at; figures other than the time change only
 *     then
 * @param hourSeconds what counts as an hour: each floor stands for one
 * @param daySeconds after which the load repeats
 */
public record Trend(
    double timeSeconds,
    double observedSeconds,
    @Nullable Growth anonymous,
    @Nullable Growth inUse,
    Map<Signal, Double> ratesPerSecond,
    Map<Signal, Double> before,
    double inUseShare,
    double loadShare,
    List<LoadExplanation> load,
    Held held,
    List<Danger> dangers,
    int incarnations,
    long judgements,
    double hourSeconds,
    double daySeconds) {

  /**
   * A resource on its way into its limit.
   *
   * @param used bytes or a count
   * @param perSecond present slope
   * @param sinceSeconds when that began, in the samples' time
   * @param probability that the limit is reached if nothing is done
   */
  public record Danger(
      Resource resource,
      double used,
      double limit,
      double perSecond,
      double sinceSeconds,
      double probability) {

    /** Until the limit is reached at the present slope. */
    public double seconds() {
      return perSecond > 0 ? Math.max(0, limit - used) / perSecond : 0;
    }
  }

  /**
   * Memory that the process holds without using it.
   *
   * @param bytes the excess of the gap between anonymous and in-use bytes over what was usual
   * @param settledSeconds for how long it has been there while the working set stood still
   * @param pinnedBytes free below chunks in use, as the newest walk saw them; {@code NaN} unknown
   */
  public record Held(double bytes, double settledSeconds, double pinnedBytes) {
    public static final Held NONE = new Held(0, 0, Double.NaN);
  }
}
