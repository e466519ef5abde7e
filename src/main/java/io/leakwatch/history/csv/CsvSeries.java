package io.leakwatch.history.csv;

import io.leakwatch.history.block.Column;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Recorded series as comma-separated values: a header, {@code time} in seconds, any {@link Signal}
 * and {@link LoadSeries} by its column name, optionally {@code incarnation} and {@code build};
 * further columns are ignored. An empty cell is a figure that was not read.
 *
 * <p>What is wrong in a file is counted and passed over. A row whose time is not later than the one
 * before is passed over too, because no statement about growth can come from it; but when {@link
 * #ROWS_OF_A_STEPPED_CLOCK} such rows in a row are in order among themselves, the clock has been
 * set back (or one time was far too late), and they count again from there.
 */
public final class CsvSeries {
  private static final String TIME = "time";
  private static final String INCARNATION = "incarnation";
  private static final String BUILD = "build";
  private static final int IGNORED = -1;
  private static final int TIME_COLUMN = -2;
  private static final int INCARNATION_COLUMN = -3;
  private static final int BUILD_COLUMN = -4;
  private static final int ROWS_OF_A_STEPPED_CLOCK = 10;

  /** The year 5138: what is later was not written in seconds. */
  private static final double MAX_SECONDS = 1e11;

  private static final double MAX_BYTES = Long.MAX_VALUE;

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
    return new Reading(name, consumer, changes).all(in);
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

  /** One pass over one file. */
  private static final class Reading {
    private final Consumer<Sample> consumer;
    private final Consumer<Change> changes;
    private final Problems problems;
    private final List<Column> figures = new ArrayList<>();
    private int[] columns = {};
    private long samples;
    private long badRows;
    private long badCells;
    private long unorderedRows;
    private boolean whole;
    private double lastSeconds = Double.NEGATIVE_INFINITY;
    private double passedOverSeconds = Double.NEGATIVE_INFINITY;
    private int passedOverInOrder;
    private String incarnation = "";
    private @Nullable String build;

    Reading(String name, Consumer<Sample> consumer, Consumer<Change> changes) {
      this.consumer = consumer;
      this.changes = changes;
      this.problems = new Problems(name);
    }

    Report all(InputStream in) {
      CsvRows rows = new CsvRows(InputStream.nullInputStream());
      try {
        rows = new CsvRows(plain(in));
        if (header(rows)) {
          while (rows.next()) {
            row(rows);
          }
          whole = samples > 0 || badRows == 0;
        }
      } catch (EOFException e) {
        problems.add(rows.line(), "ends too early: it seems to be cut off");
      } catch (ZipException e) {
        problems.add(rows.line(), "is damaged: " + e.getMessage());
      } catch (IOException e) {
        problems.add(
            rows.line(), "cannot be read: " + Objects.requireNonNullElse(e.getMessage(), "" + e));
      }
      return new Report(samples, badRows, badCells, unorderedRows, whole, problems.lines());
    }

    private static InputStream plain(InputStream in) throws IOException {
      BufferedInputStream raw = new BufferedInputStream(in, 1 << 16);
      raw.mark(2);
      boolean gzipped = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      return gzipped ? new GZIPInputStream(raw, 1 << 16) : raw;
    }

    private boolean header(CsvRows rows) throws IOException {
      if (!rows.next()) {
        problems.add(1, "is empty: a header such as `time,rss_anon_bytes` must come first");
        return false;
      }
      Map<String, Integer> meanings = new HashMap<>();
      meanings.put(TIME, TIME_COLUMN);
      meanings.put(INCARNATION, INCARNATION_COLUMN);
      meanings.put(BUILD, BUILD_COLUMN);
      for (Signal signal : Signal.values()) {
        meanings.put(signal.column(), figures.size());
        figures.add(new Column.OfSignal(signal));
      }
      columns = new int[rows.cells()];
      boolean known = false;
      for (int i = 0; i < columns.length; i++) {
        // A column's second occurrence is a further column.
        String column = rows.text(i).strip();
        Integer meaning = meanings.remove(column.toLowerCase(Locale.ROOT));
        columns[i] = meaning == null ? load(column) : meaning;
        known |= columns[i] >= 0;
      }
      if (meanings.containsKey(TIME)) {
        problems.add(rows.line(), "the header has no column `time`");
        return false;
      }
      if (!known) {
        problems.add(
            rows.line(), "the header has no column that can be judged, such as `rss_anon_bytes`");
        return false;
      }
      return true;
    }

    /** The number of a series of load, {@link #IGNORED} where the column holds none. */
    private int load(String name) {
      Column column = LoadSeries.ofColumn(name).map(Column.OfLoad::new).orElse(null);
      if (column == null
          || figures.contains(column)
          || figures.size() == Signal.values().length + LoadSeries.PER_SAMPLE_MAX) {
        return IGNORED;
      }
      figures.add(column);
      return figures.size() - 1;
    }

    private void row(CsvRows rows) {
      if (rows.isBlank()) {
        return;
      }
      double timeSeconds = rows.isBroken() ? Double.NaN : time(rows);
      if (!(Math.abs(timeSeconds) < MAX_SECONDS)) {
        badRows++;
        problems.add(
            rows.line(),
            rows.isBroken()
                ? "no row of values"
                : Math.abs(timeSeconds) < Double.POSITIVE_INFINITY
                    ? "no time in seconds; are these milliseconds?"
                    : "no valid time");
      } else if (timeSeconds <= lastSeconds && !hasSteppedBack(timeSeconds)) {
        unorderedRows++;
        problems.add(rows.line(), "not later than the row before");
      } else {
        consumer.accept(sample(rows, timeSeconds));
        lastSeconds = timeSeconds;
        passedOverInOrder = 0;
        samples++;
      }
    }

    /** Whether the rows that are passed over make a series of their own by now. */
    private boolean hasSteppedBack(double timeSeconds) {
      passedOverInOrder = timeSeconds > passedOverSeconds ? passedOverInOrder + 1 : 1;
      passedOverSeconds = timeSeconds;
      return passedOverInOrder > ROWS_OF_A_STEPPED_CLOCK;
    }

    private double time(CsvRows rows) {
      for (int i = 0; i < Math.min(columns.length, rows.cells()); i++) {
        if (columns[i] == TIME_COLUMN) {
          return rows.number(i);
        }
      }
      return Double.NaN;
    }

    private Sample sample(CsvRows rows, double timeSeconds) {
      int count = Math.min(columns.length, rows.cells());
      for (int i = 0; i < count; i++) {
        if (columns[i] == INCARNATION_COLUMN && !rows.equalsText(i, incarnation)) {
          incarnation = rows.text(i);
        }
        if (columns[i] == BUILD_COLUMN && !rows.isEmpty(i)) {
          build(rows.text(i).strip(), timeSeconds);
        }
      }
      Sample.Builder sample = Sample.at(timeSeconds, incarnation);
      for (int i = 0; i < count; i++) {
        if (columns[i] >= 0 && !rows.isEmpty(i)) {
          double value = rows.number(i);
          if (Math.abs(value) <= MAX_BYTES) {
            figures.get(columns[i]).set(sample, value);
          } else {
            badCells++;
            problems.add(rows.line(), "no number in column " + figures.get(columns[i]).name());
          }
        }
      }
      return sample.build();
    }

    private void build(String now, double timeSeconds) {
      if (!now.equals(build)) {
        changes.accept(new Change(timeSeconds, Change.Kind.BUILD, now, build));
        build = now;
      }
    }
  }

  /** Each kind of problem once, with its first line and its number. */
  private static final class Problems {
    private final String name;
    private final Map<String, long[]> firstLineAndCount = new LinkedHashMap<>();

    Problems(String name) {
      this.name = name;
    }

    void add(long line, String what) {
      firstLineAndCount.computeIfAbsent(what, key -> new long[] {line, 0})[1]++;
    }

    List<String> lines() {
      return firstLineAndCount.entrySet().stream()
          .map(
              problem -> {
                long[] at = problem.getValue();
                String where = name + ":" + at[0] + ": " + problem.getKey();
                return at[1] == 1 ? where : where + " (and " + (at[1] - 1) + " more)";
              })
          .toList();
    }
  }
}
