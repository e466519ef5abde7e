package io.leakwatch.history.csv;

import io.leakwatch.sample.Change;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Recorded series as comma-separated values: a header, {@code time} in seconds, any {@link Signal}
 * and {@link LoadSeries} by its column name, optionally {@code incarnation} and {@code build};
 * further columns are ignored. An empty cell is a figure that was not read.
 */
public final class CsvSeries {
  static final String TIME = "time";
  static final String INCARNATION = "incarnation";
  static final String BUILD = "build";

  private CsvSeries() {}

  /**
   * What was in a file.
   *
   * @param samples rows that were given on
   * @param badRows rows without a valid time, with an unfinished quote, or too long
   * @param badCells cells that are not a number; their row counts without them
   * @param unorderedRows rows that are not later than the row before
   * @param whole whether it is a series that could be read to its end
   * @param problems one line for each kind of problem: {@code FILE:LINE: WHAT}, with the line where
   *     it came first
   */
  public record Report(
      long samples,
      long badRows,
      long badCells,
      long unorderedRows,
      boolean whole,
      List<String> problems) {}

  /**
   * Reads a file, gzipped or not, as a stream.
   *
   * @throws IOException when the file cannot be opened; what cannot be read further on is a problem
   *     of the report
   */
  public static Report read(Path file, Consumer<Sample> consumer) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), in, consumer);
    }
  }

  /**
   * Reads a stream, gzipped or not.
   *
   * @param name how problems call it
   */
  public static Report read(String name, InputStream in, Consumer<Sample> consumer) {
    return read(name, in, consumer, change -> {});
  }

  /**
   * Reads a stream, gzipped or not.
   *
   * @param changes is given each build that differs from the one before, and the first one, before
   *     the sample that has it
   */
  public static Report read(
      String name, InputStream in, Consumer<Sample> consumer, Consumer<Change> changes) {
    return new CsvReading(name, consumer, changes).all(in);
  }

  /** The header of a file with these signals and series of load. */
  public static String header(Collection<Signal> signals, Collection<LoadSeries> load) {
    return header(signals, load, false);
  }

  /**
   * The same.
   *
   * @param withBuild whether the rows tell the build
   */
  public static String header(
      Collection<Signal> signals, Collection<LoadSeries> load, boolean withBuild) {
    StringBuilder header = new StringBuilder(TIME).append(',').append(INCARNATION);
    header.append(withBuild ? "," + BUILD : "");
    for (Signal signal : EnumSet.copyOf(signals)) {
      header.append(',').append(signal.column());
    }
    for (LoadSeries series : load) {
      header.append(',').append(quoted(series.column()));
    }
    return header.toString();
  }

  /** One line, without its end, as {@link #read} takes it. */
  public static String row(Sample sample, Collection<Signal> signals, Collection<LoadSeries> load) {
    return row(sample, signals, load, null);
  }

  /**
   * The same.
   *
   * @param build {@code ""} where it is not known, null where no row tells it
   */
  public static String row(
      Sample sample,
      Collection<Signal> signals,
      Collection<LoadSeries> load,
      @Nullable String build) {
    StringBuilder row = new StringBuilder();
    append(row, sample.timeSeconds());
    row.append(',').append(quoted(sample.incarnation()));
    row.append(build == null ? "" : "," + quoted(build));
    for (Signal signal : EnumSet.copyOf(signals)) {
      row.append(',');
      if (sample.has(signal)) {
        append(row, sample.get(signal));
      }
    }
    for (LoadSeries series : load) {
      row.append(',');
      Double value = sample.load().get(series);
      if (value != null) {
        append(row, value);
      }
    }
    return row.toString();
  }

  private static void append(StringBuilder row, double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
      row.append((long) value);
    } else {
      row.append(value);
    }
  }

  private static String quoted(String text) {
    String line = text.replace('\n', ' ').replace('\r', ' ');
    return line.indexOf(',') < 0 && line.indexOf('"') < 0
        ? line
        : '"' + line.replace("\"", "\"\"") + '"';
  }
}
