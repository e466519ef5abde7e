package io.leakwatch.export.table;

import io.leakwatch.alert.Severity;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.text.ShortQuantity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Processes as a table with one line for each. No cell holds a blank, so that scripts may take it
 * apart. Where there is not room for all columns, those go first that say least about a leak; the
 * name has what is left over.
 */
public final class ProcessTable {
  private static final int COLUMNS_ENDLESS = 1 << 20;
  private static final int NAME_COLUMNS_MIN = 12;
  private static final int NAME_COLUMNS_WANTED = 20;
  private static final int CURVE_COLUMNS_MIN = 8;
  private static final int CURVE_COLUMNS_MAX = 24;
  private static final int MEMORY_COLUMNS = 16;

  /** From left to right; with the smaller rank it stays longer. */
  private enum Column {
    NAME("NAME", 0, 0),
    PID("PID", 7, 6),
    VERDICT("VERDICT", 7, 1),
    SEVERITY("SEVERITY", 8, 5),
    RSS("RSS", 6, 4),
    ANONYMOUS("ANON", 6, 10),
    IN_USE("IN-USE", 6, 7),
    FREE("FREE", 6, 12),
    PINNED("PINNED", 6, 11),
    ARENAS("ARENAS", 6, 13),
    MEMORY("MEMORY", MEMORY_COLUMNS, 9),
    GROWTH("GROWTH/DAY", 10, 2),
    LIMIT("LIMIT-IN", 8, 3),
    AGE("AGE", 4, 8),
    CURVE("LAST", CURVE_COLUMNS_MIN, 14);

    final String title;
    final int columns;
    final int rank;

    Column(String title, int columns, int rank) {
      this.title = title;
      this.columns = columns;
      this.rank = rank;
    }

    String text(ProcessRow row, Instant now) {
      return switch (this) {
        case NAME -> row.name().isEmpty() ? "-" : row.name();
        case PID -> Integer.toString(row.pid());
        case VERDICT -> verdict(row);
        case SEVERITY ->
            row.assessment().severity() == Severity.NONE
                ? "-"
                : row.assessment().severity().wireName();
        case RSS -> ShortQuantity.size(row.memory().residentBytes());
        case ANONYMOUS -> ShortQuantity.size(row.memory().anonymousBytes());
        case IN_USE -> ShortQuantity.size(row.memory().inUseBytes());
        case FREE -> ShortQuantity.size(row.memory().freeBytes());
        case PINNED -> ShortQuantity.size(row.memory().pinnedBytes());
        case ARENAS -> ShortQuantity.count(row.memory().arenas());
        case GROWTH -> ShortQuantity.perDay(row.assessment().growthBytesPerSecond());
        case LIMIT -> ShortQuantity.time(row.exhaustionSeconds());
        case AGE -> age(row, now);
        case MEMORY, CURVE -> "";
      };
    }

    boolean isLeftAligned() {
      return this == NAME || this == VERDICT || this == SEVERITY || this == MEMORY || this == CURVE;
    }

    private static String verdict(ProcessRow row) {
      if (!row.reading().up()) {
        return row.reading().problem().isEmpty() ? "gone" : "denied";
      }
      return row.assessment().verdict().isEmpty() ? "unknown" : row.assessment().verdict();
    }

    private static String age(ProcessRow row, Instant now) {
      Instant sampledAt = row.reading().sampledAt();
      return sampledAt == null ? "-" : ShortQuantity.time(Duration.between(sampledAt, now));
    }
  }

  private final Instant now;
  private final AnsiStyle paint;
  private final Set<Column> shown;
  private final int nameColumns;
  private final int curveColumns;
  private final Instant curveFrom;
  private final Instant curveTo;

