package io.leakwatch.cli.history;

import io.leakwatch.cli.SpanConverter;
import io.leakwatch.cli.Terminal;
import io.leakwatch.config.Configuration;
import io.leakwatch.history.HistoryImport;
import io.leakwatch.history.PackedSamples;
import io.leakwatch.load.RangeQuery;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.sample.Signal;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import io.leakwatch.time.SystemTime;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code leakwatch history import}: what others have recorded, put in front of our own. */
@Command(
    name = "import",
    description = {
      "Imports recorded figures into the history, so that a fresh install has its past at"
          + " once: from CSV files in the format that replay reads, or from a Prometheus server."
          + " Imports only samples that are earlier than the first recorded sample of NAME, and"
          + " overwrites nothing.",
      "",
      "The daemon may keep running; it uses the imported samples after its next"
          + " reload or restart."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  leakwatch history import mds --dry-run old-mds.csv.gz",
      "  leakwatch history import mds --prometheus http://prometheus:9090 \\",
      "    --query 'process_resident_memory_bytes{job=\"$${name}\"}' \\",
      "    --signal rss_bytes \\",
      "    --start-time-query 'process_start_time_seconds{job=\"$${name}\"}'"
    },
    mixinStandardHelpOptions = true)
final class HistoryImportCommand implements Callable<Integer> {
  /** For one answer. */
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final int NAME_CHARS_MAX = 128;

  @ParentCommand private HistoryCommand parent = new HistoryCommand();

