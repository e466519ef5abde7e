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
 * @param anonymous the anonymous working set; null before the first hour is over
 * @param inUse what the application has not freed; null where it is not seen
 * @param held what the allocator keeps from the system beyond what it used to keep
 * @param dangers what is on its way into its limit beside the working set, the soonest first
 */
public record Trend(
    Observed observed,
    @Nullable Growth anonymous,
    @Nullable Growth inUse,
    Signals signals,
    Explained load,
    Held held,
    List<Danger> dangers) {

  /**
   * What it rests on.
   *
   * @param timeSeconds of the newest sample
   * @param seconds since the first sample of this incarnation
   * @param incarnations how many restarts were seen, plus one
   * @param judgements how often the growth was judged; figures other than the time change only then
   * @param hourSeconds what counts as an hour: each floor stands for one
   * @param daySeconds after which the load repeats
   */
  public record Observed(
      double timeSeconds,
      double seconds,
      int incarnations,
      long judgements,
      double hourSeconds,
      double daySeconds) {}

  /**
   * How the signals that were seen moved over the growth, or over the last cycle.
   *
   * @param perSecond rate of every signal
   * @param before every signal's value when the growth began, or a cycle ago
   * @param inUseShare what the application has not freed rose by in that time, over what the
   *     working set rose by while both were seen; 0 where it is not seen
   * @param untouchedShare the same of what it has not freed and not touched: negative where it
   *     fills memory that it had been given before
   */
  public record Signals(
      Map<Signal, Double> perSecond,
      Map<Signal, Double> before,
      double inUseShare,
      double untouchedShare) {
    static final Signals NONE = new Signals(Map.of(), Map.of(), 0, 0);
  }

  /**
   * What the load has to do with the growth.
   *
   * @param share how much of the growth the load explains, 0 to 1
   * @param figures those of load that go along with the growth, the largest share first
   */
  public record Explained(double share, List<LoadExplanation> figures) {
    static final Explained NOTHING = new Explained(0, List.of());
  }

  /**
   * A resource on its way into its limit.
   *
   * @param rate present slope, with its standard error where it was measured over hours
   * @param sinceSeconds when that began, in the samples' time
   * @param probability that the limit is reached if nothing is done
   * @param evidence such growth is reported once in so many days where nothing leaks; 0 where it is
   *     too young for that
   */
  public record Danger(
      Resource resource,
      Level level,
      Growth.Rate rate,
      double sinceSeconds,
      double probability,
      double evidence) {

    /** Until the limit is reached at the present slope. */
    public double seconds() {
      double perSecond = rate.bytesPerSecond();
      return perSecond > 0 ? Math.max(0, level.limit() - level.used()) / perSecond : 0;
    }
  }

  /**
   * How much of a resource is used, bytes or a count.
   *
   * @param before when its growth began
   */
  public record Level(double before, double used, double limit) {}

  /**
   * Memory that the process holds without using it.
   *
   * @param bytes the excess of the gap between anonymous and in-use bytes over what was usual
   * @param settledSeconds for how long it has been there while the working set stood still
   * @param pinnedBytes free, kept from being given back by something in use, as the newest walk saw
   *     them; {@code NaN} unknown
   */
  public record Held(double bytes, double settledSeconds, double pinnedBytes) {
    public static final Held NONE = new Held(0, 0, Double.NaN);
  }
}