  /**
   * Fits a table.
   *
   * @param width columns of the terminal
   * @param curves whether there may be curves of the last hours
   * @param bars whether there may be bars of what the memory is spent on
   */
  private ProcessTable(
      List<ProcessRow> rows,
      Instant now,
      int width,
      boolean curves,
      boolean bars,
      AnsiStyle paint) {
    this.now = now;
    this.paint = paint;
    List<Instant> times =
        rows.stream()
            .flatMap(row -> row.recent().stream())
            .map(ProcessView.Point::time)
            .sorted()
            .toList();
    this.curveFrom = times.isEmpty() ? now : times.get(0);
    this.curveTo = times.isEmpty() ? now : times.get(times.size() - 1);
    int longest = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
    int nameMin =
        Math.max(NAME_COLUMNS_MIN, Math.min(longest, Math.min(NAME_COLUMNS_WANTED, width / 3)));
    Set<Column> absent = EnumSet.noneOf(Column.class);
    if (!curves || !curveFrom.isBefore(curveTo)) {
      absent.add(Column.CURVE);
    }
    if (!bars || rows.stream().noneMatch(row -> row.memory().shares().isKnown())) {
      absent.add(Column.MEMORY);
    }
    this.shown = fitting(width, nameMin, absent);
    int left =
        width
            - nameMin
            - shown.stream()
                .filter(column -> column != Column.NAME)
                .mapToInt(column -> column.columns + 1)
                .sum();
    int forName = Math.max(0, Math.min(left, longest - nameMin));
    this.nameColumns = Math.max(1, Math.min(width, nameMin + forName));
    this.curveColumns =
        Math.min(CURVE_COLUMNS_MAX, CURVE_COLUMNS_MIN + Math.max(0, left - forName));
  }

  /** The table of the live view. */
  static ProcessTable live(List<ProcessRow> rows, Instant now, int width, AnsiStyle paint) {
    return new ProcessTable(rows, now, width, true, true, paint);
  }

  private static Set<Column> fitting(int width, int nameColumns, Set<Column> absent) {
    Set<Column> fitting = EnumSet.noneOf(Column.class);
    List<Column> byRank = new ArrayList<>(EnumSet.allOf(Column.class));
    byRank.removeAll(absent);
    byRank.sort(Comparator.comparingInt(column -> column.rank));
    int used = nameColumns;
    for (Column column : byRank) {
      used += column == Column.NAME ? 0 : column.columns + 1;
      if (used > width && column != Column.NAME) {
        return fitting;
      }
      fitting.add(column);
    }
    return fitting;
  }

  /** All columns but the curve, however long the names are; each line ends with a line end. */
  public static String plain(ProcessList processes, Instant now) {
    return plain(processes, now, COLUMNS_ENDLESS, false);
  }

  /** The same on a terminal of so many columns. */
  public static String plain(ProcessList processes, Instant now, int width) {
    return plain(processes, now, width, true);
  }

  private static String plain(ProcessList processes, Instant now, int width, boolean curves) {
    List<ProcessRow> sorted = new ArrayList<>(processes.rows());
    sorted.sort(ProcessOrder.SEVERITY.comparator());
    ProcessTable table = new ProcessTable(sorted, now, width, curves, false, new AnsiStyle(false));
    StringBuilder text = new StringBuilder(table.head()).append('\n');
    sorted.forEach(row -> text.append(table.line(row, false).stripTrailing()).append('\n'));
    return text.toString();
  }

  String head() {
    StringBuilder line = new StringBuilder();
    for (Column column : shown) {
      String title = column.title;
      if (column == Column.CURVE) {
        title += "-" + ShortQuantity.time(Duration.between(curveFrom, curveTo));
      }
      add(line, column, title, "");
    }
    return line.toString().stripTrailing();
  }

  /**
   * One process.
   *
   * @param chosen whether the whole line stands out
   */
  String line(ProcessRow row, boolean chosen) {
    StringBuilder line = new StringBuilder();
    for (Column column : shown) {
      if (column == Column.MEMORY) {
        line.append(' ').append(new MemoryBar(paint).of(row.memory().shares(), column.columns));
        continue;
      }
      String text =
          column == Column.CURVE
              ? Sparkline.of(row.recent(), curveFrom, curveTo, curveColumns)
              : column.text(row, now);
      String code =
          switch (column) {
            case VERDICT -> AnsiStyle.ofVerdict(row);
            case SEVERITY -> AnsiStyle.ofSeverity(row);
            case GROWTH -> row.isAlarming() ? "" : AnsiStyle.FAINT;
            case CURVE -> AnsiStyle.CURVE;
            default -> "";
          };
      add(line, column, text, chosen ? AnsiStyle.chosen(code) : code);
    }
    return line.toString();
  }

  private void add(StringBuilder line, Column column, String text, String code) {
    int columns =
        switch (column) {
          case NAME -> nameColumns;
          case CURVE -> curveColumns;
          default -> column.columns;
        };
    String cut =
        column == Column.NAME ? PlainText.cutMiddle(text, columns) : PlainText.cut(text, columns);
    String room = " ".repeat(columns - cut.length());
    boolean first = line.length() == 0;
    String cell = column.isLeftAligned() ? cut + room : room + cut;
    line.append(paint.of(code, first ? cell : " " + cell));
  }
}
