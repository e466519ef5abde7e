package io.leakwatch.history;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/**
 * Recorded series as comma-separated values: a header, {@code time} in seconds, any {@link Signal}
 * and {@link LoadSeries} by its column name, optionally {@code incarnation}; further columns are
 * ignored. An empty cell is a figure that was not looked at.
 *
 * <p>What is wrong in a file is counted and passed over. A row whose time is not later than the one
 * before is passed over too, because no statement about growth can come from it.
 */
public final class CsvSeries {
  private static final String TIME = "time";
  private static final String INCARNATION = "incarnation";
  private static final int IGNORED = -1;
  private static final int TIME_COLUMN = -2;
  private static final int INCARNATION_COLUMN = -3;
  private static final int MAX_PROBLEMS = 20;

  private CsvSeries() {}

  /**
   * What was in a file.
   *
   * @param samples rows that were given on
   * @param badRows rows without a valid time, with an unfinished quote, or too long
   * @param badCells cells that are not a number; their row counts without them
   * @param unorderedRows rows that are not later than the row before
   * @param problems the first problems, each as {@code FILE:LINE: WHAT}
   */
  public record Report(
      long samples, long badRows, long badCells, long unorderedRows, List<String> problems) {}

  /**
   * Reads a file, gzipped or not, as a stream.
   *
   * @throws IOException when the file cannot be opened; what cannot be read further on is a problem
   *     of the report
   */
  public static Report read(Path file, Consumer<Sample> consumer) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      raw.mark(2);
      boolean gzipped = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      return read(file.toString(), gzipped ? new GZIPInputStream(raw, 1 << 16) : raw, consumer);
    }
  }

  /**
   * Reads a stream of plain text.
   *
   * @param name how problems call it
   */
  public static Report read(String name, InputStream in, Consumer<Sample> consumer) {
    return new Reading(name, consumer).all(new CsvRows(in));
  }

  /** The header of a file with these signals and series of load. */
  public static String header(Collection<Signal> signals, Collection<LoadSeries> load) {
    StringBuilder header = new StringBuilder(TIME).append(',').append(INCARNATION);
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
    StringBuilder row = new StringBuilder();
    append(row, sample.timeSeconds());
    row.append(',').append(quoted(sample.incarnation()));
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
    private final String name;
    private final Consumer<Sample> consumer;
    private final List<String> problems = new ArrayList<>();
    private final List<Column> figures = new ArrayList<>();
    private int[] columns = {};
    private long samples;
    private long badRows;
    private long badCells;
    private long unorderedRows;
    private double lastSeconds = Double.NEGATIVE_INFINITY;
    private String incarnation = "";

    Reading(String name, Consumer<Sample> consumer) {
      this.name = name;
      this.consumer = consumer;
    }

    Report all(CsvRows rows) {
      try {
        if (header(rows)) {
          while (rows.next()) {
            row(rows);
          }
        }
      } catch (IOException e) {
        problem(rows, "cannot be read further: " + e.getMessage());
        badRows++;
      }
      return new Report(samples, badRows, badCells, unorderedRows, List.copyOf(problems));
    }

    private boolean header(CsvRows rows) throws IOException {
      if (!rows.next()) {
        problem(rows, "is empty");
        return false;
      }
      Map<String, Integer> meanings = new HashMap<>();
      meanings.put(TIME, TIME_COLUMN);
      meanings.put(INCARNATION, INCARNATION_COLUMN);
      for (Signal signal : Signal.values()) {
        meanings.put(signal.column(), figures.size());
        figures.add(new Column.OfSignal(signal));
      }
      columns = new int[rows.cells()];
      for (int i = 0; i < columns.length; i++) {
        // A column's second occurrence is a further column.
        String column = rows.text(i).strip();
        Integer meaning = meanings.remove(column.toLowerCase(Locale.ROOT));
        columns[i] = meaning == null ? load(column) : meaning;
      }
      if (meanings.containsKey(TIME)) {
        problem(rows, "the header has no column `time`");
        badRows++;
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
      if (Double.isNaN(timeSeconds) || Double.isInfinite(timeSeconds)) {
        badRows++;
        problem(rows, rows.isBroken() ? "no row of values" : "no valid time");
      } else if (timeSeconds <= lastSeconds) {
        unorderedRows++;
        problem(rows, "not later than the row before");
      } else {
        consumer.accept(sample(rows, timeSeconds));
        lastSeconds = timeSeconds;
        samples++;
      }
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
      }
      Sample.Builder sample = Sample.at(timeSeconds, incarnation);
      for (int i = 0; i < count; i++) {
        if (columns[i] >= 0 && !rows.isEmpty(i)) {
          double value = rows.number(i);
          if (Double.isNaN(value) || Double.isInfinite(value)) {
            badCells++;
            problem(rows, "no number in column " + figures.get(columns[i]).name());
          } else {
            figures.get(columns[i]).set(sample, value);
          }
        }
      }
      return sample.build();
    }

    private void problem(CsvRows rows, String what) {
      if (problems.size() < MAX_PROBLEMS) {
        problems.add(name + ":" + rows.line() + ": " + what);
      }
    }
  }
}
