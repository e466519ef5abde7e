package io.leakwatch.verdict;

import io.leakwatch.sample.Change;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the steps in the load of a process: the mean of an hour is higher than that of the hour
 * before by more than half, or lower by more than half, and stays so.
 *
 * <p>"Stays" is: two hours on either side of the one in which it stepped, all of these beyond all
 * of those. A load that does so every day is no news, so the two hours after must also lie beyond
 * the same hours of the day before; where those are not known nothing is said. Of a sum since the
 * start its increments count, and one that nobody declares is taken for a sum while it has never
 * fallen. In which part of the hour it stepped follows from the mean of that hour, which lies as
 * far between the two levels as the step lay early.
 *
 * <p>Kept is one mean an hour for a day and five hours, of so many series as a sample may carry. A
 * load that is higher on Mondays than on Sundays, and lasts, is reported each Monday.
 */
final class LoadSteps {
  private static final double HIGHER = 1.5;
  private static final double LOWER = 0.5;

  /** By what part of the step the two hours after it may differ; else it goes on still. */
  private static final double ALIKE = 0.25;

  private static final int HOURS = 5;
  private static final int SERIES_MAX = LoadSeries.PER_SAMPLE_MAX;
  private static final double MANY = 10;

  private final double width;
  private final int day;
  private final Consumer<Change> found;
  private final Track cores;
  private final Map<LoadSeries, Track> tracks = new HashMap<>();
  private String incarnation = "";

  /**
   * @param found is given each step
   */
  LoadSteps(Days days, Consumer<Change> found) {
    this.width = days.hourSeconds();
    this.day = days.hoursPerDay();
    this.found = found;
    this.cores = new Track("cpu_cores", LoadSeries.Kind.GAUGE);
  }

  /** Takes a sample, the next in time. */
  void accept(Sample sample) {
    boolean restarted = !sample.incarnation().equals(incarnation);
    incarnation = sample.incarnation();
    if (restarted) {
      tracks.values().forEach(Track::restart);
    }
    if (sample.has(Signal.LOAD)) {
      cores.accept(sample.timeSeconds(), sample.get(Signal.LOAD));
    }
    sample.load().forEach((series, value) -> track(series, sample.timeSeconds(), value));
  }

  private void track(LoadSeries series, double seconds, double value) {
    Track track = tracks.get(series);
    if (track == null && tracks.size() < SERIES_MAX) {
      track = new Track(series.name(), series.kind());
      tracks.put(series, track);
    }
    if (track != null) {
      track.accept(seconds, value);
    }
  }

  /** One figure of load. */
  private final class Track {
    private final String name;
    private final @Nullable Means levels;
    private final @Nullable Means rates;
    private double beforeSeconds = Double.NaN;
    private double before = Double.NaN;
    private boolean fell;

    Track(String name, LoadSeries.Kind kind) {
      this.name = name;
      this.levels = kind == LoadSeries.Kind.COUNTER ? null : new Means();
      this.rates = kind == LoadSeries.Kind.GAUGE ? null : new Means();
    }

    void restart() {
      before = Double.NaN;
    }

    void accept(double seconds, double value) {
      if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
        return;
      }
      fell |= value < before;
      if (levels != null && levels.accept(seconds, value) && (fell || rates == null)) {
        report(levels);
      }
      double rate = (value - before) / (seconds - beforeSeconds);
      if (rates != null && rate >= 0 && seconds > beforeSeconds && rates.accept(seconds, rate)) {
        if (!fell || levels == null) {
          report(rates);
        }
      }
      before = value;
      beforeSeconds = seconds;
    }

    private void report(Means means) {
      Step step = means.step();
      if (step != null) {
        found.accept(new Change(step.seconds(), Change.Kind.LOAD, words(step), ""));
      }
    }

    private String words(Step step) {
      double times = step.after() / Math.max(Double.MIN_NORMAL, step.before());
      if (times < 1) {
        return String.format(Locale.ROOT, "%s fell by %.0f %%", name, 100 * (1 - times));
      }
      return times < MANY
          ? String.format(Locale.ROOT, "%s rose by %.0f %%", name, 100 * (times - 1))
          : name + " rose more than tenfold";
    }
  }

  private record Step(double seconds, double before, double after) {}

  /** The means of the newest hours. */
  private final class Means {
    private final float[] means = new float[day + HOURS];
    private long open = Long.MIN_VALUE;
    private long quietUntil = Long.MIN_VALUE;
    private double sum;
    private int count;

    Means() {
      Arrays.fill(means, Float.NaN);
    }

    /** Takes a value; whether an hour was closed by it. A clock that was set back begins again. */
    boolean accept(double seconds, double value) {
      long bin = (long) Math.floor(seconds / width);
      boolean closes = count > 0 && bin > open;
      if (bin < open || bin - open > means.length) {
        Arrays.fill(means, Float.NaN);
        count = 0;
        sum = 0;
        closes = false;
      } else if (closes) {
        means[slot(open)] = (float) (sum / count);
        for (long gap = open + 1; gap < bin; gap++) {
          means[slot(gap)] = Float.NaN;
        }
        count = 0;
        sum = 0;
      }
      open = bin;
      sum += value;
      count++;
      return closes;
    }

    private int slot(long bin) {
      return (int) Math.floorMod(bin, (long) means.length);
    }

    private double mean(long bin) {
      return means[slot(bin)];
    }

    /** The step in the hour before the two that were closed last, null where there is none. */
    @Nullable Step step() {
      long last = open - 1;
      long stepped = last - 2;
      double low = Math.min(mean(last - 4), mean(last - 3));
      double high = Math.max(mean(last - 4), mean(last - 3));
      double afterLow = Math.min(mean(last - 1), mean(last));
      double afterHigh = Math.max(mean(last - 1), mean(last));
      double dayLow = Math.min(mean(last - 1 - day), mean(last - day));
      double dayHigh = Math.max(mean(last - 1 - day), mean(last - day));
      boolean rises = afterLow > HIGHER * high && afterLow > HIGHER * dayHigh;
      boolean falls = afterHigh < LOWER * low && afterHigh < LOWER * dayLow;
      double before = (low + high) / 2;
      double after = (afterLow + afterHigh) / 2;
      boolean still = afterHigh - afterLow > ALIKE * Math.abs(after - before);
      if (!(rises || falls) || still || stepped <= quietUntil) {
        return null; // So it is too where one of them is not known.
      }
      quietUntil = stepped + 2;
      double part = (mean(stepped) - before) / (after - before);
      double early = Double.isNaN(part) ? 0.5 : Math.max(0, Math.min(1, part));
      return new Step((stepped + 1 - early) * width, before, after);
    }
  }
}
