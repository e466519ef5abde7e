package io.leakwatch.trend;

import io.leakwatch.history.Signal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a process' memory moves, from all samples up to a time. It holds figures, not judgements.
 *
 * @param timeSeconds of the newest sample
 * @param observedSeconds since the first sample of this incarnation
 * @param anonymous the anonymous working set; null before the first floor is closed
 * @param inUse what the application has not freed; null where it is not seen
 * @param ratesPerSecond of every signal that was seen, over the growth or the last cycle
 * @param before every signal's value when the growth began, or a cycle ago
 * @param inUseShare what the application has not freed rose by in that time, over what the working
 *     set rose by while both were seen; 0 where it is not seen
 * @param loadShare how much of the growth the load explains, 0 to 1
 * @param load the figures of load that go along with the growth, the largest share first
 * @param held what the allocator keeps from the system beyond what it used to keep
 * @param evidence of the e-detector: a false alarm at level m comes once in at least m cycles
 * @param incarnations how many restarts were seen, plus one
 * @param judgements how often the growth was looked at; figures other than the time change only
 *     then
 * @param floorSeconds width of the stretch that each floor stands for
 * @param cycleSeconds after which the load repeats
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
    double evidence,
    int incarnations,
    long judgements,
    double floorSeconds,
    double cycleSeconds) {

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
