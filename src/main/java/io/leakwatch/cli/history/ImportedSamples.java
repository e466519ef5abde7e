package io.leakwatch.cli.history;

import io.leakwatch.history.HistorySettings;
import io.leakwatch.history.PackedSamples;
import io.leakwatch.history.csv.CsvSeries;
import io.leakwatch.load.RangeQuery;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.program.GivenFile;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
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

  private final String name;
  private final HistorySettings settings;
  private final Continuation continuation;
  private final double nowSeconds;
  private final LeftOutSamples leftOut;
  private final TakenSamples taken;
  private long read;
  private boolean nothingBefore;

  ImportedSamples(
      String name, HistorySettings settings, Continuation continuation, double nowSeconds) {
    this.name = name;
    this.settings = settings;
    this.continuation = continuation;
    this.nowSeconds = nowSeconds;
    this.leftOut =
        new LeftOutSamples(settings.retention(), continuation.beforeSeconds(), nowSeconds);
    this.taken = new TakenSamples(name, settings, continuation, nowSeconds);
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
      try (InputStream in = GivenFile.open(file)) {
        CsvSeries.Report report =
            CsvSeries.read(file.toString(), in, sample -> keep(sample, stretch, file));
        read += report.unorderedRows();
        leftOut.unordered(report.unorderedRows());
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
      taken.folded(-stretch.size());
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
    if (leftOut.fits(sample.timeSeconds())) {
      if (stretch.add(sample)) {
        taken.folded(1);
      } else {
        leftOut.unordered(1);
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
    double oldest = Math.max(leftOut.oldestSeconds(), nowSeconds - span.toSeconds());
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
      throw new IOException(
          "the query returns nothing from "
              + TakenSamples.at(begin)
              + " to "
              + TakenSamples.at(end));
    }
    nothingBefore = read == 0;
  }

  private void putStart(Map<Double, Double> began, double time, double start) {
    if (start > 0 && start <= time + Continuation.START_TOLERANCE_SECONDS) {
      began.put(time, start);
    } else {
      taken.wrongStart();
    }
  }

  private void takeFigure(Signal signal, double time, double value, double startSeconds) {
    read++;
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      leftOut.unusable();
    } else if (leftOut.fits(time)) {
      take(Sample.at(time, "").set(signal, value).build(), startSeconds);
    }
  }

  private void take(Sample sample, double startSeconds) {
    if (!taken.add(sample, startSeconds)) {
      leftOut.unordered(1);
    }
  }

  /**
   * Ends it.
   *
   * @throws IOException where nothing can be taken for a reason other than that it is there already
   */
  PackedSamples complete() throws IOException {
    if (taken.count() == 0 && !leftOut.areThereAlready() && !nothingBefore) {
      throw new IOException(
          read == 0
              ? "there are no samples to import"
              : "nothing can be imported: " + leftOut.text());
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
                      + TakenSamples.at(continuation.beforeSeconds())
                      + ")"
                  : ""));
    } else {
      lines.addAll(taken.report(kept, dryRun));
    }
    String left = leftOut.text();
    if (!left.isEmpty()) {
      lines.add("  left out: " + left);
    }
    return lines;
  }

  /** What is doubtful about it, one line each. */
  List<String> doubts() {
    return taken.doubts();
  }
}
