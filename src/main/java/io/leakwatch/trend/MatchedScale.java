package io.leakwatch.trend;

import java.util.Arrays;

/**
 * What is usual for this process at this time of its cycle, on one scale.
 *
 * <p>The value of a stretch is the lowest floor of the last few; sawteeth shorter than that vanish.
 * Its deviation is what it lies above the median of the same time in the cycles before. How large
 * deviations of that time of the cycle usually are is learnt from those that are old enough not to
 * belong to a growth that is about to be found; while the process stands out, learning rests, for a
 * week at the most.
 *
 * <p>A deviation in units of its usual size must be judged by how much was seen. A process that
 * wanders slowly has shown only two or three independent values in a week, however often it was
 * sampled. The number of swings from one side of the usual to the other counts them, and the
 * deviation that is asked for is Student's quantile of that many degrees of freedom (by Wallace's
 * approximation, within a tenth from four degrees on). With two swings nothing stands out. Exact
 * figures of what keeps level show no swing at all; that nothing ever moved by more than a fraction
 * of what counts as a rise says as much as many swings, unless there was nothing that could move.
 */
final class MatchedScale {
  private static final int REFERENCE_CYCLES = 7;
  private static final double LAG_CYCLES = 2.5;
  private static final double SWING = 0.5;
  private static final double MEMORY_CYCLES = 14;
  private static final double FORGOTTEN_PER_CYCLE = 0.02;
  private static final double SUSPICIOUS = 0.5;
  private static final int LONGEST_REST_CYCLES = 7;
  private static final int REFRESH_EACH = 8;
  private static final double QUIET_SHARE = 0.25;
  private static final double STANDSTILL = 0.0003;

  private final int cycle;
  private final int width;
  private final int near;
  private final double significance;
  private final float[] deviations;
  private final float[] squares;
  private final float[] records;
  private final int[] spans;
  private final float[] folding;
  private long known;
  private long folded;
  private int resting;
  private int swings;
  private int side;
  private double widest;
  private double quietSquare;
  private long refreshedAt = -1;
  private double reference = Double.NaN;

  /**
   * @param width stretches whose lowest floor is looked at
   * @param spans for each of these numbers of stretches the greatest deviation that lasted so long
   *     is remembered, ascending
   */
  MatchedScale(TrendSettings settings, int width, int[] spans) {
    this.cycle = settings.floorsPerCycle() * settings.stretchesPerFloor();
    this.width = width;
    this.near = settings.stretchesPerFloor();
    this.significance = settings.significance();
    this.deviations = new float[(int) (LAG_CYCLES * cycle)];
    this.squares = new float[cycle];
    this.spans = spans;
    this.records = new float[spans.length];
    this.folding = new float[spans[spans.length - 1]];
  }

  void clear() {
    known = 0;
    folded = 0;
    resting = 0;
    swings = 0;
    side = 0;
    widest = 0;
    refreshedAt = -1;
    reference = Double.NaN;
    Arrays.fill(records, 0);
    Arrays.fill(squares, 0);
    Arrays.fill(folding, 0);
  }

  /** Takes stretch {@code bin}, the one before {@code end} in {@code floors}. */
  void accept(double[] floors, int end, long bin) {
    int cycles = Math.min(REFERENCE_CYCLES, (end - 1) / cycle);
    if (cycles < 2) {
      return;
    }
    double[] same = new double[cycles];
    for (int k = 1; k <= cycles; k++) {
      same[k - 1] = low(floors, end - k * cycle);
    }
    reference = RobustStatistics.median(same, 0, cycles);
    deviations[slot(bin)] = (float) (low(floors, end) - reference);
    known++;
    long lag = Math.min(deviations.length, Math.max(cycle / 2, known / 3));
    while (known - folded > lag) {
      fold(bin - (known - 1 - folded));
      folded++;
    }
  }

  private double low(double[] floors, int end) {
    return RobustStatistics.min(floors, Math.max(0, end - width), end);
  }

  private int slot(long bin) {
    return (int) (bin % deviations.length);
  }

