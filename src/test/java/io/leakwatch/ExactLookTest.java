package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Scrape;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the daemon reads all of smaps: before a severity rises, and not for anything less. */
@Tag("acceptance")
class ExactLookTest {
  private static final int ROUNDS = 24;

  /** So rare that no exact look comes by itself after the first. */
  private static final String SELDOM =
      """
      sampling.exact-interval = 1h
      targets = [ { name = lazy, program = lazy_free }, { name = leak, program = leak_threads } ]
      """;

  private static final String BEYOND =
      SELDOM + "severity.horizon = 1s\nseverity.critical-exhaustion = 0s\n";

  @Test
  void aSeverityThatWouldRiseShouldCostOneExactLookAndGrowthThatIsNotToldNone(
      @TempDir Path directory, @TempDir Path other) throws IOException {
    Path told = AgentProcess.fastConfiguration(directory, SELDOM);
    Path untold = AgentProcess.fastConfiguration(other, BEYOND);
    try (CTarget lazy = CTarget.start("lazy_free", "20000000");
        CTarget leak = CTarget.start("leak_threads", "4", "2000000", "1000");
        AgentProcess telling = AgentProcess.run(told);
        AgentProcess silent = AgentProcess.run(untold)) {
      lazy.awaitLine("ready");
      leak.awaitLine("ready");
      telling.await(
          "an alert on the leak",
          scrape -> scrape.value("leak", "leakwatch_process_alert_severity") > 0);
      Scrape scrape = telling.awaitRounds(ROUNDS);
      assertTrue(exactLooks(scrape, "leak") >= 2, "the rise rests on no exact look");
      assertTrue(scrape.value("lazy", "leakwatch_process_anonymous_bytes") < 1e9);
      assertEquals(0, scrape.value("lazy", "leakwatch_process_alert_severity"), scrape::text);

      silent.await("the leak", seen -> seen.verdict("leak").equals("leak"));
      Scrape unmoved = silent.awaitRounds(ROUNDS);
      assertEquals(0, unmoved.value("leak", "leakwatch_process_alert_severity"));
      assertEquals(1, exactLooks(unmoved, "leak"), "exact looks");
    }
  }

  private static double exactLooks(Scrape scrape, String process) {
    return scrape
        .find(
            "leakwatch_sample_duration_seconds_count",
            one -> one.label("process").equals(process) && one.label("source").equals("smaps"))
        .stream()
        .mapToDouble(Scrape.Series::value)
        .sum();
  }
}
