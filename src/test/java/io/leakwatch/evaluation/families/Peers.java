package io.leakwatch.evaluation.families;

import io.leakwatch.verdict.VerdictKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The published detectors that leakwatch is compared with, by their exact definitions, evaluated
 * once an hour on five-minute samples.
 *
 * <p>P8 follows the released code of LBR (Jindal et al., 2021) without its seasonal decomposition,
 * P9 is PrecogMF of the same authors.
 */
public final class Peers {
  private static final int H = 12;
  private static final int DAY = 288;

  private final double[] y;
  private final double limit;
  private final double[] hourlyMean;
  private final double[] sum;
  private final double[] sumX;
  private final double[] sumSquares;
  private final double[] cusum;
  private final Precog precog;

  /**
   * One of the published rules, as a score of the samples up to index {@code now}: it fires above
   * its threshold, and is 0 where another of its conditions does not hold.
   */
  interface Rule {
    double score(Peers peers, int now);
  }

  /** The threshold of step {@code k} of a sweep; step 0 is the published one. */
  interface Sweep {
    double threshold(int k);

    static Sweep times(double published, double factor) {
      return k -> published * Math.pow(factor, k);
    }
  }

  /** A rule with the number of evaluations in a row for which it must fire. */
  record Named(String name, int hold, Sweep sweep, Rule rule) {}

  static final int SWEEP_STEPS = 40;
  private static final double Z = 2.326;

  static final List<Named> ALL =
      List.of(
          new Named(
              "P1 predict_linear 6 h",
              1,
              Sweep.times(1, 1.08),
              (p, i) -> p.predictLinear(i, 6 * H, DAY)),
          new Named(
              "P2 predict_linear 24 h",
              1,
              Sweep.times(1, 1.08),
              (p, i) -> p.predictLinear(i, DAY, 4 * DAY)),
          new Named("P3 deriv 24 h", 6, Sweep.times(0.01, 1.12), Peers::derivative),
          new Named("P4 Mann-Kendall+Sen 24 h", 1, Sweep.times(Z, 1.05), Peers::mannKendallDay),
          new Named(
              "P5 Mann-Kendall+Sen 72 h",
              1,
              Sweep.times(Z, 1.05),
              (p, i) -> p.mannKendall(i, 3, false)),
          new Named(
              "P6 Hamed-Rao 72 h", 1, Sweep.times(Z, 1.07), (p, i) -> p.mannKendall(i, 3, true)),
          new Named(
              "P6 Hamed-Rao 7 d", 1, Sweep.times(Z, 1.07), (p, i) -> p.mannKendall(i, 7, true)),
          new Named("P7 seasonal Kendall 7 d", 1, Sweep.times(Z, 1.01), Peers::seasonalKendall),
          new Named("P8 LBR", 1, k -> 1 - .2 * Math.pow(.87, k), Peers::lbr),
          new Named("P9 PrecogMF", 1, k -> 40 + 1.5 * k - 1e-9, (p, i) -> p.precog.score(i)),
          new Named("P10 CUSUM", 1, Sweep.times(30, 1.25), (p, i) -> p.cusum[i]));

  /** Puts a recording on the grid of five minutes, the last value holding. */
  static Recording onGrid(Recording r) {
    double first = r.seconds()[0];
    int n = (int) ((r.seconds()[r.length() - 1] - first) / 300) + 1;
    double[] seconds = new double[n];
    double[] bytes = new double[n];
    double[] limit = new double[n];
    double[] load = new double[n];
    int at = 0;
    int onset = -1;
    for (int i = 0; i < n; i++) {
      seconds[i] = first + 300.0 * i;
      while (at + 1 < r.length() && r.seconds()[at + 1] <= seconds[i]) {
        at++;
      }
      bytes[i] = r.bytes()[at];
      limit[i] = r.limit()[at];
      load[i] = r.load().length > 0 ? r.load()[at] : 0;
      onset = onset < 0 && r.onset() >= 0 && at >= r.onset() ? i : onset;
    }
    return new Recording(
        r.name(),
        r.family(),
        seconds,
        bytes,
        new double[0],
        r.load().length > 0 ? load : r.load(),
        new int[0],
        limit,
        onset,
        r.noiseBytes(),
        r.noiseSeconds(),
        r.bytesPerDay(),
        new double[0],
        Math.max(0, onset));
  }

