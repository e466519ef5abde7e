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
  private final float[][] traces;
  private boolean begun;
  private long firstOnset;
  private long lastBin;
  private double before;

  /**
   * @param perFloor stretches of a floor, of which each is a possible begin
   * @param onsets a ramp may have begun less than so many floors ago
   */
  RampFilter(int perFloor, int onsets) {
    this.perFloor = perFloor;
    traces = new float[onsets][2];
    kept = Math.exp(-1 / (NOISE_FLOORS * perFloor));
    variance = 1 - kept * kept + WHITE_SHARE;
  }

  void clear() {
    begun = false;
  }

  /** Takes the deviation of a stretch, in units of the noise. Some may be left out. */
  void accept(long bin, double deviation) {
    long newest = bin / perFloor;
    if (!begun) {
      firstOnset = newest + 1;
      lastBin = bin;
      before = deviation;
      begun = true;
    }
    for (long onset = newest;
        onset > Math.max(lastBin / perFloor, newest - traces.length);
        onset--) {
      Arrays.fill(traces[slot(onset)], 0);
    }
    long gap = Math.max(1, bin - lastBin);
    double stays = kept(gap);
    double unknown = innovationVariance(gap);
    double innovation = deviation - stays * before;
    for (long onset = Math.max(firstOnset, newest - traces.length + 1); onset <= newest; onset++) {
      double since = bin - onset * perFloor;
      double left = since - stays * Math.max(0, since - gap);
      float[] trace = traces[slot(onset)];
      trace[INFORMATION] += (float) (left * left / unknown);
      trace[CORRELATION] += (float) (innovation * left / unknown);
    }
    lastBin = bin;
    before = deviation;
  }

  private double kept(long gap) {
    return gap == 1 ? kept : Math.pow(kept, (double) gap);
  }

  private double innovationVariance(long gap) {
    return gap == 1 ? variance : 1 - Math.pow(kept, 2.0 * gap) + WHITE_SHARE;
  }

  /** Standard deviation of the change over so many stretches. */
  double usualChange(long gap) {
    return Math.sqrt(2 * (1 - kept(gap) + WHITE_SHARE));
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
    long[] bins = new long[deviations.length];
    Arrays.setAll(bins, i -> i);
    return highestStep(bins, deviations);
  }

  /** The same for deviations of those stretches. */
  double highestStep(long[] bins, double[] deviations) {
    double highest = 0;
    double correlation = 0;
    double information = 0;
    for (int i = deviations.length - 1; i > 0; i--) {
      long gap = bins[i] - bins[i - 1];
      double stays = kept(gap);
      double unknown = innovationVariance(gap);
      double innovation = deviations[i] - stays * deviations[i - 1];
      double at = correlation + innovation / unknown;
      highest = Math.max(highest, at / Math.sqrt(information + 1 / unknown));
      correlation += (1 - stays) * innovation / unknown;
      information += (1 - stays) * (1 - stays) / unknown;
    }
    return Math.max(highest, correlation / Math.sqrt(information));
  }

  private boolean isKnown(long onset) {
    return begun
        && onset >= firstOnset
        && onset > lastBin / perFloor - traces.length
        && traces[slot(onset)][INFORMATION] > 0;
  }

  private int slot(long onset) {
    return (int) Math.floorMod(onset, (long) traces.length);
  }

  long retainedBytes() {
    return 8L * traces.length + 64;
  }
}
