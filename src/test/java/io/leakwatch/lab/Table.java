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
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
    List<List<Row>> lines = runs.stream().flatMap(run -> lines(run.rows()).stream()).toList();
    long right = lines.stream().filter(line -> rightIn(line) == line.size()).count();
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # The laboratory: what is said of real servers

        Servers of Debian and of Maven Central on loopback under their own clients' load, healthy in phases and
        with planted leaks, and what `inspect`, `diagnose` and the daemon at a fast pace (half a second for an
        hour) say of them. `mvn -Plab verify` makes this table in `target/lab`; `-Dleakwatch.lab=redis,etcd` runs
        some servers only, `-Dleakwatch.lab.looks=10` looks ten times in each healthy phase under load,
        `-Dleakwatch.jar=FILE` judges another jar. What a row must say to be right is in
        [Requirements.java](../test/java/io/leakwatch/lab/Requirements.java).

        """);
    text.append("Right: ").append(right).append(" of ").append(lines.size()).append(" rows.\n\n");
    for (Run run : runs) {
      Row.Subject first = run.rows().get(0).subject();
      text.append("## ").append(run.server()).append("\n\n");
      text.append(cell(first.version())).append("; allocator ").append(first.allocator());
      text.append("; ").append(run.date()).append("\n\n");
      text.append(
          "| phase | inspect | unexplained | diagnose | first suspect | unreferenced | daemon | true | right |\n"
              + "|---|---|---|---|---|---|---|---|---|\n");
      lines(run.rows()).forEach(line -> text.append(line(line)));
      text.append('\n');
    }
    return text + Calibration.of(rows).markdown();
  }

  /** The looks at each phase or leak. */
  private static Collection<List<Row>> lines(List<Row> rows) {
    Map<Row.Subject, List<Row>> bySubject = new LinkedHashMap<>();
    rows.forEach(row -> bySubject.computeIfAbsent(row.subject(), s -> new ArrayList<>()).add(row));
    return bySubject.values();
  }

  private static long rightIn(List<Row> looks) {
    return looks.stream().filter(row -> row.faults().isEmpty()).count();
  }

  /** In words the first wrong look, or the last one where none is wrong. */
  private static String line(List<Row> looks) {
    Row row =
        looks.stream()
            .filter(one -> !one.faults().isEmpty())
            .findFirst()
            .orElse(looks.get(looks.size() - 1));
    Row.Said said = row.said();
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %s | %s | %s | %s |%n",
        cell(row.subject().phase()),
        cell(said.inspect()),
        mostUnexplained(looks),
        cell(verdict(looks)),
        said.suspects().isEmpty() ? "" : code(said.firstSuspect()),
        said.firstUnreferenced(),
        cell(said.daemon()),
        cell(row.subject().truth()),
        right(looks, row.faults()));
  }

  private static String mostUnexplained(List<Row> looks) {
    return looks.stream()
        .flatMap(row -> Stream.ofNullable(row.said().unexplained()))
        .max(Comparator.naturalOrder())
        .map(share -> String.format(Locale.ROOT, "%.1f %%", 100 * share))
        .orElse("");
  }

  private static String verdict(List<Row> looks) {
    if (looks.size() > 1) {
      Map<String, Integer> counts = new TreeMap<>();
      looks.forEach(row -> counts.merge(row.said().verdict(), 1, Integer::sum));
      return counts.entrySet().stream()
          .map(one -> one.getKey() + " (" + one.getValue() + ")")
          .collect(Collectors.joining(", "));
    }
    Row.Said said = looks.get(0).said();
    return said.verdict().isEmpty()
        ? ""
        : said.verdict() + ", " + Requirements.percent(said.confidence());
  }

  private static String right(List<Row> looks, List<String> faults) {
    String count = looks.size() == 1 ? "" : rightIn(looks) + " of " + looks.size();
    if (faults.isEmpty()) {
      return count.isEmpty() ? "yes" : count;
    }
    return "**no**: "
        + (count.isEmpty() ? "" : count + "; ")
        + String.join("; ", faults.stream().map(Table::code).toList());
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
