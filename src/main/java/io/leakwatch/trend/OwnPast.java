package io.leakwatch.trend;

import io.leakwatch.trend.statistics.Tails;
import java.util.Arrays;

/**
 * A window read against this process' own past: each block is compared with the same hours of up to
 * twelve days before. So the noise and the daily load need no model: quiet nights weigh more than
 * noisy days, and a collector's period is seen through as soon as a block exceeds it.
 *
 * <p>What remains is one number a window, the standardised rise z. How wide z is in this process
 * (because its noise is correlated, its days differ, or it has weekends) is learnt from the z of
 * all windows of the last five weeks; the rise must be rare among them.
 *
 * <p>One byte for every second hour keeps a past z, at a resolution of an eighth of itself.
 */
final class OwnPast {
  private static final int N = Templates.BLOCKS;
  private static final int DAY = 24;

  /** Days that a block is compared with, at most and at least. */
  private static final int DAYS_MAX = 12;

  static final int DAYS_MIN = 4;

  /** Every how many hours a z is kept, and how many are. */
  private static final int STRIDE = 3;

  private static final int KEPT = 35 * DAY / STRIDE;
  private static final byte NONE = Byte.MIN_VALUE;
  private static final double RESOLUTION = 16;

  /** How wide z is taken to be before anything was learnt; weighs as one window. */
  private static final double WIDTH_PRIOR = 2;

  private static final double WIDTH_MIN = 0.7;

  /** Rises below so many standard deviations are not tested. */
  private static final double CANDIDATE_SCORE = 3;

  /** What rose by less when it was last kept is not tested in between. */
  private static final double IN_SIGHT = 1;

  /** Past windows needed. */
  private static final int PAST_MIN = 6;

  /** The run of high z that the present window belongs to, at most so many hours. */
  private static final int SAME_EVENT_HOURS = 72;

  /** The noise of a block is at least this share of the level: figures are rounded. */
  private static final double ROUNDING = 2e-4;

  /** Tails are never taken for lighter than Student's with so many degrees of freedom. */
  private static final int FREEDOM_MAX = 8;

  /**
   * The windows and the blocks in them, hours: side by side first, then longer ones that overlap.
   */
  private static final double[][] WINDOWS = {
    {8, 1}, {12, 1.5}, {16, 2}, {20, 2.5}, {24, 3}, {28, 3.5}, {32, 4}, {40, 5}, {48, 6}, {8, 2},
    {8, 4}, {12, 6}, {16, 8}, {24, 12}, {24, 24}
  };

  private final byte[][] pasts = new byte[WINDOWS.length][KEPT];

  private final double[] floors = new double[N];
  private final double[] sd = new double[N];
  private final double[] distances = new double[N];

  /** What {@link #test} found. */
  double score;

  /** −ln of the probability of such a z. */
  double rarity;

  double rise;
  double highestBefore;
  int days;
  double variance;
  final double[] weights = new double[N];

  private double hours;
  private double block;
  private byte[] past = pasts[0];

  OwnPast() {
    clear();
  }

  static int count() {
    return WINDOWS.length;
  }

  /** Length of the window that was tested last. */
  double hours() {
    return hours;
  }

  double[] distances() {
    return distances;
  }

  double[] floors() {
    return floors;
  }

  void clear() {
    for (byte[] one : pasts) {
      Arrays.fill(one, NONE);
    }
  }

  private double span() {
    return hours + Windows.overlap(hours, block);
  }

  /**
   * Tests one of the windows that end now, at the end of an hour.
   *
   * @return whether there was enough past, and it rises by what is worth judging
   */
  boolean test(int window, Windows windows, boolean seen) {
    hours = WINDOWS[window][0];
    block = WINDOWS[window][1];
    past = pasts[window];
    long now = windows.end();
    if (now % STRIDE > 0 && !(decode(past[(int) (now / STRIDE % KEPT)]) >= IN_SIGHT)) {
      return false;
    }
    double z = seen ? standardisedRise(windows, now) : Double.NaN;
    if (now % STRIDE == 0) {
      past[(int) (now / STRIDE % KEPT)] = encode(z);
    }
    return z >= CANDIDATE_SCORE && rareness(z, now);
  }