  Peers(Recording recording) {
    y = recording.bytes();
    limit = Arrays.stream(recording.limit()).filter(x -> x > 0).max().orElse(Double.NaN);
    hourlyMean = new double[y.length / H];
    for (int h = 0; h < hourlyMean.length; h++) {
      for (int k = 0; k < H; k++) {
        hourlyMean[h] += y[h * H + k] / H;
      }
    }
    sum = new double[y.length + 1];
    sumX = new double[y.length + 1];
    sumSquares = new double[y.length + 1];
    double scale = Math.max(1, y[0]);
    for (int i = 0; i < y.length; i++) {
      double v = y[i] / scale;
      sum[i + 1] = sum[i] + v;
      sumX[i + 1] = sumX[i] + v * i;
      sumSquares[i + 1] = sumSquares[i] + v * v;
    }
    cusum = cusum(y);
    precog = new Precog(y, limit);
  }

  /** The scores of a rule, one an hour. */
  double[] scores(Named named) {
    double[] scores = new double[y.length / H];
    for (int h = 0; h < scores.length; h++) {
      scores[h] = named.rule().score(this, (h + 1) * H - 1);
    }
    return scores;
  }

  /** When a rule fired at a threshold on a recording that lies on the grid. */
  static Alarms alarms(Recording recording, Named named, double[] scores, double threshold) {
    Alarms.Collector collector = new Alarms.Collector(recording);
    int held = 0;
    for (int h = 0; h < scores.length; h++) {
      held = scores[h] > threshold ? held + 1 : 0;
      collector.accept((h + 1) * H - 1, held >= named.hold(), "");
    }
    return collector.alarms(VerdictKind.UNKNOWN);
  }

  /** Slope per step, value at the last step, coefficient of determination. */
  public record Ols(double slope, double now, double r2) {
    public static Ols of(double[] z, int from, int to) {
      int n = to - from;
      double mean = 0;
      for (int i = from; i < to; i++) {
        mean += z[i] / n;
      }
      double middle = (n - 1) / 2.0;
      double xy = 0;
      double yy = 0;
      for (int i = 0; i < n; i++) {
        xy += (i - middle) * (z[from + i] - mean);
        yy += (z[from + i] - mean) * (z[from + i] - mean);
      }
      double slope = xy / (n * ((double) n * n - 1) / 12);
      return new Ols(slope, mean + slope * middle, yy > 0 ? slope * xy / yy : 0);
    }
  }

  double predictLinear(int i, int window, int horizon) {
    if (i + 1 < window) {
      return 0;
    }
    Ols line = Ols.of(y, i + 1 - window, i + 1);
    return (line.now() + line.slope() * horizon) / limit;
  }

  double derivative(int i) {
    if (i + 1 < DAY) {
      return 0;
    }
    Ols line = Ols.of(y, i + 1 - DAY, i + 1);
    double mean = line.now() - line.slope() * (DAY - 1) / 2.0;
    return line.slope() * DAY / mean;
  }

  double mannKendallDay(int i) {
    if (i + 1 < DAY) {
      return 0;
    }
    double[] z = new double[DAY / 3];
    for (int k = 0; k < z.length; k++) {
      z[k] = y[i + 1 - DAY + 3 * k];
    }
    double score = kendallZ(z, 1);
    return score > Z && sen(z) * 96 > 0.01 * median(z) ? score : 0;
  }

