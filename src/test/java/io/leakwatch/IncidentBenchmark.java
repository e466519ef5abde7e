package io.leakwatch;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How long it takes from an alert to a stored incident that names what grows in 1 GB. */
@Tag("benchmark")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class IncidentBenchmark {

  @Test
  void fromAlertToEvidence(@TempDir Path directory) throws IOException {
    Path configuration =
        AgentProcess.fastConfiguration(
            directory,
            """
            targets = [ { name = lease, program = lease_leak } ]
            diagnosis { on-alert = true, span = 5s, pause = 6h }
            """);
    try (CTarget leak = CTarget.start("lease_leak", "20000", "1024")) {
      leak.awaitLine("ready");
      try (AgentProcess agent = AgentProcess.run(configuration)) {
        agent.awaitLog(line -> line.contains("warning: lease") || line.contains("critical: lease"));
        long alert = System.nanoTime();
        String told = agent.awaitLog(line -> line.contains("incident lease-"));
        double seconds = (System.nanoTime() - alert) / 1e9;
        System.out.printf(Locale.ROOT, "%.1f s from the alert to: %s%n", seconds, told);
      }
    }
  }
}
