package io.leakwatch.lab;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The table of all that was said of all servers: {@code target/lab/SERVER.json} with the rows of
 * each, {@code laboratory.md} and {@code laboratory.json} with those of all servers that were run
 * since the directory was emptied.
 */
final class Table {
  private static final Path DIRECTORY = Path.of("target", "lab");
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
  private static final int CELL_MAX = 70;
  private static final String SUFFIX = ".server.json";

  private Table() {}

  /** The rows of one server's run. */
  record Run(String server, String date, List<Row> rows) {}

  /** Writes a server's rows so far, and the tables anew. */
  static synchronized void write(String server, List<Row> rows) {
    try {
      Files.createDirectories(DIRECTORY);
      String date = Instant.now().truncatedTo(ChronoUnit.MINUTES).toString();
      Files.writeString(
          DIRECTORY.resolve(server + SUFFIX), GSON.toJson(new Run(server, date, rows)));
      List<Run> runs = new ArrayList<>();
      try (Stream<Path> files = Files.list(DIRECTORY)) {
        for (Path file : files.filter(one -> one.toString().endsWith(SUFFIX)).sorted().toList()) {
          runs.add(GSON.fromJson(Files.readString(file), Run.class));
        }
      }
      Files.writeString(DIRECTORY.resolve("laboratory.json"), GSON.toJson(runs));
      Files.writeString(DIRECTORY.resolve("laboratory.md"), markdown(runs));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String markdown(List<Run> runs) {
    List<Row> rows = runs.stream().flatMap(run -> run.rows().stream()).toList();
    long right = rows.stream().filter(row -> row.faults().isEmpty()).count();
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # The laboratory: what is said of real servers

        Debian's own servers on loopback under their own clients' load, healthy in phases and with planted
        leaks, and what `inspect`, `diagnose` and the daemon at a fast pace (half a second for an hour) say of
        them. `mvn -Plab verify` makes this table in `target/lab`; `-Dleakwatch.lab=redis,etcd` runs some servers
        only, `-Dleakwatch.jar=FILE` judges another jar. What a row must say to be right is in
        [Requirements.java](../test/java/io/leakwatch/lab/Requirements.java).

        """);
    text.append("Right: ").append(right).append(" of ").append(rows.size()).append(" rows.\n\n");
    for (Run run : runs) {
      Row.Subject first = run.rows().get(0).subject();
      text.append("## ").append(run.server()).append("\n\n");
      text.append(cell(first.version())).append("; allocator ").append(first.allocator());
      text.append("; ").append(run.date()).append("\n\n");
      text.append(
          "| phase | inspect | diagnose | first suspect | unreferenced | daemon | true | right |\n"
              + "|---|---|---|---|---|---|---|---|\n");
      run.rows().forEach(row -> text.append(line(row)));
      text.append('\n');
    }
    return text + Calibration.of(rows).markdown();
  }

  private static String line(Row row) {
    Row.Said said = row.said();
    String confidence =
        said.verdict().isEmpty() ? "" : ", " + Requirements.percent(said.confidence());
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %s | %s | %s |%n",
        cell(row.subject().phase()),
        cell(said.inspect()),
        cell(said.verdict() + confidence),
        said.suspects().isEmpty() ? "" : code(said.firstSuspect()),
        said.firstUnreferenced(),
        cell(said.daemon()),
        cell(row.subject().truth()),
        row.faults().isEmpty()
            ? "yes"
            : "**no**: " + String.join("; ", row.faults().stream().map(Table::code).toList()));
  }

  /** Words of a process may be anything. */
  private static String code(String fault) {
    return "`" + cell(fault) + "`";
  }

  private static String cell(String text) {
    String plain = text.replaceAll("[`|\\p{Cntrl}]", " ").strip();
    return plain.length() <= CELL_MAX
        ? plain
        : plain.substring(0, CELL_MAX * 2 / 3) + "…" + plain.substring(plain.length() - 20);
  }
}
