package io.leakwatch.history;

import java.util.Arrays;

/**
 * What was seen of one process at one time. A figure that was not looked at is absent ({@code
 * NaN}), never 0.
 */
public final class Sample {
  private static final int SIGNALS = Signal.values().length;

  private final double timeSeconds;
  private final String incarnation;
  private final double[] figures;

  private Sample(double timeSeconds, String incarnation, double[] figures) {
    this.timeSeconds = timeSeconds;
    this.incarnation = incarnation;
    this.figures = figures;
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

  /** Collects the figures of a sample. */
  public static final class Builder {
    private final double timeSeconds;
    private final String incarnation;
    private final double[] figures = new double[SIGNALS];

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

    public Sample build() {
      return new Sample(timeSeconds, incarnation, figures.clone());
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

  /** The figure in its unit (bytes or a count), {@code NaN} where it was not looked at. */
  public double get(Signal signal) {
    return figures[signal.ordinal()];
  }
}
