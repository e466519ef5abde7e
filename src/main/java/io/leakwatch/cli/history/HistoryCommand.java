package io.leakwatch.cli.history;

import io.leakwatch.cli.RunCommand;
import io.leakwatch.cli.SpanConverter;
import io.leakwatch.cli.Terminal;
import io.leakwatch.config.Configuration;
import io.leakwatch.export.json.SampleJson;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.history.csv.CsvSeries;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.sampling.judgement.Judgement;
import io.leakwatch.text.Quantity;
import io.leakwatch.time.SystemTime;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** {@code leakwatch history}: what the daemon has recorded. */
@Command(
    name = "history",
    description = "Shows what the daemon has recorded. replay reads the output of --csv.",
    subcommands = HistoryImportCommand.class,
    mixinStandardHelpOptions = true)
public final class HistoryCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Instance name; without it, a list of what is recorded.")
  private @Nullable String name;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      defaultValue = "24h",
      converter = SpanConverter.class,
      description = "How far back to go: 90s, 15m, 24h, 7d (default ${DEFAULT-VALUE}).")
  private Duration since = Duration.ofHours(24);

  @Option(
      names = "--config.file",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Configuration file that names the history file.")
  private @Nullable Path configurationFile;

  @ArgGroup(exclusive = true)
  private Format format = new Format();

  /** At most one of them. */
  static final class Format {
    @Option(names = "--csv", description = "Prints comma-separated values with a header.")
    private boolean csv;

    @Option(names = "--json", description = "Prints one JSON object per line.")
    private boolean json;
  }

  /** What the command line says, for a command below this one too. */
  Configuration configuration() {
    return RunCommand.load(configurationFile);
  }

  @Override
  public Integer call() {
    Configuration configuration = configuration();
    PrintStream out = Terminal.ofThisProcess().out();
    try (HistoryReader reader = HistoryReader.open(configuration.history().path())) {
      if (name == null) {
        list(reader, out);
      } else {
        print(reader, name, out);
      }
      out.flush();
    } catch (IOException e) {
      throw CommandFailure.because(String.valueOf(e.getMessage()));
    }
    return 0;
  }

  private static void list(HistoryReader reader, PrintStream out) throws IOException {
    out.printf("%-32s %10s  %-20s  %-20s%n", "process", "samples", "first", "last");
    for (HistoryReader.Extent extent : reader.processes()) {
      out.printf(
          Locale.ROOT,
          "%-32s %10d  %-20s  %-20s%n",
          extent.process(),
          extent.samples(),
          Judgement.instant(extent.firstSeconds()),
          Judgement.instant(extent.lastSeconds()));
    }
  }

  private void print(HistoryReader reader, String process, PrintStream out) throws IOException {
    List<HistoryReader.Extent> extents =
        reader.processes().stream().filter(one -> one.process().equals(process)).toList();
    if (extents.isEmpty()) {
      throw CommandFailure.noProcess(
          "nothing is recorded for " + process + " (`leakwatch history` lists what is)");
    }
    double to = extents.get(0).lastSeconds();
    double from = SystemTime.TIME.seconds() - since.toSeconds();
    Set<Signal> seen = EnumSet.noneOf(Signal.class);
    Set<LoadSeries> load = new TreeSet<>();
    reader.read(
        process,
        from,
        to,
        sample -> {
          addSignals(sample, seen);
          load.addAll(sample.load().keySet());
        });
    if (format.csv) {
      seen.add(Signal.RSS_ANON_BYTES);
      List<Change> builds =
          reader.changes(process).stream()
              .filter(change -> change.kind() == Change.Kind.BUILD)
              .toList();
      out.println(CsvSeries.header(seen, load, !builds.isEmpty()));
      reader.read(
          process,
          from,
          to,
          sample ->
              out.println(
                  CsvSeries.row(
                      sample,
                      seen,
                      load,
                      builds.isEmpty() ? null : buildAt(builds, sample.timeSeconds()))));
    } else if (format.json) {
      reader.read(process, from, to, sample -> out.println(SampleJson.of(process, sample)));
    } else {
      table(reader, process, from, to, out);
    }
  }

  /** The build of a time, {@code ""} before the first that is known. */
  private static String buildAt(List<Change> builds, double seconds) {
    String build = "";
    for (Change change : builds) {
      build = change.timeSeconds() <= seconds ? change.what() : build;
    }
    return build;
  }

  private static void addSignals(Sample sample, Set<Signal> seen) {
    for (Signal signal : Signal.values()) {
      if (sample.has(signal)) {
        seen.add(signal);
      }
    }
  }

  private static void table(
      HistoryReader reader, String process, double from, double to, PrintStream out)
      throws IOException {
    out.printf(
        "%-24s %12s %12s %12s %12s %7s%n", "time", "anonymous", "in use", "arena", "brk", "arenas");
    reader.read(
        process,
        from,
        to,
        sample ->
            out.printf(
                Locale.ROOT,
                "%-24s %12s %12s %12s %12s %7s%n",
                Judgement.instant(sample.timeSeconds()),
                size(sample, Signal.RSS_ANON_BYTES),
                size(sample, Signal.IN_USE_BYTES),
                size(sample, Signal.ARENA_BYTES),
                size(sample, Signal.BRK_HEAP_BYTES),
                sample.has(Signal.ARENA_COUNT) ? (long) sample.get(Signal.ARENA_COUNT) : "-"));
  }

  private static String size(Sample sample, Signal signal) {
    return sample.has(signal) ? Quantity.size(sample.get(signal)) : "-";
  }
}
