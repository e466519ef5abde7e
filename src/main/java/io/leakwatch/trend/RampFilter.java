package io.leakwatch.trend;

import java.util.Arrays;

/**
 * How much speaks for a ramp, and how much for a step, under noise that forgets within an hour.
 *
 * <p>A deviation less what is left of the one before it is an innovation, and those are independent
 * where the model is true. A ramp that began at a time would leave a known trace in them, and so
 * would a step. Each hour of the last ones is a possible begin; the correlation of the innovations
 * with its trace, in standard deviations, is its generalised likelihood ratio (Lai: Information
 * bounds and quick detection of parameter changes in stochastic systems, 1998). All values since
 * the begin take part in it, so that noise is averaged out as far as it can be; the lowest of the
 * newest, which other tests look at, is the better part of a day later where a leak is slow.
 */
final class RampFilter {
  static final int ONSETS = 18;

  private static final double NOISE_FLOORS = 1;
  private static final double WHITE_SHARE = 0.05;
  private static final int INFORMATION = 0;
  private static final int CORRELATION = 1;

  private final int perFloor;
  private final double kept;
  private final double variance;
  private final float[][] traces = new float[ONSETS][2];
  private boolean begun;
  private long firstOnset;
  private double before;

  /**
   * @param perFloor stretches of a floor, of which each is a possible begin
   */
  RampFilter(int perFloor) {
    this.perFloor = perFloor;
    kept = Math.exp(-1 / (NOISE_FLOORS * perFloor));
    variance = 1 - kept * kept + WHITE_SHARE;
  }

  void clear() {
    begun = false;
  }

  /** Takes the deviation of the next stretch, in units of the noise. */
  void accept(long bin, double deviation) {
    long newest = bin / perFloor;
    if (!begun) {
      firstOnset = newest + 1;
      before = deviation;
      begun = true;
    }
    if (bin % perFloor == 0) {
      Arrays.fill(traces[slot(newest)], 0);
    }
    double innovation = deviation - kept * before;
    for (long onset = Math.max(firstOnset, newest - ONSETS + 1); onset <= newest; onset++) {
      double since = bin - onset * perFloor;
      double left = since - kept * Math.max(0, since - 1);
      float[] trace = traces[slot(onset)];
      trace[INFORMATION] += (float) (left * left / variance);
      trace[CORRELATION] += (float) (innovation * left / variance);
    }
    before = deviation;
  }

  /** How many standard deviations speak for a ramp since so many floors. */
  double ramp(long bin, int floors) {
    long onset = bin / perFloor - floors;
    float[] trace = traces[slot(onset)];
    return isKnown(onset) ? trace[CORRELATION] / Math.sqrt(trace[INFORMATION]) : 0;
  }

  /** How much a ramp since so many floors has risen, in units of the noise. */
  double risen(long bin, int floors) {
    long onset = bin / perFloor - floors;
    float[] trace = traces[slot(onset)];
    return isKnown(onset) ? trace[CORRELATION] / trace[INFORMATION] * (bin - onset * perFloor) : 0;
  }

  /**
   * How many standard deviations speak for a step, wherever in these deviations speaks most, or for
   * one before them.
   */
  double highestStep(double[] deviations) {
    double highest = 0;
    double sum = 0;
    int n = deviations.length;
    for (int i = n - 1; i > 0; i--) {
      double innovation = deviations[i] - kept * deviations[i - 1];
      double correlation = innovation + (1 - kept) * sum;
      double information = 1 + (1 - kept) * (1 - kept) * (n - 1 - i);
      highest = Math.max(highest, correlation / Math.sqrt(information * variance));
      sum += innovation;
    }
    return Math.max(highest, sum / Math.sqrt((n - 1) * variance));
  }

  private boolean isKnown(long onset) {
    return begun && onset >= firstOnset && traces[slot(onset)][INFORMATION] > 0;
  }

  private static int slot(long onset) {
    return (int) Math.floorMod(onset, (long) ONSETS);
  }

  long retainedBytes() {
    return 4L * ONSETS * 2 + 64;
  }
}
