package io.leakwatch.cli.demo;

import io.leakwatch.alert.AlertSettings;
import io.leakwatch.alert.SeveritySettings;
import io.leakwatch.config.Configuration;
import io.leakwatch.config.DiagnosisSettings;
import io.leakwatch.config.SamplingSettings;
import io.leakwatch.config.TargetSettings;
import io.leakwatch.export.ExportSettings;
import io.leakwatch.gateway.GatewaySettings;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.history.HistorySettings;
import io.leakwatch.load.ScrapeSettings;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.program.OwnProgram;
import io.leakwatch.text.Quantity;
import io.leakwatch.trend.TrendSettings;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The stage of {@code demo}: its patient, and a configuration in which a second stands for hours.
 */
final class DemoSetting {
  static final long LEAK_BYTES_PER_SECOND = 12 << 20;
  static final int LEAK_THREADS = 4;
  private static final long LEAK_HEAP_BYTES = 16 << 20;
  private static final long LEAK_BYTES_MAX = 1_536L << 20;
  private static final long ARENA_SHOWN_BYTES_MIN = 1 << 20;

  private DemoSetting() {}

  /** Starts the child; it ends with our end of its standard input. */
  static Process startChild(Path directory) throws IOException {
    ProcessBuilder builder =
        OwnProgram.command(
                DemoLeak.class.getName(),
                LEAK_HEAP_BYTES,
                List.of("-Xms8m", "-Xss256k", "-XX:TieredStopAtLevel=1"),
                List.of(
                    String.valueOf(LEAK_BYTES_PER_SECOND),
                    String.valueOf(LEAK_THREADS),
                    String.valueOf(LEAK_BYTES_MAX),
                    mark(directory)))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.INHERIT);
    builder.environment().remove("MALLOC_ARENA_MAX");
    return builder.start();
  }

  /** An argument that distinguishes the child of this demo from that of another. */
  private static String mark(Path directory) {
    return directory.getFileName().toString();
  }

  /** A fast-paced watch over that one process. */
  static Configuration configuration(Path directory) {
    TargetSettings target =
        new TargetSettings(
            "demo",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(Pattern.compile(Pattern.quote(mark(directory)))),
            Optional.empty(),
            Optional.empty(),
            0,
            Optional.empty());
    Duration tick = Duration.ofMillis(160);
    SamplingSettings sampling =
        new SamplingSettings(
            tick,
            tick,
            tick,
            tick,
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            tick,
            0.5,
            0.5,
            0.5,
            1,
            MappingTable.ROWS_MAX_ALONE,
            false);
    return new Configuration(
        List.of(target),
        sampling,
        history(directory),
        TrendSettings.fast().paced(1.5625), // A sample in each hour.
        SeveritySettings.fast(),
        AlertSettings.DEFAULTS,
        ExportSettings.DEFAULTS,
        GatewaySettings.DEFAULTS,
        WalkSettings.DEFAULT,
        ScrapeSettings.DEFAULTS,
        DiagnosisSettings.DEFAULTS.onRequest());
  }

  private static HistorySettings history(Path directory) {
    return new HistorySettings(
        directory.resolve("history.db"),
        16 << 20,
        Duration.ofHours(1),
        Duration.ofHours(1),
        Duration.ofMinutes(1),
        1000,
        1,
        1 << 20);
  }

  /** A line for each arena that holds something, the largest first. */
  static List<String> arenaLines(HeapReport heap) {
    return heap.arenas().stream()
        .filter(arena -> arena.totals().inUseBytes() > ARENA_SHOWN_BYTES_MIN)
        .sorted(
            Comparator.comparingLong((HeapReport.Arena arena) -> arena.totals().inUseBytes())
                .reversed())
        .map(
            arena ->
                String.format(
                    Locale.ROOT,
                    "arena at %#x%s: %d heap%s, %s from the system, %s in use in %d chunks",
                    arena.address(),
                    arena.main() ? " (main)" : "",
                    arena.totals().heapCount(),
                    arena.totals().heapCount() == 1 ? "" : "s",
                    Quantity.size(arena.totals().systemBytes()),
                    Quantity.size(arena.totals().inUseBytes()),
                    arena.inUseChunks()))
        .toList();
  }
}
