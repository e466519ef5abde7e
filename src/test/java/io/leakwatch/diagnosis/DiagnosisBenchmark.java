package io.leakwatch.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.content.Masking;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.target.ProcessFinder;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a diagnosis costs, and what the target's own loop feels of it. */
@Tag("benchmark")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class DiagnosisBenchmark {
  private static final int MEGABYTES = 1024;
  private static final int ROUNDS = 5;
  private static final Duration SPAN = Duration.ofSeconds(1);

  @Test
  void diagnosisOfOneGigabyte() throws ConfigurationProblem, InterruptedException {
    ProcFs procFs = ProcFs.live();
    Configuration configuration = Configuration.load(null);
    ProcessFinder finder =
        ProcessFinder.onThisNode(procFs, new TargetMatcher(configuration.targets()));
    try (CTarget target = CTarget.start("latency", Integer.toString(MEGABYTES))) {
      target.awaitLine("ready");
      ask(target);
      double[] without = new double[ROUNDS];
      double[] with = new double[ROUNDS];
      double[] seconds = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        ask(target);
        TimeUnit.SECONDS.sleep(3);
        long[] alone = ask(target);
        long begin = System.nanoTime();
        DiagnosisRun.of(
            procFs,
            configuration,
            finder.find(Integer.toString(target.pid())),
            SPAN,
            Masking.none(),
            false,
            DiagnosisProgress.SILENT);
        seconds[round] = (System.nanoTime() - begin) / 1e9 - SPAN.toSeconds();
        long[] watched = ask(target);
        without[round] = alone[1];
        with[round] = watched[1];
        System.out.printf(
            "p50 %d → %d ns, p99 %d → %d ns, longest %d → %d ns, resident %d → %d kB; %.2f s%n",
            alone[0],
            watched[0],
            alone[1],
            watched[1],
            alone[2],
            watched[2],
            alone[3],
            watched[3],
            seconds[round]);
        assertEquals(alone[3], watched[3], 0.01 * alone[3]);
      }
      System.out.printf(
          "diagnosis of %d MB beyond its span: %.2f s; p99 of the target's loop: %.2f x%n",
          MEGABYTES, median(seconds), median(with) / median(without));
    }
  }

  private static long[] ask(CTarget target) {
    target.send("tell");
    return Arrays.stream(target.readLine().split(" ")).mapToLong(Long::parseLong).toArray();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
