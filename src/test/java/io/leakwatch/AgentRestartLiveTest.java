package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.PushReceiver;
import io.leakwatch.harness.Scrape;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A leak that was told before the agent stopped, for longer than a growth may stand still. */
@Tag("acceptance")
class AgentRestartLiveTest {
  private static final Duration LIMIT = Duration.ofSeconds(150);
  private static final int BYTES_PER_SECOND = 2_000_000;

  /** Floors of half a second: a growth ceases when it stands still for fifteen of them. */
  private static final int PAUSE_SECONDS = 12;

  @Test
  void aLeakThatWasToldShouldStayToldWhenTheAgentComesBack(@TempDir Path directory)
      throws IOException {
    try (PushReceiver receiver = PushReceiver.start();
        CTarget leak =
            CTarget.start("leak_threads", "4", Integer.toString(BYTES_PER_SECOND), "1000")) {
      leak.awaitLine("ready");
      Path configuration =
          AgentProcess.fastConfiguration(
              directory,
              "targets = [ { name = leak, program = leak_threads } ]\n" + receiver.configuration());
      double before;
      try (AgentProcess agent = AgentProcess.run(configuration)) {
        agent.await("a leak", AgentRestartLiveTest::isLeak);
        receiver.await(0, one -> one.webhook() && one.firing(), LIMIT);
        before = agent.scrape().value("leak", "leakwatch_process_anonymous_bytes");
        agent.signal("TERM");
        assertEquals(0, agent.awaitEnd());
      }
      leak.awaitResidentBytes(before + PAUSE_SECONDS * (double) BYTES_PER_SECOND);
      int told = receiver.pushed().size();
      try (AgentProcess agent = AgentProcess.run(configuration)) {
        agent.await("its judged past", scrape -> !scrape.verdict("leak").matches("|unknown"));
        double rounds = agent.scrape().value("leakwatch_rounds_total");
        for (double now = rounds; now < rounds + 20; now = scraped(agent)) {
          Scrape seen = agent.scrape();
          assertTrue(isLeak(seen), () -> "after " + rounds + " rounds: " + seen);
        }
        agent.signal("TERM");
        assertEquals(0, agent.awaitEnd());
      }
      for (PushReceiver.Pushed one : receiver.pushed().subList(told, receiver.pushed().size())) {
        assertTrue(one.firing() && one.verdict().equals("leak"), one::toString);
      }
    }
  }

  private static double scraped(AgentProcess agent) throws IOException {
    return agent.awaitRounds(1).value("leakwatch_rounds_total");
  }

  private static boolean isLeak(Scrape scrape) {
    return scrape.mentions("leak")
        && "leak".equals(scrape.verdict("leak"))
        && scrape.value("leak", "leakwatch_process_alert_severity") > 0;
  }
}
