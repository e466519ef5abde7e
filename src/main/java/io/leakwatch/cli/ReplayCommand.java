package io.leakwatch.cli;

import io.leakwatch.config.Configuration;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.program.GivenFile;
import io.leakwatch.replay.ReplayPlot;
import io.leakwatch.replay.ReplayReport;
import io.leakwatch.replay.ReplayTotal;
import io.leakwatch.replay.ReplayedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code leakwatch replay}: the detector over recorded series. */
@Command(
    name = "replay",
    description = {
      "Runs the detector over recorded series. Prints each change of verdict and"
          + " severity, a summary of each file, and at the end how many alarms a month to"
          + " expect. Use it before you switch alerts on."
    },
    mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
  private static final int POLL_MILLIS = 100;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "CSV file, plain or gzipped; - is standard input.")
  private List<Path> files = List.of();

  @Option(names = "--json", description = "Prints one JSON object per line.")
  private boolean json;

  @Option(
      names = "--total",
      description = "With --json, adds a last line that sums up all files: {\"total\": true, …}.")
  private boolean total;

  @Option(
      names = "--plot",
      paramLabel = "FILE.svg",
      description = "Draws series, trend, forecast and alerts of one file.")
  private @Nullable Path plot;

  @Option(
      names = "--config.file",
      paramLabel = "FILE",
      description = "Configuration file with the thresholds to try.")
  private @Nullable Path configurationFile;

  private final Terminal terminal = Terminal.ofThisProcess();
  private final ReplayedFile.Meter meter = new ReplayedFile.Meter(new LongAdder(), new LongAdder());
  private final ReplayTotal sum = new ReplayTotal();

  /** A file that is replayed, and its thread's outcome. */
  private record Running(ReplayedFile file, Future<?> outcome) {}

  @Override
  public Integer call() throws InterruptedException {
    if (plot != null && files.size() > 1) {
      throw CommandFailure.usage("--plot draws one file; " + files.size() + " were given");
    }
    Configuration configuration = RunCommand.load(configurationFile);
    ReplayPlot picture =
        plot == null ? null : new ReplayPlot(String.valueOf(files.get(0).getFileName()));
    ExecutorService pool =
        Executors.newFixedThreadPool(
            Math.min(files.size(), Runtime.getRuntime().availableProcessors()));
    try {
      replayAll(pool, configuration, picture);
    } finally {
      pool.shutdownNow();
      terminal.progressDone();
    }
    if (json && total) {
      terminal.out().println(ReplayReport.totalJson(sum));
    } else if (!json && files.size() > 1) {
      terminal.out().println(ReplayReport.totalText(sum));
    }
    if (plot != null && picture != null) {
      GivenFile.write(plot, picture.svg());
    }
    return sum.incomplete() == 0 ? 0 : 1;
  }

  /** Files are replayed side by side and reported in their order. */
  private void replayAll(
      ExecutorService pool, Configuration configuration, @Nullable ReplayPlot picture)
      throws InterruptedException {
    ReplayProgress progress = new ReplayProgress(terminal, files.size(), bytes());
    int ahead = 2 * Runtime.getRuntime().availableProcessors();
    ArrayDeque<Running> running = new ArrayDeque<>();
    Iterator<Path> next = files.iterator();
    while (next.hasNext() || !running.isEmpty()) {
      while (next.hasNext() && running.size() < ahead) {
        ReplayedFile file = new ReplayedFile(next.next(), configuration, json, picture, meter);
        running.add(new Running(file, pool.submit(file)));
      }
      report(running.remove(), progress);
      if (terminal.out().checkError()) {
        throw CommandFailure.because("the reader of standard output is gone");
      }
    }
  }

  private void report(Running running, ReplayProgress progress) throws InterruptedException {
    while (true) {
      progress.update(sum.files(), meter.bytes().sum(), meter.samples().sum());
      ReplayedFile.Message message = running.file().poll(POLL_MILLIS);
      if (message instanceof ReplayedFile.Line line) {
        terminal.progressDone();
        terminal.out().println(line.text());
      } else if (message instanceof ReplayedFile.Problem problem) {
        terminal.progressDone();
        terminal.err().println("leakwatch: " + ReplayReport.problemText(problem.text()));
      } else if (message instanceof ReplayedFile.End end) {
        rethrow(running.outcome());
        sum.add(end.summary(), end.whole());
        return;
      }
    }
  }

  private static void rethrow(Future<?> outcome) throws InterruptedException {
    try {
      outcome.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private long bytes() {
    long bytes = 0;
    for (Path file : files) {
      try {
        bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
      } catch (IOException e) {
        // It is reported when its turn comes.
        bytes += 0;
      }
    }
    return bytes;
  }
}
