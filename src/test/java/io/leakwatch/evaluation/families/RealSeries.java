package io.leakwatch.evaluation.families;

import io.leakwatch.history.csv.CsvSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Recorded series of real machines and processes, and leaks that are put into them. */
public final class RealSeries {
  static final Path HOME = Path.of(System.getProperty("leakwatch.series", "../shared/data/series"));

  private static final double[] PERCENT_PER_DAY = {0.5, 1, 2, 5, 10, 20};

  static final int RATES = PERCENT_PER_DAY.length;

  private RealSeries() {}

  static String rateName(int rate) {
    return PERCENT_PER_DAY[rate] + " %";
  }

  public static boolean present() {
    return Files.isRegularFile(HOME.resolve("labels.csv"));
  }

  /** All series with a label; the family is the file name up to the first underscore. */
  public static List<Recording> labelled(String label) {
    try (Stream<String> lines = Files.lines(HOME.resolve("labels.csv"))) {
      return lines
          .skip(1)
          .map(line -> line.split(",", -1))
          .filter(cells -> cells[1].equals(label))
          .map(cells -> read(cells[0], label.equals("leak") ? 0 : -1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Recording read(String name, int onset) {
    List<Sample> samples = new ArrayList<>();
    try {
      CsvSeries.read(HOME.resolve(name + ".csv.gz"), samples::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    samples.removeIf(sample -> !sample.has(Signal.RSS_ANON_BYTES));
    double[] load = column(samples, Signal.LOAD);
    return new Recording(
        name,
        name.substring(0, name.indexOf('_')),
        samples.stream().mapToDouble(Sample::timeSeconds).toArray(),
        column(samples, Signal.RSS_ANON_BYTES),
        new double[0],
        Arrays.stream(load).anyMatch(value -> value >= 0) ? load : new double[0],
        new int[0],
        column(samples, Signal.LIMIT_BYTES),
        onset,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        new double[0],
        Math.max(0, onset));
  }

  private static double[] column(List<Sample> samples, Signal signal) {
    return samples.stream().mapToDouble(sample -> sample.get(signal)).toArray();
  }

  /** What the level does by itself: AR(1), fitted to the week before a leak. */
  private record Noise(double sd, double tauSeconds) {
    static Noise before(Recording real, int onset) {
      int from = onset;
      while (from > 0 && real.seconds()[onset] - real.seconds()[from - 1] < 7 * 86400) {
        from--;
      }
      double mean = Arrays.stream(real.bytes(), from, onset).average().orElse(0);
      double square = 0;
      double product = 0;
      for (int i = from; i < onset; i++) {
        double x = real.bytes()[i] - mean;
        square += x * x;
        product += i > from ? x * (real.bytes()[i - 1] - mean) : 0;
      }
      double rho = square > 0 ? Math.min(0.999, Math.max(0.01, product / square)) : 0.01;
      double step = (real.seconds()[onset] - real.seconds()[from]) / (onset - from);
      return new Noise(Math.sqrt(square / (onset - from)), -step / Math.log(rho));
    }
  }

  /** The kinds of leaks that are put into a real series. */
  enum Injection {
    LINEAR,
    BURSTS,
    LOAD
  }

  /**
   * A real series with a leak of known begin and rate. It ends when the limit is reached.
   *
   * @return null where the series is too short, or has no load for a leak that follows load
   */
  static Recording inject(Recording real, Injection kind, int rateIndex, long seed) {
    // java.util.Random begins alike for neighbouring seeds: all leaks would begin on a few days.
    SplittableRandom random = new SplittableRandom(seed * 31 + real.name().hashCode());
    int n = real.length();
    double span = real.days();
    if (span < 7 || (kind == Injection.LOAD && real.load().length == 0)) {
      return null;
    }
    double[] sorted = real.bytes().clone();
    Arrays.sort(sorted);
    double rate = sorted[n / 2] * PERCENT_PER_DAY[rateIndex] / 100;
    double onsetDay = 5 + random.nextDouble() * (Math.min(60, span - 1) - 5);
    int onset = 0;
    while ((real.seconds()[onset] - real.seconds()[0]) / 86400 < onsetDay) {
      onset++;
    }
    double meanLoad =
        Math.max(1e-9, Arrays.stream(real.load()).filter(x -> x >= 0).average().orElse(1));
    double[] bytes = real.bytes().clone();
    double leaked = 0;
    double[] lost = new double[n];
    int length = n;
    for (int i = onset; i < n; i++) {
      double days = i == 0 ? 0 : (real.seconds()[i] - real.seconds()[i - 1]) / 86400;
      leaked +=
          switch (kind) {
            case LINEAR -> rate * days;
            case BURSTS ->
                random.nextDouble() < 1 - Math.exp(-12 * days)
                    ? rate / 12 * -Math.log(1 - random.nextDouble())
                    : 0;
            case LOAD -> rate * days * Math.max(0, real.load()[i]) / meanLoad;
          };
      bytes[i] += leaked;
      lost[i] = leaked;
      if (bytes[i] >= real.limit()[i]) {
        length = i + 1;
        break;
      }
    }
    if (length <= onset + 12) {
      return null;
    }
    Noise noise = Noise.before(real, onset);
    return new Recording(
        real.name() + "+" + kind + PERCENT_PER_DAY[rateIndex],
        real.family() + " " + PERCENT_PER_DAY[rateIndex] + " %",
        Arrays.copyOf(real.seconds(), length),
        Arrays.copyOf(bytes, length),
        new double[0],
        real.load().length > 0 ? Arrays.copyOf(real.load(), length) : real.load(),
        new int[0],
        Arrays.copyOf(real.limit(), length),
        onset,
        noise.sd(),
        noise.tauSeconds(),
        rate,
        Arrays.copyOf(lost, length),
        onset);
  }
}
