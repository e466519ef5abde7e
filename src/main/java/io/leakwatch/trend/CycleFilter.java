package io.leakwatch.trend;

import java.util.Arrays;

/**
 * What of a deviation from the usual cycle can be neither today's load nor noise.
 *
 * <p>A load has its own height every day, and may come earlier or later, while the shape of its
 * cycle repeats. So a deviation is {@code a(t)·s(t) + b(t)·s'(t) + u(t)}: the height {@code a} and
 * the shift {@code b} change within about a day, the noise {@code u} within about an hour, and the
 * shape {@code s} is known. A Kalman filter follows the three. At the trough, where {@code s} is
 * nothing, all of a deviation is left; on a flank what does not rise as the load does.
 *
 * <p>A leak that began at a time would leave a known trace in the innovations of the filter. Each
 * of many possible begins is correlated with them (generalised likelihood ratio of Willsky and
 * Jones: A generalized likelihood ratio approach to the detection and estimation of jumps in linear
 * systems, 1976), for a ramp and for a step; the step may also begin within a floor, wherever a
 * deviation has jumped. After a jump that nothing of the model can explain the level is unknown, a
 * fourth state of great variance, and is learnt anew: else what the filter had not yet forgotten of
 * it would look like a slow ramp, days later. The result is in standard deviations where the model
 * is true; how the memory of a process departs from it is for {@link CyclicTest} to learn. The
 * figures of the model matter little: half or twice of each costs a tenth of the delay.
 */
final class CycleFilter {
  static final int ONSETS = 36;

  private static final int STATES = 4;
  private static final int LEVEL = 3;
  private static final double HEIGHT_DEVIATION = 0.3;
  private static final double SHIFT_FLOORS = 0.5;
  private static final double CYCLES_KEPT = 1;
  private static final double NOISE_FLOORS = 1;
  private static final double WHITE_SHARE = 0.3;
  private static final int INFORMATION = STATES;
  private static final int CORRELATION = STATES + 1;
  private static final int JUMP = STATES + 2;
  private static final double EVIDENT_JUMP = 4;
  private static final double LARGE_JUMP = 8;

  private final int perFloor;
  private final double[] kept = new double[STATES];
  private final double[] state = new double[STATES];
  private final double[][] covariance = new double[STATES][STATES];
  private final double[] shape = new double[STATES];
  private final double[] gain = new double[STATES];
  private final double[] across = new double[STATES];
  private final float[][] ramps = new float[ONSETS][STATES + 2];
  private final float[][] steps;
  private boolean begun;
  private long firstOnset;
  private double innovation;
  private double variance;

  /**
   * @param cycle stretches of a cycle
   * @param perFloor stretches of a floor, of which each is a possible begin
   */
  CycleFilter(int cycle, int perFloor) {
    this.perFloor = perFloor;
    kept[0] = Math.exp(-1 / (CYCLES_KEPT * cycle));
    kept[1] = kept[0];
    kept[2] = Math.exp(-1 / (NOISE_FLOORS * perFloor));
    shape[2] = 1;
    kept[LEVEL] = 1;
    shape[LEVEL] = 1;
    steps = new float[ONSETS * perFloor][STATES + 3];
    clear();
  }

  void clear() {
    begun = false;
    Arrays.fill(state, 0);
  }

  /**
   * Takes the deviation of a stretch.
   *
   * @param height of the usual cycle above its trough at that time
   * @param perFloorChange of that height
   * @param unexplained share of height and shift that the load has not told already
   * @param noise standard deviation of it
   */
  void accept(
      long bin,
      double deviation,
      double height,
      double perFloorChange,
      double unexplained,
      double noise) {
    double[] usual = {
      square(HEIGHT_DEVIATION * unexplained), square(SHIFT_FLOORS * unexplained), square(noise), 0
    };
    if (!begun) {
      for (int i = 0; i < STATES; i++) {
        Arrays.fill(covariance[i], 0);
        covariance[i][i] = usual[i];
      }
      firstOnset = (bin + perFloor - 1) / perFloor;
      begun = true;
    }
    long newest = bin / perFloor;
    if (bin % perFloor == 0) {
      Arrays.fill(ramps[slot(newest)], 0);
    }
    Arrays.fill(steps[step(bin)], 0);
    shape[0] = height;
    shape[1] = perFloorChange;
    predict(usual);
    update(deviation, WHITE_SHARE * WHITE_SHARE * usual[2]);
    steps[step(bin)][JUMP] = (float) (innovation / Math.sqrt(variance));
    for (long onset = Math.max(firstOnset, newest - ONSETS + 1); onset <= newest; onset++) {
      respond(ramps[slot(onset)], (double) (bin - onset * perFloor));
    }
    long earliest = Math.max(firstOnset * perFloor, bin - steps.length + 1);
    int at = step(earliest);
    for (long onset = earliest; onset <= bin; onset++) {
      if (mayBeStep(at)) {
        respond(steps[at], 1);
      }
      at = at + 1 < steps.length ? at + 1 : 0;
    }
  }

