package io.leakwatch.cli.demo;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.program.OwnProgram;
import io.leakwatch.text.Quantity;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The stage of {@code demo}: its patient, and a configuration in which a second stands for hours.
 */
final class DemoSetting {
  /** There is a sample in each hour, which takes 160 ms. */
  private static final String FAST =
      """
      leakwatch {
        targets = [{ name = demo, command-line = \"""%s\""" }]
        sampling {
          tick = 160ms
          interval = 160ms
          discovery-interval = 160ms
          layout-interval = 160ms
          exact-interval = 5s
          walk-interval = 1s
          growing-walk-interval = 160ms
          target-budget = 0.5
          node-budget = 0.5
          walk-budget = 0.5
          max-processes = 1
          max-mappings = %d
          watch-self = false
        }
        history {
          path = \"""%s\"""
          max-bytes = 16 MiB
          retention = 1h
          raw-retention = 1h
          consolidated-interval = 1m
          max-pending-samples = 1000
          max-incidents-per-process = 1
          max-incident-bytes = 1 MiB
        }
        trend { hour = 160ms, minimum-limit-share = 0 }
        severity {
          critical-exhaustion = 12s
          warning-exhaustion = 36s
          horizon = 12h
          clear-after = 2s
          absence = 2s
        }
        diagnosis.on-alert = false
      }
      """;

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
    try {
      return Configuration.of(
          FAST.formatted(
              Pattern.quote(mark(directory)),
              MappingTable.ROWS_MAX_ALONE,
              directory.resolve("history.db")));
    } catch (ConfigurationProblem e) {
      throw new IllegalStateException(e);
    }
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