  double mannKendall(int i, int days, boolean hamedRao) {
    int h = (i + 1) / H;
    int n = 24 * days;
    if (h < n) {
      return 0;
    }
    double[] z = Arrays.copyOfRange(hourlyMean, h - n, h);
    double score = kendallZ(z, 1);
    if (score <= Z) {
      return 0;
    }
    double slope = sen(z);
    if (slope * 24 <= 0.01 * median(z)) {
      return 0;
    }
    return hamedRao ? score / Math.sqrt(hamedRaoFactor(z, slope)) : score;
  }

  /** Mann-Kendall's Z with its variance times {@code factor}. */
  public static double kendallZ(double[] z, double factor) {
    int n = z.length;
    double score = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        score += Math.signum(z[j] - z[i]);
      }
    }
    double variance = n * (n - 1.0) * (2 * n + 5) / 18 * factor;
    return score > 0 ? (score - 1) / Math.sqrt(variance) : 0;
  }

  /** Hamed and Rao's (1998) factor on the variance, from the ranks of the detrended series. */
  static double hamedRaoFactor(double[] z, double slope) {
    int n = z.length;
    double[] detrended = new double[n];
    for (int i = 0; i < n; i++) {
      detrended[i] = z[i] - slope * i;
    }
    double[] rank = ranks(detrended);
    double mean = (n - 1) / 2.0;
    double denominator = 0;
    for (int i = 0; i < n; i++) {
      rank[i] -= mean;
      denominator += rank[i] * rank[i];
    }
    double correction = 0;
    for (int k = 1; k < n; k++) {
      double r = 0;
      for (int i = 0; i + k < n; i++) {
        r += rank[i] * rank[i + k];
      }
      r /= denominator;
      if (Math.abs(r) > 1.96 / Math.sqrt(n)) {
        correction += (n - k) * (n - k - 1.0) * (n - k - 2.0) * r;
      }
    }
    return Math.max(.05, 1 + 2.0 / (n * (n - 1.0) * (n - 2)) * correction);
  }

  private static double[] ranks(double[] z) {
    Integer[] order = new Integer[z.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(z[a], z[b]));
    double[] ranks = new double[z.length];
    for (int i = 0; i < z.length; i++) {
      ranks[order[i]] = i;
    }
    return ranks;
  }

  public static double sen(double[] z) {
    int n = z.length;
    double[] slopes = new double[n * (n - 1) / 2];
    int k = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        slopes[k++] = (z[j] - z[i]) / (j - i);
      }
    }
    return median(slopes);
  }

  public static double median(double[] z) {
    double[] values = z.clone();
    int m = values.length / 2;
    double upper = select(values, m);
    if (values.length % 2 == 1) {
      return upper;
    }
    double lower = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < m; i++) {
      lower = Math.max(lower, values[i]);
    }
    return (lower + upper) / 2;
  }

  /** Hoare's selection: puts the {@code k}-th value in its place, no greater one before it. */
  private static double select(double[] values, int k) {
    int from = 0;
    int to = values.length - 1;
    while (from < to) {
      double pivot = values[(from + to) >>> 1];
      int i = from;
      int j = to;
      while (i <= j) {
        while (values[i] < pivot) {
          i++;
        }
        while (values[j] > pivot) {
          j--;
        }
        if (i <= j) {
          double swap = values[i];
          values[i++] = values[j];
          values[j--] = swap;
        }
      }
      if (k <= j) {
        to = j;
      } else if (k >= i) {
        from = i;
      } else {
        break;
      }
    }
    return values[k];
  }

  double seasonalKendall(int i) {
    int h = (i + 1) / H;
    if (h < 168) {
      return 0;
    }
    int n = 7;
    double[][] x = new double[24][n];
    for (int d = 0; d < n; d++) {
      for (int g = 0; g < 24; g++) {
        x[g][d] = hourlyMean[h - 168 + d * 24 + g];
      }
    }
    double score = 0;
    double[][] signs = new double[24][21];
    double[][] rank = new double[24][];
    double[] slopes = new double[24 * 21];
    for (int g = 0; g < 24; g++) {
      int k = 0;
      for (int a = 0; a < n; a++) {
        for (int b = a + 1; b < n; b++) {
          signs[g][k] = Math.signum(x[g][b] - x[g][a]);
          score += signs[g][k];
          slopes[g * 21 + k++] = (x[g][b] - x[g][a]) / (b - a);
        }
      }
      rank[g] = ranks(x[g]);
    }
    double variance = 0;
    for (int g = 0; g < 24; g++) {
      for (int o = 0; o < 24; o++) {
        if (g == o) {
          variance += n * (n - 1) * (2 * n + 5) / 18.0;
          continue;
        }
        double k = 0;
        for (int p = 0; p < 21; p++) {
          k += signs[g][p] * signs[o][p];
        }
        double r = 0;
        for (int d = 0; d < n; d++) {
          r += (rank[g][d] + 1) * (rank[o][d] + 1);
        }
        variance += (k + 4 * r - n * (n + 1) * (n + 1)) / 3.0;
      }
    }
    double z = variance > 0 && score > 0 ? (score - 1) / Math.sqrt(variance) : 0;
    boolean steep =
        z > Z && median(slopes) > 0.01 * median(Arrays.copyOfRange(hourlyMean, h - 168, h));
    return steep ? z : 0;
  }

  double lbr(int i) {
    double best = 0;
    double scale = Math.max(1, y[0]);
    int longest = Math.min(i + 1, 7 * DAY);
    for (int w = 60; w <= longest; w += 50) {
      int a = i + 1 - w;
      double s = sum[i + 1] - sum[a];
      double x = sumX[i + 1] - sumX[a] - a * s;
      double mean = (w - 1) / 2.0;
      double xx = w * ((double) w * w - 1) / 12;
      double xy = x - mean * s;
      double yy = sumSquares[i + 1] - sumSquares[a] - s * s / w;
      double r2 = yy > 0 && xy > 0 ? xy / xx * xy / yy : 0;
      if (r2 > best) {
        double slope = xy / xx;
        double now = s / w + slope * mean;
        best = (limit / scale - now) / slope <= 7 * DAY ? r2 : best;
      }
    }
    return best;
  }

  private static double[] cusum(double[] y) {
    double[] sums = new double[y.length];
    if (y.length < 2 * DAY) {
      return sums;
    }
    double[] base = Arrays.copyOf(y, 2 * DAY);
    double m = median(base);
    double s = 1.4826 * median(Arrays.stream(base).map(v -> Math.abs(v - m)).toArray()) + 1;
    double g = 0;
    for (int j = 2 * DAY; j < y.length; j++) {
      g = Math.max(0, g + (y[j] - m) / s - .5);
      sums[j] = g;
    }
    return sums;
  }

  /** PrecogMF: trends of the training data, matched against trends since. */
  private static final class Precog {
    private static final int TRAINING = 3 * DAY;
    private static final int SHORTEST = 6 * H;

    private final double[] s;
    private final double[] c1;
    private final double[] cx;
    private final double[] c2;
    private final List<double[]> found = new ArrayList<>();
    private double maxSlope;
    private double maxLength = SHORTEST;
    private double maxValue;
    private final List<Integer> changes = new ArrayList<>();
    private final double[] difference;

    Precog(double[] y, double limit) {
      s = new double[y.length];
      for (int k = 0; k < y.length; k++) {
        double[] hour = Arrays.copyOfRange(y, Math.max(0, k - H + 1), k + 1);
        s[k] = 100 * median(hour) / limit;
      }
      c1 = new double[s.length + 1];
      c2 = new double[s.length + 1];
      cx = new double[s.length + 1];
      difference = new double[s.length];
      for (int i = 0; i < s.length; i++) {
        c1[i + 1] = c1[i] + s[i];
        c2[i + 1] = c2[i] + s[i] * s[i];
        cx[i + 1] = cx[i] + s[i] * i;
        difference[i] = i == 0 ? 0 : Math.abs(s[i] - s[i - 1]);
      }
      if (s.length > TRAINING) {
        train();
      }
    }

    private void train() {
      List<Integer> cps = changePoints(0, TRAINING);
      for (int a = 0; a + 1 < cps.size(); a++) {
        double[] best = null;
        for (int b = a + 1; b < cps.size(); b++) {
          double[] t = cps.get(b) - cps.get(a) > SHORTEST ? fit(cps.get(a), cps.get(b)) : null;
          if (t != null
              && t[0] > 0
              && (best == null || (t[1] >= best[1] && t[2] >= best[2] && t[0] >= best[0]))) {
            best = new double[] {t[0], t[1], t[2], cps.get(b)};
          }
        }
        if (best != null
            && best[3] < TRAINING - 1
            && (100 - s[(int) best[3] - 1]) / best[0] <= 7 * DAY) {
          maxLength = Math.max(maxLength, best[2]);
          maxSlope = Math.max(maxSlope, best[0]);
          found.add(best);
        }
      }
      double[] top = Arrays.copyOf(s, TRAINING);
      Arrays.sort(top);
      maxValue = median(Arrays.copyOfRange(top, TRAINING - 10, TRAINING));
    }

    private List<Integer> changePoints(int from, int to) {
      double[] d = Arrays.copyOfRange(difference, from + 1, to);
      double m = median(d);
      double mad = median(Arrays.stream(d).map(v -> Math.abs(v - m)).toArray());
      double floor = mad <= 0 ? 1e-9 : mad;
      List<Integer> cps = new ArrayList<>(List.of(from));
      for (int k = from + 1; k < to; k++) {
        if (.6745 * (difference[k] - m) / floor > 3.5 && k - cps.get(cps.size() - 1) >= SHORTEST) {
          cps.add(k);
        }
      }
      if (cps.get(cps.size() - 1) != to - 1) {
        cps.add(to - 1);
      }
      return cps;
    }

    private double[] fit(int a, int b) {
      int w = b - a;
      double s1 = c1[b] - c1[a];
      double sx = cx[b] - cx[a] - a * s1;
      double xx = w * ((double) w * w - 1) / 12;
      double xy = sx - (w - 1) / 2.0 * s1;
      double yy = c2[b] - c2[a] - s1 * s1 / w;
      if (yy <= 1e-12) {
        return null;
      }
      double slope = xy / xx;
      double r2 = slope * xy / yy;
      return r2 > .8 ? new double[] {slope, r2, w} : null;
    }

    /** How full it is, in percent of the limit, where all else holds. */
    double score(int i) {
      if (i < TRAINING + SHORTEST || s[i] < 40) {
        return 0;
      }
      changes.clear();
      changes.addAll(changePoints(TRAINING, i + 1));
      boolean hit = false;
      for (int a = changes.size() - 2; a >= 0 && !hit; a--) {
        int from = changes.get(a);
        double[] t = i + 1 - from < SHORTEST ? null : fit(from, i + 1);
        if (t == null || t[0] <= 0 || (100 - s[i]) / t[0] > 7 * DAY) {
          continue;
        }
        hit =
            (t[0] >= maxSlope && t[2] >= maxLength)
                || found.stream().anyMatch(f -> t[0] >= f[0] && t[2] >= f[2]);
      }
      if (!hit) {
        return 0;
      }
      int from = changes.size() > 1 ? changes.get(changes.size() - 2) : TRAINING;
      double[] last = Arrays.copyOfRange(s, from, i + 1);
      Arrays.sort(last);
      return Arrays.stream(last, Math.max(0, last.length - 10), last.length)
              .noneMatch(v -> v < 95 && v < maxValue)
          ? s[i]
          : 0;
    }
  }
}
