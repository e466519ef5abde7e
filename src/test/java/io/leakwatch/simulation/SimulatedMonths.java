package io.leakwatch.simulation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.slf4j.LoggerFactory;

/** Runs simulated months, as many at a time as there are processors. */
final class SimulatedMonths {
  private SimulatedMonths() {}

  /**
   * Runs one month for each seed.
   *
   * @return what did not hold, by seed and time
   */
  static List<String> run(LongStream seeds, int days, Path directory) throws Exception {
    LoggerFactory.getILoggerFactory(); // Whoever comes first sets logging up; not two of them.
    // A thread of each month is told from those of others by its group, and so are its log lines.
    ExecutorService pool =
        Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(),
            work -> new Thread(new ThreadGroup("month"), work, "month"));
    List<String> failed = new ArrayList<>();
    try {
      List<Future<String>> months = new ArrayList<>();
      seeds.forEach(seed -> months.add(pool.submit(() -> one(seed, days, directory))));
      for (Future<String> month : months) {
        String failure = month.get();
        if (!failure.isEmpty()) {
          failed.add(failure);
        }
      }
    } finally {
      pool.shutdownNow();
    }
    return failed;
  }

  /** What did not hold, {@code ""} where all did. */
  private static String one(long seed, int days, Path directory) throws Exception {
    long beganNanos = System.nanoTime();
    Path own = Files.createDirectories(directory.resolve("seed-" + seed));
    SimulatedMonth month = new SimulatedMonth(seed, days, own);
    try {
      month.run();
      System.out.printf("%s, in %.0f s%n", month.summary(), (System.nanoTime() - beganNanos) / 1e9);
      return "";
    } catch (AssertionError e) {
      System.out.println(e.getMessage());
      e.printStackTrace(System.out);
      return String.valueOf(e.getMessage());
    }
  }
}
