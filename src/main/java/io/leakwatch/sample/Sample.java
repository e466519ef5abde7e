package io.leakwatch.sample;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was seen of one process at one time. A figure that was not read is absent ({@code NaN}),
 * never 0.
 */
public final class Sample {
  private static final int SIGNALS = Signal.values().length;

  private final double timeSeconds;
  private final String incarnation;
  private final double[] figures;
  private final Map<LoadSeries, Double> load;

  private Sample(
      double timeSeconds, String incarnation, double[] figures, Map<LoadSeries, Double> load) {
    this.timeSeconds = timeSeconds;
    this.incarnation = incarnation;
    this.figures = figures;
    this.load = load;
  }

  /**
   * Starts a sample without figures.
   *
   * @param timeSeconds seconds since 1970-01-01 UTC, or since any origin in a recorded series
   * @param incarnation changes when the process is restarted; {@code ""} where unknown
   */
  public static Builder at(double timeSeconds, String incarnation) {
    return new Builder(timeSeconds, incarnation);
  }

  /** Starts a sample of the same time with the same figures. */
  public Builder with(String otherIncarnation) {
    Builder builder = new Builder(timeSeconds, otherIncarnation);
    System.arraycopy(figures, 0, builder.figures, 0, SIGNALS);
    load.forEach(builder::load);
    return builder;
  }

  /** Collects the figures of a sample. */
  public static final class Builder {
    private final double timeSeconds;
    private final String incarnation;
    private final double[] figures = new double[SIGNALS];
    private Map<LoadSeries, Double> load = Map.of();

    private Builder(double timeSeconds, String incarnation) {
      this.timeSeconds = timeSeconds;
      this.incarnation = incarnation;
      Arrays.fill(figures, Double.NaN);
    }

    /** Sets one figure; {@code NaN} leaves it absent. */
    public Builder set(Signal signal, double value) {
      figures[signal.ordinal()] = value;
      return this;
    }

    /**
     * Sets one figure of its work; what is not finite, or more than a sample may carry, is left
     * out.
     */
    public Builder load(LoadSeries series, double value) {
      if (Double.isFinite(value) && load.size() < LoadSeries.PER_SAMPLE_MAX) {
        load = load.isEmpty() ? new TreeMap<>() : load;
        load.put(series, value);
      }
      return this;
    }

    public Sample build() {
      return new Sample(
          timeSeconds, incarnation, figures.clone(), load.isEmpty() ? load : Map.copyOf(load));
    }
  }

  public double timeSeconds() {
    return timeSeconds;
  }

  public String incarnation() {
    return incarnation;
  }

  public boolean has(Signal signal) {
    return !Double.isNaN(figures[signal.ordinal()]);
  }

  /** The figure in its unit (bytes or a count), {@code NaN} where it was not read. */
  public double get(Signal signal) {
    return figures[signal.ordinal()];
  }

  /** What its metrics endpoint said of its work; empty where it was not asked. */
  public Map<LoadSeries, Double> load() {
    return load;
  }
}
