package io.leakwatch.export.table;

import io.leakwatch.alert.Severity;
import io.leakwatch.export.text.ShortQuantity;
import io.leakwatch.export.text.StripText;
import io.leakwatch.heap.HeapStrips;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The live view as the lines of a terminal, computed from what there is to show and nothing else:
 * at most as many lines as it has rows, none wider than it has columns. Above are the processes,
 * below is why the chosen one is judged as it is.
 */
public final class ProcessScreen {
  private static final int FIXED_LINES = 4;
  private static final String CHOSEN = "> ";
  private static final String NOT_CHOSEN = "  ";
  private static final String INDENT = "    ";
  private static final int STRIPS_MAX = 10;
  private static final String KEYS = " q quit   ↑↓ choose   Enter %s   s sort, now by %s";

  private final State state;
  private final Instant now;
  private final int width;
  private final int height;
  private final AnsiStyle paint;

  /**
   * What is shown.
   *
   * @param agent who said so, and where
   * @param problem why nothing newer is there, {@code ""} when all is well
   * @param chosen index into the rows in their order
   * @param detail of the chosen process
   */
  public record State(
      String node,
      String agent,
      String problem,
      ProcessList processes,
      ProcessOrder order,
      int chosen,
      Detail detail) {

    /** Whether one process has the room. */
    public boolean open() {
      return detail.open();
    }

    /** The rows in their order. */
    public List<ProcessRow> rows() {
      List<ProcessRow> sorted = new ArrayList<>(processes.rows());
      sorted.sort(order.comparator());
      return sorted;
    }
  }

  /**
   * What is shown of one process when it has the room instead of the others.
   *
   * @param name whose heaps the strips are, {@code ""} while they are not known
   */
  public record Detail(boolean open, String name, HeapStrips strips) {
    public static final Detail CLOSED = new Detail(false, "", HeapStrips.NONE);
    public static final Detail OPEN = new Detail(true, "", HeapStrips.NONE);
  }

  private ProcessScreen(State state, Instant now, int width, int height, boolean colours) {
    this.state = state;
    this.now = now;
    this.width = width;
    this.height = height;
    this.paint = new AnsiStyle(colours);
  }

  /** The lines, from the top. */
  public static List<String> lines(
      State state, Instant now, int width, int height, boolean colours) {
    List<String> lines = new ProcessScreen(state, now, width, height, colours).lines();
    return lines.subList(0, Math.min(lines.size(), Math.max(0, height)));
  }

  private List<String> lines() {
    List<ProcessRow> rows = state.rows();
    List<String> lines = new ArrayList<>();
    lines.add(paint.of(AnsiStyle.BOLD, cut(summary(rows))));
    if (width <= CHOSEN.length()) {
      return lines;
    }
    lines.add(second());
    int body = Math.max(1, height - FIXED_LINES);
    if (rows.isEmpty()) {
      lines.add("");
      lines.add(cut(INDENT + nothing()));
    } else {
      int chosen = Math.max(0, Math.min(rows.size() - 1, state.chosen()));
      List<String> below = below(rows.get(chosen));
      int table =
          state.open()
              ? Math.min(rows.size(), Math.max(1, body - below.size()))
              : Math.min(rows.size(), Math.max(body - below.size(), (body + 1) / 2));
      table(rows, chosen, table, lines);
      lines.addAll(fitting(below, body - table));
    }
    while (lines.size() < height - 1) {
      lines.add("");
    }
    lines.add(
        paint.of(
            AnsiStyle.FAINT,
            cut(KEYS.formatted(state.open() ? "list" : "open it", state.order().words()))));
    return lines;
  }

  private String summary(List<ProcessRow> rows) {
    long critical =
        rows.stream().filter(row -> row.assessment().severity() == Severity.CRITICAL).count();
    long warning =
        rows.stream().filter(row -> row.assessment().severity() == Severity.WARNING).count();
    return String.format(
        Locale.ROOT,
        "leakwatch on %s: %d process%s%s%s",
        PlainText.of(state.node(), 64),
        rows.size(),
        rows.size() == 1 ? "" : "es",
        critical > 0 ? ", " + critical + " critical" : "",
        warning > 0 ? ", " + warning + " warning" : "");
  }

