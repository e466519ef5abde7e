package io.leakwatch.verdict;

import io.leakwatch.sample.Signal;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The judgement of one process at one time. It is derived from samples alone, so that a recorded
 * series is judged as the live one was.
 *
 * @param confidence 0 to 1
 * @param reasons sentences that a person can check, the strongest first
 * @param load the figures of load that go along with the growth, the largest share first
 * @param changes what changed when the growth began, the likeliest cause first; two at most
 */
public record Verdict(
    VerdictKind kind,
    double confidence,
    List<String> reasons,
    Growth growth,
    Forecast forecast,
    List<Load> load,
    List<NamedChange> changes) {

  /** A judgement that knows of no change. */
  public Verdict(
      VerdictKind kind,
      double confidence,
      List<String> reasons,
      Growth growth,
      Forecast forecast,
      List<Load> load) {
    this(kind, confidence, reasons, growth, forecast, load, List.of());
  }

  /** The same with further reasons, of which the first one completes the first there is. */
  public Verdict because(List<String> further) {
    if (further.isEmpty() || reasons.isEmpty()) {
      return this;
    }
    List<String> all = new ArrayList<>(reasons);
    all.set(0, reasons.get(0) + "; " + further.get(0));
    all.addAll(1, further.subList(1, further.size()));
    return new Verdict(kind, confidence, List.copyOf(all), growth, forecast, load, changes);
  }

  /**
   * How the memory grows.
   *
   * @param bytesPerSecond current rate of the anonymous working set, or of in-use bytes where they
   *     alone grow; {@code NaN} where unknown
   * @param errorBytesPerSecond standard error of it; {@code NaN} where unknown
   * @param bySignal rate by signal, bytes per second, of the signals that were seen
   * @param sinceSeconds when the growth began, in the samples' time; {@code NaN} where it does not
   *     grow
   * @param evidence such growth is reported once in so many days where nothing leaks; 0 where no
   *     leak is found
   */
  public record Growth(
      double bytesPerSecond,
      double errorBytesPerSecond,
      Map<Signal, Double> bySignal,
      double sinceSeconds,
      double evidence) {}

  /**
   * Where that leads.
   *
   * @param probability that the limit that is reached first is reached if nothing is done; {@code
   *     NaN} where it is not in danger
   * @param exhaustion when the limits that apply are reached, the soonest first
   */
  public record Forecast(double probability, List<Exhaustion> exhaustion) {}

  /**
   * The same judgement with what changed when the growth began.
   *
   * @param sentence that says so; it comes after the one about the growth
   */
  Verdict with(String sentence, List<NamedChange> named) {
    List<String> all = new ArrayList<>(reasons);
    all.add(Math.min(1, all.size()), sentence);
    return new Verdict(kind, confidence, List.copyOf(all), growth, forecast, load, named);
  }

  /** Whether a limit is near and likely to be reached, whatever the cause. */
  public boolean isDanger() {
    return !Double.isNaN(forecast.probability());
  }

  /** The same judgement under another name. */
  public Verdict as(VerdictKind other) {
    return new Verdict(other, confidence, reasons, growth, forecast, load, changes);
  }

  /**
   * What changed when the growth began.
   *
   * @param timeSeconds when, in the samples' time
   * @param kind as {@link io.leakwatch.sample.Change.Kind#wireName} calls it
   * @param text what changed, and how long it had been otherwise
   */
  public record NamedChange(double timeSeconds, String kind, String text) {}

  /**
   * What a figure of the process' load has to do with its growth.
   *
   * @param metric as the configuration names it
   * @param counter whether it is a sum that only rises: then memory leaks with each unit of it, and
   *     it excuses nothing
   * @param explainedFraction share of the growth that goes along with it, 0 to 1
   * @param bytesPerUnit how much memory goes along with one unit
   */
  public record Load(
      String metric, boolean counter, double explainedFraction, double bytesPerUnit) {}

  /**
   * When a limit will be reached at the current rate.
   *
   * @param limitName how an operator would call the limit
   * @param limitBytes its value (a count for limits on the number of mappings)
   * @param seconds from the newest sample; infinite when the process does not grow
   */
  public record Exhaustion(String limitName, double limitBytes, double seconds) {
    /** A time from there on is no forecast: nothing grows evenly for so long. */
    public static final int FORECAST_YEARS_MAX = 2;

    /** The same in seconds, with years of 365 days. */
    public static final double FORECAST_SECONDS_MAX = FORECAST_YEARS_MAX * 365 * 86_400.0;

    /** When a limit is reached: {@code in 2.1 days}, {@code not within 2 years}. */
    public static String when(double seconds) {
      return seconds >= FORECAST_SECONDS_MAX
          ? "not within " + FORECAST_YEARS_MAX + " years"
          : "in " + Quantity.duration(seconds);
    }
  }
}
