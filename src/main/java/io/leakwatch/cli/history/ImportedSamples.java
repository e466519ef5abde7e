package io.leakwatch.cli.history;

import io.leakwatch.history.HistorySettings;
import io.leakwatch.history.PackedSamples;
import io.leakwatch.history.csv.CsvSeries;
import io.leakwatch.load.RangeQuery;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.replay.ReplayedFile;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.sampling.judgement.Judgement;
import io.leakwatch.text.Quantity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one import: what is taken of what a source gives, in order and within the time
 * that is free, and how many are left out for what.
 */
final class ImportedSamples {
  private static final int INCARNATION_CHARS_MAX = 256;

  /** Files that overlap hold more than can be taken of them. */
  private static final long FILES_SAMPLES_MAX = 4L * PackedSamples.SAMPLES_MAX;

  /** A level that is so many times another is hardly the same process' figure. */
  private static final double SUSPICIOUS_FACTOR = 4;

  private static final double DAY_SECONDS = 86_400;

  private final String name;
  private final HistorySettings settings;
  private final Continuation continuation;
  private final ImportedIncarnations lives;
  private final double nowSeconds;
  private final double oldestSeconds;
  private final PackedSamples taken;
  private long read;
  private long added;

  /** Rows that were folded with others while they were read. */
  private long consolidated;

  private long overlapping;
  private long unordered;
  private long old;
  private long future;
  private long unusable;
  private long wrongStarts;
  private double firstSeconds = Double.NaN;
  private double lastSeconds = Double.NaN;
  private double lastBytes = Double.NaN;
  private boolean lacksAnonymous;
  private boolean nothingBefore;

  ImportedSamples(
      String name, HistorySettings settings, Continuation continuation, double nowSeconds) {
    this.name = name;
    this.settings = settings;
    this.continuation = continuation;
    this.lives = new ImportedIncarnations(continuation);
    this.nowSeconds = nowSeconds;
    this.oldestSeconds = nowSeconds - settings.retention().toSeconds();
    this.taken = new PackedSamples(settings, nowSeconds);
  }

  /**
   * Reads files, whose stretches may come in any order.
   *
   * @param problems receives what is wrong, one line each, before it fails
   * @throws IOException where anything is wrong in a file: what is imported cannot be bettered
   *     later
   */
  void readFiles(List<Path> files, Consumer<String> problems) throws IOException {
    List<PackedSamples> stretches = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    for (Path file : files) {
      PackedSamples stretch = new PackedSamples(settings, nowSeconds);
      try (InputStream in = ReplayedFile.open(file)) {
        CsvSeries.Report report =
            CsvSeries.read(file.toString(), in, sample -> keep(sample, stretch, file));
        read += report.unorderedRows();
        unordered += report.unorderedRows();
        if (!report.whole() || report.badRows() + report.badCells() > 0) {
          wrong.addAll(report.problems());
        }
      } catch (IOException e) {
        throw new IOException(file + ": " + e.getMessage(), e);
      }
      stretches.add(stretch.complete());
      if (stretches.stream().mapToLong(PackedSamples::size).sum() > FILES_SAMPLES_MAX) {
        throw new IOException(
            "the files hold more than " + FILES_SAMPLES_MAX + " samples: import fewer at once");
      }
    }
    if (!wrong.isEmpty()) {
      wrong.subList(0, wrong.size() - 1).forEach(problems);
      throw new IOException(
          wrong.get(wrong.size() - 1)
              + "; nothing is imported: correct or remove what is wrong, because"
              + " imported samples cannot be corrected later");
    }
    stretches.removeIf(stretch -> Double.isNaN(stretch.firstSeconds()));
    stretches.sort(Comparator.comparingDouble(PackedSamples::firstSeconds));
    for (PackedSamples stretch : stretches) {
      consolidated -= stretch.size();
      for (Sample sample : stretch) {
        take(sample, Double.NaN);
      }
    }
  }

  private void keep(Sample sample, PackedSamples stretch, Path file) {
    if (sample.incarnation().length() > INCARNATION_CHARS_MAX) {
      throw CommandFailure.because(
          file + ": an incarnation has more than " + INCARNATION_CHARS_MAX + " characters");
    }
    read++;
    if (fits(sample.timeSeconds())) {
      if (stretch.add(sample)) {
        consolidated++;
      } else {
        unordered++;
      }
    }
  }

  /**
   * Asks a Prometheus for one figure, from now back as far as is wanted, kept and free.
   *
   * @param starts for the start of the process, null where that is not asked
   * @param progress receives the share that is done
   */
  void ask(
      Signal signal,
      RangeQuery figures,
      @Nullable RangeQuery starts,
      Duration span,
      Duration step,
      DoubleConsumer progress)
      throws IOException {
    double width = step.toSeconds();
    double oldest = Math.max(oldestSeconds, nowSeconds - span.toSeconds());
    double begin = Math.ceil(oldest / width) * width;
    double end = Math.min(nowSeconds, continuation.beforeSeconds());
    for (double from = begin; from <= end; from += figures.stepsMax() * width) {
      double to = Math.min(end, from + (figures.stepsMax() - 1) * width);
      TreeMap<Double, Double> began = new TreeMap<>();
      if (starts != null) {
        starts.ask(from, to, (time, start) -> putStart(began, time, start));
      }
      figures.ask(
          from,
          to,
          (time, value) -> {
            Map.Entry<Double, Double> start = began.floorEntry(time);
            takeFigure(signal, time, value, start == null ? Double.NaN : start.getValue());
          });
      progress.accept((to - begin) / Math.max(1, end - begin));
    }
    if (read == 0 && Double.isInfinite(continuation.beforeSeconds())) {
      throw new IOException("the query returns nothing from " + at(begin) + " to " + at(end));
    }
    nothingBefore = read == 0;
  }