  @Parameters(index = "0", paramLabel = "NAME", description = "Instance name.")
  private String name = "";

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "FILE",
      description = "CSV file, plain or gzipped; - is standard input.")
  private List<Path> files = List.of();

  @Option(
      names = "--prometheus",
      paramLabel = "URL",
      description =
          "Base URL of a Prometheus server; a user and password in it are sent as basic auth.")
  private @Nullable String prometheus;

  @Option(
      names = "--query",
      paramLabel = "QUERY",
      description = "PromQL query that returns one series; $${name} stands for NAME.")
  private @Nullable String query;

  @Option(
      names = "--start-time-query",
      paramLabel = "QUERY",
      description =
          "PromQL query for the start of the process in seconds since 1970, which"
              + " shows restarts (process_start_time_seconds).")
  private @Nullable String startTimeQuery;

  @Option(
      names = "--signal",
      paramLabel = "SIGNAL",
      defaultValue = "rss_anon_bytes",
      description =
          "What the query returns: a column of the CSV (default ${DEFAULT-VALUE})."
              + " For rss_bytes the anonymous part is estimated: memory that NAME now has"
              + " resident but not anonymous is subtracted.")
  private String signal = "rss_anon_bytes";

  @Option(
      names = "--step",
      paramLabel = "TIME",
      defaultValue = "5m",
      converter = SpanConverter.class,
      description = "Time between two points of the query (default ${DEFAULT-VALUE}).")
  private Duration step = Duration.ofMinutes(5);

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = SpanConverter.class,
      description = "How far back to query (default history.retention).")
  private @Nullable Duration since;

  @Option(names = "--dry-run", description = "Shows what would be imported, and imports nothing.")
  private boolean dryRun;

  private final Terminal terminal = Terminal.ofThisProcess();

  @Override
  public Integer call() {
    refuseWrongUsage();
    Configuration configuration = parent.configuration();
    double nowSeconds = SystemTime.TIME.seconds();
    try {
      Continuation continuation = Continuation.of(name, configuration, ProcFs.live());
      ImportedSamples samples =
          new ImportedSamples(name, configuration.history(), continuation, nowSeconds);
      if (prometheus == null) {
        samples.readFiles(files, problem -> terminal.err().println("leakwatch: " + problem));
      } else {
        ask(configuration, samples);
      }
      write(configuration, samples, nowSeconds);
      return 0;
    } catch (IOException e) {
      throw CommandFailure.because(String.valueOf(e.getMessage()));
    } catch (PackedSamples.TooMany e) {
      throw CommandFailure.because(
          e.getMessage()
              + " of the last days, which is more than one import takes: thin them"
              + " out, or raise --step");
    } finally {
      terminal.progressDone();
    }
  }

  private void refuseWrongUsage() {
    boolean asks = prometheus != null;
    if (name.isBlank() || name.length() > NAME_CHARS_MAX || !name.equals(harmless(name))) {
      throw CommandFailure.usage(
          "NAME must be the name of an instance, as `leakwatch history` lists it");
    }
    if (asks != files.isEmpty()) {
      throw CommandFailure.usage("give either files or --prometheus with --query");
    }
    if (asks != (query != null) || (!asks && startTimeQuery != null)) {
      throw CommandFailure.usage("--prometheus and --query belong together");
    }
    signal();
  }

  private static String harmless(String text) {
    return ForeignText.harmless(text, NAME_CHARS_MAX);
  }

  private Signal signal() {
    return Arrays.stream(Signal.values())
        .filter(one -> one.column().equals(signal))
        .findFirst()
        .orElseThrow(
            () ->
                CommandFailure.usage(
                    "unknown signal "
                        + harmless(signal)
                        + "; known signals: "
                        + Arrays.stream(Signal.values())
                            .map(Signal::column)
                            .collect(Collectors.joining(", "))));
  }

  /** Asks for one stretch after the other; those of the start go along. */
  private void ask(Configuration configuration, ImportedSamples samples) throws IOException {
    RangeQuery figures;
    @Nullable RangeQuery starts;
    try {
      figures = rangeQuery(String.valueOf(query));
      starts = startTimeQuery == null ? null : rangeQuery(startTimeQuery);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(String.valueOf(e.getMessage()));
    }
    Duration span = since == null ? configuration.history().retention() : since;
    refuseFinerThanIsKept(span, configuration.history().rawRetention());
    try {
      samples.ask(signal(), figures, starts, span, step, this::progress);
    } catch (IOException e) {
      throw new IOException(figures.serverShown() + ": " + e.getMessage(), e);
    }
    for (RangeQuery asked : starts == null ? List.of(figures) : List.of(figures, starts)) {
      if (!asked.warning().isEmpty()) {
        terminal.err().println("leakwatch: " + asked.serverShown() + " warns: " + asked.warning());
      }
    }
  }

  /** What would be too many samples is not fetched first. */
  private void refuseFinerThanIsKept(Duration span, Duration raw) {
    long seconds = Math.min(span.toSeconds(), raw.toSeconds());
    long least = seconds / PackedSamples.SAMPLES_MAX + 1;
    if (step.toSeconds() < least) {
      throw CommandFailure.usage(
          "a step of "
              + Quantity.duration(step)
              + " makes more than "
              + PackedSamples.SAMPLES_MAX
              + " samples in the time that history.raw-retention keeps unconsolidated: use "
              + least
              + "s or more");
    }
  }

  private RangeQuery rangeQuery(String template) {
    return new RangeQuery(
        String.valueOf(prometheus), RangeQuery.filled(template, name), step, TIMEOUT);
  }

  private void progress(double share) {
    terminal.progress("asking: " + Quantity.percent(share));
  }

  private void write(Configuration configuration, ImportedSamples samples, double nowSeconds)
      throws IOException {
    PackedSamples taken = samples.complete();
    PrintStream out = terminal.out();
    long kept = taken.size();
    if (kept > 0 && !dryRun) {
      try (HistoryImport history = HistoryImport.open(configuration.history())) {
        kept = history.write(name, taken, nowSeconds);
      }
    }
    terminal.progressDone();
    samples.report(kept, dryRun).forEach(out::println);
    samples.doubts().forEach(doubt -> terminal.err().println("leakwatch: " + doubt));
    if (kept > 0 && !dryRun) {
      out.println(
          "a running daemon uses them after a reload (systemctl reload leakwatch) or"
              + " a restart");
    }
  }
}