  private String second() {
    String age = ShortQuantity.time(Duration.between(state.processes().takenAt(), now));
    String known = state.processes().takenAt().equals(Instant.EPOCH) ? "" : ", " + age + " ago";
    String problem = PlainText.of(state.problem(), 512);
    return problem.isEmpty()
        ? paint.of(AnsiStyle.FAINT, cut(PlainText.of(state.agent(), 512) + known))
        : paint.of(
            AnsiStyle.BAD,
            cut(problem + (known.isEmpty() ? "" : "; this is from" + known.substring(1))));
  }

  private String nothing() {
    return state.processes().takenAt().equals(Instant.EPOCH)
        ? "asking …"
        : "no process matches the targets now";
  }

  /** So many rows of the table that the chosen one is among them. */
  private void table(List<ProcessRow> rows, int chosen, int count, List<String> lines) {
    ProcessTable table = ProcessTable.live(rows, now, width - CHOSEN.length(), paint);
    lines.add(paint.of(AnsiStyle.FAINT, cut(NOT_CHOSEN + table.head())));
    int from = Math.max(0, Math.min(chosen - count / 2, rows.size() - count));
    for (int i = from; i < from + count; i++) {
      boolean isChosen = i == chosen;
      String mark = isChosen ? paint.of(AnsiStyle.chosen(""), CHOSEN) : NOT_CHOSEN;
      lines.add(mark + table.line(rows.get(i), isChosen));
    }
  }

  /** Why the chosen process is judged as it is. */
  private List<String> below(ProcessRow row) {
    List<String> lines = new ArrayList<>();
    String begin = "── " + row.name() + " (pid " + row.pid() + ") ";
    lines.add(
        paint.of(AnsiStyle.FAINT, cut(begin + "─".repeat(Math.max(0, width - begin.length())))));
    if (!row.reading().up()) {
      add(
          lines,
          "  ",
          row.reading().problem().isEmpty() ? "it has ended" : row.reading().problem());
    }
    if (!row.assessment().verdict().isEmpty()) {
      String confidence =
          Double.isNaN(row.assessment().confidence())
              ? ""
              : " (confidence " + Quantity.percent(row.assessment().confidence()) + ")";
      add(lines, "  ", row.assessment().verdict() + confidence);
    }
    memory(row, lines);
    row.assessment().reasons().forEach(reason -> add(lines, "  - ", reason));
    for (ProcessRow.Limit limit : row.assessment().limits()) {
      if (row.assessment().reasons().stream().noneMatch(reason -> reason.contains(limit.name()))) {
        String when = Verdict.Exhaustion.when(limit.exhaustionSeconds());
        add(lines, "  - ", "reaches " + limit.name() + " " + when);
      }
    }
    if (state.open()) {
      strips(row, lines);
      add(lines, "  ", row.commandLine());
    }
    return lines;
  }

  /** What the parts of the bar are; where the process has the room, a line for each. */
  private void memory(ProcessRow row, List<String> lines) {
    MemoryShares shares = row.memory().shares();
    MemoryBar bar = new MemoryBar(paint);
    if (!shares.isKnown()) {
      return;
    }
    if (state.open()) {
      lines.addAll(bar.lines(shares, INDENT, width));
    } else {
      lines.add(bar.legend(shares, "  memory ", width));
    }
  }

  private void strips(ProcessRow row, List<String> lines) {
    if (state.detail().name().equals(row.name())) {
      StripText.lines(
              state.detail().strips(), STRIPS_MAX, width - INDENT.length(), paint.hasColours())
          .forEach(line -> lines.add(cut(INDENT + line)));
    }
  }

  /** A sentence: cut to one line, or wrapped where there is to be room for it. */
  private void add(List<String> lines, String mark, String sentence) {
    if (!state.open() || width <= 2 * INDENT.length()) {
      lines.add(cut(mark + sentence));
      return;
    }
    String rest = mark + sentence;
    while (rest.length() > width) {
      int blank = rest.lastIndexOf(' ', width);
      int end = blank > INDENT.length() ? blank : width;
      lines.add(rest.substring(0, end));
      rest = INDENT + rest.substring(end).stripLeading();
    }
    lines.add(rest);
  }

  private List<String> fitting(List<String> below, int count) {
    if (below.size() <= count) {
      return below;
    }
    if (count < 2) {
      return List.of();
    }
    List<String> lines = new ArrayList<>(below.subList(0, count - 1));
    lines.add(cut(INDENT + "… " + (below.size() - count + 1) + " more lines"));
    return lines;
  }

  private String cut(String plain) {
    return PlainText.cut(plain, width);
  }
}