  private void putStart(Map<Double, Double> began, double time, double start) {
    if (start > 0 && start <= time + Continuation.START_TOLERANCE_SECONDS) {
      began.put(time, start);
    } else {
      wrongStarts++;
    }
  }

  private void takeFigure(Signal signal, double time, double value, double startSeconds) {
    read++;
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      unusable++;
    } else if (fits(time)) {
      take(Sample.at(time, "").set(signal, value).build(), startSeconds);
    }
  }

  /** Whether a time is one that can be taken; counts it where not. */
  private boolean fits(double timeSeconds) {
    if (timeSeconds >= continuation.beforeSeconds()) {
      overlapping++;
    } else if (timeSeconds > nowSeconds) {
      future++;
    } else if (timeSeconds < oldestSeconds) {
      old++;
    } else {
      return true;
    }
    return false;
  }

  private void take(Sample sample, double startSeconds) {
    Sample whole = lives.accept(sample, startSeconds);
    if (!taken.add(whole)) {
      unordered++;
      return;
    }
    added++;
    firstSeconds = Double.isNaN(firstSeconds) ? whole.timeSeconds() : firstSeconds;
    lastSeconds = whole.timeSeconds();
    lastBytes = whole.get(Signal.RSS_ANON_BYTES);
    lacksAnonymous |= whole.has(Signal.RSS_BYTES) && !whole.has(Signal.RSS_ANON_BYTES);
  }

  /**
   * Ends it.
   *
   * @throws IOException where nothing can be taken for a reason other than that it is there already
   */
  PackedSamples complete() throws IOException {
    if (added == 0 && overlapping == 0 && !nothingBefore) {
      throw new IOException(
          read == 0 ? "there are no samples to import" : "nothing can be imported: " + leftOut());
    }
    return taken.complete();
  }

  /**
   * What came of it, for a person.
   *
   * @param kept samples that are or would be in the history
   */
  List<String> report(long kept, boolean dryRun) {
    List<String> lines = new ArrayList<>();
    if (kept == 0) {
      lines.add(
          name
              + ": nothing is imported"
              + (nothingBefore
                  ? ", there is nothing before the first recorded sample ("
                      + at(continuation.beforeSeconds())
                      + ")"
                  : ""));
    } else {
      long all = added + consolidated;
      lines.add(
          name
              + ": "
              + all
              + (all == 1 ? " sample from " : " samples from ")
              + at(firstSeconds)
              + " to "
              + at(lastSeconds)
              + (dryRun ? " would be imported" : " imported")
              + (kept < all ? ", consolidated to " + kept : ""));
      lines.add("  " + incarnations());
    }
    String left = leftOut();
    if (!left.isEmpty()) {
      lines.add("  left out: " + left);
    }
    return lines;
  }

  private String incarnations() {
    String count = lives.count() == 1 ? "one incarnation" : lives.count() + " incarnations";
    if (!lives.reachesWhatFollows()) {
      return count + ", ended before the recorded samples begin";
    }
    return count
        + (lives.count() == 1 ? ", which " : ", the last of which ")
        + (Double.isInfinite(continuation.beforeSeconds())
            ? "runs now"
            : "is recorded from " + at(continuation.beforeSeconds()) + " on");
  }

  private String leftOut() {
    List<String> parts = new ArrayList<>();
    add(
        parts,
        overlapping,
        "not earlier than the first recorded sample (" + at(continuation.beforeSeconds()) + ")");
    add(
        parts,
        old,
        "older than history.retention ("
            + Quantity.duration(settings.retention())
            + "; times are seconds since 1970)");
    add(parts, future, "later than now");
    add(parts, unordered, "not later than the one before");
    add(parts, unusable, "not a number of bytes or a count");
    return String.join(", ", parts);
  }

  private static void add(List<String> parts, long count, String why) {
    if (count > 0) {
      parts.add(count + " " + why);
    }
  }

  /** What is doubtful about it, one line each. */
  List<String> doubts() {
    List<String> doubts = new ArrayList<>();
    boolean first = Double.isInfinite(continuation.beforeSeconds());
    if (added == 0) {
      return doubts;
    }
    if (first && continuation.incarnation().isEmpty()) {
      doubts.add(
          "no process is named "
              + name
              + " now and nothing is recorded for it: when one is found, it counts as"
              + " restarted (import while it runs if it is the same)");
    } else if (!continuation.incarnation().isEmpty()
        && Double.isNaN(continuation.startSeconds())
        && !lives.reachesWhatFollows()) {
      doubts.add(
          "the first recorded sample of "
              + name
              + " is from a process whose start is unknown (another boot): the process"
              + " counts as restarted there");
    }
    if (lacksAnonymous) {
      doubts.add(
          "the anonymous part of rss_bytes is unknown, so rss_bytes is imported as"
              + " it is; the level steps where the daemon's rss_anon_bytes begin");
    }
    if (wrongStarts > 0) {
      doubts.add(
          wrongStarts + " starts were ignored: they are not past times in seconds since 1970");
    }
    double follows = continuation.anonymousBytes();
    double pause = Math.min(nowSeconds, continuation.beforeSeconds()) - lastSeconds;
    boolean far =
        lastBytes > SUSPICIOUS_FACTOR * follows || lastBytes * SUSPICIOUS_FACTOR < follows;
    if (far && pause < DAY_SECONDS) {
      doubts.add(
          "the last imported rss_anon_bytes is "
              + Quantity.size(lastBytes)
              + ", the next recorded one is "
              + Quantity.size(follows)
              + ": are these bytes, and of this process?");
    }
    return doubts;
  }

  private static String at(double seconds) {
    return Double.isInfinite(seconds)
        ? "never"
        : Judgement.instant(seconds).truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
