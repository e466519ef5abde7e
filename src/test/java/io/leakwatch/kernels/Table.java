package io.leakwatch.kernels;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What was said on all kernels: a line for each check, a column for each kernel. */
final class Table {
  private static final int CELL_MAX = 110;

  private Table() {}

  /**
   * A kernel's run.
   *
   * @param release {@code ""} where the kernel could not be fetched
   */
  record Run(String suite, String release, String date, List<Row> rows) {
    static Run of(String suite, String date, Transcript said) {
      String release = said.truth("node", "release");
      return new Run(
          suite, release.isEmpty() ? "did not start" : release, date, Requirements.judge(said));
    }

    static Run skipped(String suite) {
      return new Run(suite, "", "", List.of());
    }

    boolean isSkipped() {
      return release.isEmpty();
    }
  }

  private record Line(String check, String yama) {
    static Line of(Row row) {
      return new Line(row.check(), row.yama());
    }
  }

  static String markdown(List<Run> runs) {
    List<Run> seen = runs.stream().filter(run -> !run.isSkipped()).toList();
    long all = seen.stream().mapToLong(run -> run.rows().size()).sum();
    long right = seen.stream().flatMap(run -> run.rows().stream()).filter(Row::right).count();
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # On other kernels

        Debian's cloud kernels, booted by `qemu-system-x86_64` without hardware support, and what leakwatch says in
        them of programs whose memory is known. Each has swap on a RAM disk, huge pages always, cgroup v2, and `/proc`
        with `hidepid=2`; the agent runs as its own user with the capabilities of the packages, and once without any.
        `mvn -Pkernels verify` fetches the kernels, repeats this in twenty minutes, and writes this file once all
        of them ran; `-Dleakwatch.kernels=bookworm,sid` renews some columns. What must be said to be
        right is in [Requirements.java](../test/java/io/leakwatch/kernels/Requirements.java), what the guest does in
        [init](../test/kernels/init). An emulated processor is slow: times say nothing of real ones.

        """);
    text.append("Right: ").append(right).append(" of ").append(all);
    text.append(" checks.");
    runs.stream()
        .filter(Run::isSkipped)
        .forEach(run -> text.append(" Skipped: ").append(run.suite()).append(", not fetched."));
    text.append("\n\n| check | Yama |");
    seen.forEach(
        run ->
            text.append(' ')
                .append(run.suite())
                .append(", ")
                .append(cell(run.release()))
                .append(", ")
                .append(run.date())
                .append(" |"));
    text.append("\n|---|---|").append("---|".repeat(seen.size())).append('\n');
    Set<Line> lines = new LinkedHashSet<>();
    List<Map<Line, Row>> columns = new ArrayList<>();
    for (Run run : seen) {
      run.rows().forEach(row -> lines.add(Line.of(row)));
      columns.add(run.rows().stream().collect(Collectors.toMap(Line::of, row -> row)));
    }
    for (Line line : lines) {
      text.append("| ").append(line.check()).append(" | ").append(line.yama()).append(" |");
      columns.forEach(column -> text.append(' ').append(said(column.get(line))).append(" |"));
      text.append('\n');
    }
    return text.toString();
  }

  private static String said(Row row) {
    return row.right()
        ? cell(row.said())
        : "**wrong**: " + cell(row.fault()) + (row.said().isEmpty() ? "" : "; " + cell(row.said()));
  }

  private static String cell(String text) {
    String plain = text.replaceAll("[`|\\p{Cntrl}]", " ").strip();
    return plain.length() <= CELL_MAX ? plain : plain.substring(0, CELL_MAX) + "…";
  }
}