  private double standardisedRise(Windows windows, long now) {
    if (!windows.seenFor(span()) || !windows.cut(now, hours, block, floors)) {
      return Double.NaN;
    }
    double[][] before = new double[DAYS_MAX][N];
    int first = (int) Math.ceil(span() / DAY);
    days = 0;
    while (days < DAYS_MAX
        && windows.cut(now - (long) DAY * (first + days), hours, block, before[days])) {
      days++;
    }
    if (days < DAYS_MIN) {
      return Double.NaN;
    }
    double logSum = 0;
    double[] column = new double[days];
    for (int j = 0; j < N; j++) {
      for (int k = 0; k < days; k++) {
        column[k] = before[k][j];
      }
      Arrays.sort(column);
      double median = (column[days / 2] + column[(days - 1) / 2]) / 2;
      double deviation = 0;
      for (double value : column) {
        deviation += Math.abs(value - median);
      }
      distances[j] = floors[j] - median;
      double spread = 1.2533 * deviation / days * Math.sqrt((days + 1.0) / (days - 1.0));
      sd[j] = Math.max(ROUNDING * floors[N - 1] + 1e-9, spread);
      logSum += Math.log(sd[j]);
    }
    double inverse = 0;
    for (int j = 0; j < N; j++) { // Drawn to their geometric mean, which weighs as two days.
      sd[j] = Math.exp((days * Math.log(sd[j]) + 2 * logSum / N) / (days + 2));
      inverse += 1 / (sd[j] * sd[j]);
    }
    variance = N / inverse;
    double along = 0;
    double length = 0;
    for (int j = 0; j < N; j++) {
      weights[j] = variance / (sd[j] * sd[j]);
      double ramp = (j + 0.5) / N;
      along += ramp * distances[j] / (sd[j] * sd[j]);
      length += ramp * ramp / (sd[j] * sd[j]);
    }
    return along / Math.sqrt(length);
  }

  private boolean rareness(double z, long now) {
    double[] all = new double[KEPT];
    int n = 0;
    for (long hour = now - (long) span(); hour > now - (long) KEPT * STRIDE && hour > 0; hour--) {
      if (hour % STRIDE == 0 && past[(int) (hour / STRIDE % KEPT)] != NONE) {
        all[n++] = decode(past[(int) (hour / STRIDE % KEPT)]);
      }
    }
    int same = 0;
    while (same < n
        && same * STRIDE < SAME_EVENT_HOURS
        && all[same] > 0.5 * z * (1 - (same * STRIDE + hours) / (SAME_EVENT_HOURS + DAY))) {
      same++;
    }
    int m = n - same;
    if (m < PAST_MIN) {
      return false;
    }
    highestBefore = 0;
    double[] sizes = new double[m];
    for (int i = 0; i < m; i++) {
      highestBefore = Math.max(highestBefore, all[same + i]);
      sizes[i] = Math.abs(all[same + i]);
    }
    Arrays.sort(sizes);
    double width =
        Math.max(
            WIDTH_MIN,
            Math.max(sizes[(int) (0.7 * (m - 1))] / 1.036, sizes[(int) (0.95 * (m - 1))] / 1.96));
    double windows = m * STRIDE / hours;
    width = Math.exp((windows * Math.log(width) + Math.log(WIDTH_PRIOR)) / (windows + 1));
    score = z / width;
    noise = width;
    rise = lineRise();
    freedom = Math.max(1, Math.min(FREEDOM_MAX, days - 1 + m * STRIDE / (double) DAY));
    rarity = Tails.student(score, freedom);
    episodes(all, same, n, width);
    return score >= CANDIDATE_SCORE;
  }

  /** Width of z in this process; 1 where its days are independent and alike. */
  double noise;

  double freedom;
  int episodes;
  double quietDays;

  /** Earlier rises that count as of the present one's kind, and the time without one. */
  private void episodes(double[] all, int from, int to, double width) {
    double least = Math.max(EPISODE, score / EPISODE_SHARE);
    episodes = 0;
    quietDays = 0;
    int within = 0;
    for (int i = to - 1; i >= from; i--) {
      if (Math.abs(all[i]) / width >= least) {
        episodes += within == 0 ? 1 : 0;
        within = (int) (hours / STRIDE);
      } else {
        quietDays += STRIDE / (double) DAY;
        within = Math.max(0, within - 1);
      }
    }
  }

  private static final double EPISODE = 4;
  private static final double EPISODE_SHARE = 3;

  private double lineRise() {
    double mean = 0;
    double moment = 0;
    for (int j = 0; j < N; j++) {
      mean += distances[j] / N;
    }
    for (int j = 0; j < N; j++) {
      moment += (distances[j] - mean) * (j - Shape.CENTRE);
    }
    return moment / Shape.SPREAD * N;
  }

  private static byte encode(double z) {
    if (Double.isNaN(z)) {
      return NONE;
    }
    double size = RESOLUTION * Math.log1p(Math.abs(z));
    return (byte) (Math.signum(z) * Math.min(Byte.MAX_VALUE, Math.rint(size)));
  }

  private static double decode(byte code) {
    return Math.signum(code) * Math.expm1(Math.abs(code) / RESOLUTION);
  }

  long retainedBytes() {
    return (long) WINDOWS.length * KEPT + 5L * 8 * N + 200;
  }
}
