package io.leakwatch.cli.demo;

import io.leakwatch.agent.SignalRequests;
import io.leakwatch.agent.Watchdog;
import io.leakwatch.cli.Terminal;
import io.leakwatch.config.Configuration;
import io.leakwatch.export.LatestSnapshot;
import io.leakwatch.export.ProcessView;
import io.leakwatch.gateway.DirectOutbound;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.incident.DiagnosisChild;
import io.leakwatch.incident.IncidentIndex;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.sampling.Surroundings;
import io.leakwatch.text.Quantity;
import io.leakwatch.time.SystemTime;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code leakwatch demo}: a child that really leaks, watched by the real pipeline. */
@Command(
    name = "demo",
    description =
        "Starts a child process that leaks through ptmalloc arenas, watches it with the real"
            + " pipeline at a fast pace, and shows how the verdict develops. Leaves nothing behind.",
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  private static final int ROUNDS_PER_LINE = 4;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "60",
      description = "Stops after at most this many seconds (default ${DEFAULT-VALUE}).")
  private int seconds;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (seconds < 1) {
      throw CommandFailure.usage("--seconds must be at least 1");
    }
    Path directory = Files.createTempDirectory("leakwatch-demo");
    Process child = DemoSetting.startChild(directory);
    Thread cleaner = new Thread(child::destroyForcibly, "cleaner");
    Runtime.getRuntime().addShutdownHook(cleaner);
    try {
      return watch(child, directory);
    } finally {
      child.destroyForcibly().waitFor();
      delete(directory);
    }
  }

  private int watch(Process child, Path directory) throws InterruptedException {
    PrintStream out = Terminal.ofThisProcess().out();
    out.printf(
        "A child (pid %d) leaks through malloc in %d threads, %s. Watching it:%n%n",
        child.pid(), DemoSetting.LEAK_THREADS, Quantity.rate(DemoSetting.LEAK_BYTES_PER_SECOND));
    out.println("    time   anonymous      in use   arena memory  heaps          growth   verdict");
    LatestSnapshot current = new LatestSnapshot();
    ProcFs procFs = ProcFs.live();
    Configuration configuration = DemoSetting.configuration(directory);
    long beganNanos = SystemTime.TIME.nanos();
    ProcessView last = null;
    boolean proven = false;
    try (Watchdog watchdog =
        new Watchdog(
            configuration,
            Surroundings.live(configuration, procFs, new DirectOutbound(procFs.procRoot())),
            current,
            new IncidentIndex(SystemTime.TIME),
            settings -> new DiagnosisChild(procFs, settings, null),
            () -> 0)) {
      SignalRequests pace = new SignalRequests(SystemTime.TIME);
      long nextNanos = beganNanos;
      for (int round = 0; !proven && child.isAlive(); round++) {
        watchdog.round(true);
        ProcessView view = current.get().processes().stream().findFirst().orElse(null);
        if (view != null && view.memory().layout() != null) {
          proven = isProven(view);
          if (round % ROUNDS_PER_LINE == 0 || proven) {
            print(out, view, (SystemTime.TIME.nanos() - beganNanos) / 1e9);
          }
          last = view;
        }
        if ((SystemTime.TIME.nanos() - beganNanos) / 1e9 > seconds) {
          break;
        }
        nextNanos = Math.max(nextNanos + watchdog.tickNanos(), SystemTime.TIME.nanos());
        pace.await(nextNanos);
      }
    }
    return conclude(out, last, proven);
  }

  /** A leak seen in what is in use, in arenas that were watched for a while. */
  private static boolean isProven(ProcessView view) {
    Verdict verdict = view.assessment().verdict();
    return verdict != null && verdict.kind() == VerdictKind.LEAK && view.heaps().ptmalloc() != null;
  }

  private static void print(PrintStream out, ProcessView view, double seconds) {
    Verdict verdict = view.assessment().verdict();
    Layout layout = view.memory().layout();
    HeapReport heap = view.heaps().ptmalloc();
    double rate = verdict == null ? Double.NaN : verdict.growth().bytesPerSecond();
    out.printf(
        Locale.ROOT,
        "%6.1f s %11s %11s %14s %6d %15s   %s%n",
        seconds,
        Quantity.size(view.memory().anonymousBytes()),
        heap == null ? "-" : Quantity.size(HeapTotals.of(heap).inUseBytes()),
        layout == null ? "-" : Quantity.size(layout.totals(RegionKind.ARENA).residentBytes()),
        heap == null ? 0 : HeapTotals.of(heap).heapCount(),
        Double.isNaN(rate) ? "-" : Quantity.rate(rate),
        verdict == null ? "-" : verdict.kind().wireName());
  }

  private static int conclude(PrintStream out, @Nullable ProcessView last, boolean proven) {
    out.println();
    Verdict verdict = last == null ? null : last.assessment().verdict();
    if (last == null || verdict == null) {
      out.println("The child could not be watched.");
      return 1;
    }
    out.printf("Verdict: %s%n", verdict.kind().wireName());
    verdict.reasons().forEach(reason -> out.println("  - " + reason));
    if (last.heaps().ptmalloc() != null) {
      DemoSetting.arenaLines(last.heaps().ptmalloc()).forEach(line -> out.println("  " + line));
    }
    return proven ? 0 : 1;
  }

  private static void delete(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(directory)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : deepestFirst) {
      Files.deleteIfExists(file);
    }
  }
}