  /** Whether a step is of interest: at the begin of a floor, or where a jump is evident. */
  private boolean mayBeStep(int at) {
    return at % perFloor == 0 || steps[at][JUMP] > EVIDENT_JUMP;
  }

  private static double square(double x) {
    return x * x;
  }

  private void predict(double[] usual) {
    for (int i = 0; i < STATES; i++) {
      state[i] *= kept[i];
      for (int j = 0; j < STATES; j++) {
        covariance[i][j] *= kept[i] * kept[j];
      }
      covariance[i][i] += (1 - kept[i] * kept[i]) * usual[i];
    }
  }

  private void update(double deviation, double white) {
    innovate(deviation, white);
    if (Math.abs(innovation) > LARGE_JUMP * Math.sqrt(variance)) {
      covariance[LEVEL][LEVEL] += square(innovation);
      innovate(deviation, white);
    }
    for (int i = 0; i < STATES; i++) {
      gain[i] = across[i] / variance;
      state[i] += gain[i] * innovation;
    }
    for (int i = 0; i < STATES; i++) {
      for (int j = 0; j < STATES; j++) {
        covariance[i][j] -= gain[i] * across[j];
      }
    }
  }

  private void innovate(double deviation, double white) {
    variance = white;
    innovation = deviation;
    for (int i = 0; i < STATES; i++) {
      across[i] = 0;
      for (int j = 0; j < STATES; j++) {
        across[i] += covariance[i][j] * shape[j];
      }
      variance += shape[i] * across[i];
      innovation -= shape[i] * state[i];
    }
  }

  private void respond(float[] trace, double signal) {
    double left = signal;
    for (int i = 0; i < STATES; i++) {
      trace[i] *= (float) kept[i];
      left -= shape[i] * trace[i];
    }
    for (int i = 0; i < STATES; i++) {
      trace[i] += (float) (gain[i] * left);
    }
    trace[INFORMATION] += (float) (left * left / variance);
    trace[CORRELATION] += (float) (innovation * left / variance);
  }

  /** What of the newest deviation was taken for noise. */
  double noise() {
    return state[2];
  }

  /** How many standard deviations speak for a ramp since so many floors. */
  double ramp(long bin, int floors) {
    long onset = bin / perFloor - floors;
    float[] trace = ramps[slot(onset)];
    return isKnown(onset, trace) ? trace[CORRELATION] / Math.sqrt(trace[INFORMATION]) : 0;
  }

  /**
   * The same for a step, at the begin of a floor or wherever one is evident, where it speaks most.
   */
  double highestStep(long bin) {
    double highest = 0;
    long earliest = Math.max(firstOnset * perFloor, bin - steps.length + 1);
    for (long onset = earliest; onset <= bin; onset++) {
      int at = step(onset);
      float[] trace = steps[at];
      boolean seen = onset <= bin - perFloor || trace[JUMP] > EVIDENT_JUMP;
      if (seen && mayBeStep(at) && trace[INFORMATION] > 0) {
        highest = Math.max(highest, trace[CORRELATION] / Math.sqrt(trace[INFORMATION]));
      }
    }
    return highest;
  }

  /** How much a ramp since so many floors has risen. */
  double risen(long bin, int floors) {
    long onset = bin / perFloor - floors;
    float[] trace = ramps[slot(onset)];
    return isKnown(onset, trace)
        ? trace[CORRELATION] / trace[INFORMATION] * (bin - onset * perFloor)
        : 0;
  }

  private boolean isKnown(long onset, float[] trace) {
    return begun && onset >= firstOnset && trace[INFORMATION] > 0;
  }

  private int step(long bin) {
    return (int) (bin % steps.length);
  }

  private static int slot(long onset) {
    return (int) Math.floorMod(onset, (long) ONSETS);
  }

  long retainedBytes() {
    return 4L * (ONSETS * (STATES + 2) + steps.length * (STATES + 3))
        + 8L * STATES * (STATES + 5)
        + 64;
  }
}