  private void fold(long bin) {
    double deviation = deviations[slot(bin)];
    int time = (int) (bin % cycle);
    if (folded >= cycle) {
      double units = inUnits(bin);
      System.arraycopy(folding, 1, folding, 0, folding.length - 1);
      folding[folding.length - 1] = (float) units;
      float lasted = Float.POSITIVE_INFINITY;
      int at = folding.length;
      for (int i = 0; i < spans.length; i++) {
        while (at > folding.length - spans[i]) {
          lasted = Math.min(lasted, folding[--at]);
        }
        records[i] = (float) Math.max(records[i] * (1 - FORGOTTEN_PER_CYCLE / cycle), lasted);
      }
      count(units);
      widest = Math.max(widest * (1 - FORGOTTEN_PER_CYCLE / cycle), Math.abs(deviation));
      if (units > SUSPICIOUS * asked() && resting < LONGEST_REST_CYCLES * cycle) {
        resting++;
        return;
      }
    }
    if (resting > 0 && resting < LONGEST_REST_CYCLES * cycle) {
      resting--;
    }
    double seen = seenCycles();
    squares[time] = (float) ((squares[time] * seen + deviation * deviation) / (seen + 1));
  }

  private void count(double units) {
    int now = units > SWING ? 1 : units < -SWING ? -1 : 0;
    if (now != 0 && now != side) {
      swings += side == 0 ? 0 : 1;
      side = now;
    }
  }

  int width() {
    return width;
  }

  /** Whether enough was learnt to judge. */
  boolean isReady() {
    return folded >= 1.5 * cycle;
  }

  /** How many of the newest deviations are remembered. */
  int available() {
    return (int) Math.min(known, deviations.length);
  }

  /** What is usual at the time of the newest stretch, {@code NaN} before two cycles. */
  double reference() {
    return reference;
  }

  double deviation(long bin) {
    return deviations[slot(bin)];
  }

  /** The deviation in units of the usual one at that time of the cycle. */
  double inUnits(long bin) {
    return deviations[slot(bin)] / usual((int) (bin % cycle));
  }

  /** The deviation as a multiple of the one that is asked for; from 1 on it stands out. */
  double standing(long bin) {
    return inUnits(bin) / asked();
  }

  /** What the stretches up to {@code newest} all reach; none are looked at yet. */
  Reached upTo(long newest) {
    return new Reached(newest);
  }

  /**
   * What the deviations of ever more of the newest stretches all reach. Each is looked at once,
   * however many windows ask for more of them.
   */
  final class Reached {
    private final long newest;
    private final double asked = asked();
    private int stretches;
    private double units = Double.POSITIVE_INFINITY;
    private double bytes = Double.POSITIVE_INFINITY;

    private Reached(long newest) {
      this.newest = newest;
    }

    /** Looks at so many stretches, or at more where more were looked at before. */
    Reached over(int newestStretches) {
      for (; stretches < newestStretches; stretches++) {
        units = Math.min(units, inUnits(newest - stretches));
        bytes = Math.min(bytes, deviation(newest - stretches));
      }
      return this;
    }

    double units() {
      return units;
    }

    double standing() {
      return units / asked;
    }

    double bytes() {
      return bytes;
    }
  }

  /** The greatest units that were ever held for a span. */
  double record(int span) {
    return records[span];
  }

  /** The usual size of a deviation at the time of the cycle of {@code bin}. */
  double usualAt(long bin) {
    return usual((int) (bin % cycle));
  }

  private double usual(int time) {
    double seen = seenCycles();
    return Math.sqrt((seen * nearbySquare(time) + quietSquare()) / (seen + 1)) + 1;
  }

  private double seenCycles() {
    return Math.min(MEMORY_CYCLES, Math.floor((double) folded / cycle));
  }

  private double nearbySquare(int time) {
    double sum = 0;
    int at = time < near ? time - near + cycle : time - near;
    for (int k = -near; k <= near; k++) {
      sum += squares[at];
      at = at + 1 < cycle ? at + 1 : 0;
    }
    return sum / (2 * near + 1);
  }

  private double quietSquare() {
    if (refreshedAt != folded / REFRESH_EACH) {
      quietSquare = RobustStatistics.quantile(squares, QUIET_SHARE);
      refreshedAt = folded / REFRESH_EACH;
    }
    return quietSquare;
  }

  private double asked() {
    return widest < STANDSTILL * reference ? significance : studentQuantile(swings, significance);
  }

  /** What {@code normal} standard deviations are with {@code freedom} degrees of freedom. */
  static double studentQuantile(double freedom, double normal) {
    if (freedom < 1) {
      return Double.POSITIVE_INFINITY;
    }
    double z = normal * (8 * freedom + 3) / (8 * freedom + 1);
    return Math.sqrt(freedom * Math.expm1(z * z / freedom));
  }

  long retainedBytes() {
    return 4L * (deviations.length + squares.length + records.length + folding.length) + 128;
  }
}
