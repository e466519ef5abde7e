package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Escalation;
import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.MonitoringStack;
import io.leakwatch.harness.PushReceiver;
import io.leakwatch.harness.Scrape;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.replay.Replay;
import io.leakwatch.verdict.ProcessJudge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a process that really leaks to a person's pager, through the whole daemon. */
@Tag("acceptance")
class WholeDaemonTest {
  private static final Duration LIMIT = Duration.ofSeconds(150);
  private static final double DETECTION_SECONDS = 30;
  private static final Set<String> BENIGN = Set.of("saw", "cache");

  @Test
  void leakShouldReachThePagerBothWaysAndTheOthersShouldNot(@TempDir Path directory)
      throws IOException {
    Path monitoring = Files.createDirectory(directory.resolve("monitoring"));
    try (PushReceiver receiver = PushReceiver.start();
        CTarget saw = CTarget.start("sawtooth", "60000000", "3000");
        CTarget cache = CTarget.start("warm_cache", "60000000", "4000");
        CTarget leak = CTarget.start("leak_threads", "4", "2000000", "1000")) {
      leak.awaitLine("ready");
      Path configuration = configuration(directory, receiver);
      try (AgentProcess agent = AgentProcess.run(configuration);
          MonitoringStack stack = MonitoringStack.start(monitoring, "127.0.0.1:" + agent.port())) {
        firing(receiver, stack, leak.pid());
        assertPromptVerdict(directory);
        assertTrue(saw.isAlive() && cache.isAlive());

        leak.close();
        MonitoringStack.Notice ended =
            stack.await(notice -> notice.status().equals("resolved") && isLeak(notice), LIMIT);
        assertEquals("LeakwatchMemoryGrowth", ended.labels().get("alertname"));
        receiver.await(0, one -> one.webhook() && !one.firing(), LIMIT);
        receiver.await(0, one -> !one.webhook() && !one.firing(), LIMIT);

        Scrape last = agent.scrape();
        assertTrue(last.mentions("saw") && last.mentions("cache") && !last.mentions("leak"));
        for (PushReceiver.Pushed one : receiver.pushed()) {
          assertEquals("leak", one.process(), one::toString);
        }
        assertEquals(List.of(), stack.query("max_over_time(ALERTS{process=~\"saw|cache\"}[10m])"));
        assertEquals(
            List.of(),
            stack.query(
                "max_over_time(leakwatch_process_alert_severity{process!=\"leak\"}[10m]) > 0"));
        agent.signal("TERM");
        assertEquals(0, agent.awaitEnd());
      }
    }
  }

  private static Path configuration(Path directory, PushReceiver receiver) {
    return AgentProcess.fastConfiguration(
        directory,
        """
        targets = [
          { name = leak, program = leak_threads }
          { name = saw, program = sawtooth }
          { name = cache, program = warm_cache }
        ]
        """
            + receiver.configuration());
  }

  private static boolean isLeak(MonitoringStack.Notice notice) {
    return notice.isAbout("leak")
        && Set.of("leak", "growing").contains(notice.labels().getOrDefault("verdict", ""));
  }

  /** Both stories must say who, how fast, where, since when, against which limit, and what next. */
  private static void firing(PushReceiver receiver, MonitoringStack stack, int pid) {
    Predicate<MonitoringStack.Notice> fires =
        notice -> notice.status().equals("firing") && isLeak(notice);
    MonitoringStack.Notice fired = stack.await(fires, LIMIT);
    for (String part : List.of("leak on 127.0.0.1", "iB/day", "most of it in arena", "since 2")) {
      assertTrue(fired.summary().contains(part), fired.summary());
    }
    assertTrue(fired.summary().contains("reaches MemAvailable of the node in"), fired.summary());
    assertEquals("leakwatch inspect leak", fired.annotations().get("next"));

    for (boolean webhook : new boolean[] {true, false}) {
      PushReceiver.Pushed pushed =
          receiver.await(0, one -> one.webhook() == webhook && one.firing(), LIMIT);
      String story = pushed.summary();
      assertTrue(story.startsWith("leak (pid " + pid + ") "), story);
      for (String part :
          List.of(
              "iB/hour, most of it in arena (+",
              "arenas 5 → 5), now ",
              ", since 20",
              "; reaches ",
              "; next: leakwatch inspect leak")) {
        assertTrue(story.contains(part), story);
      }
    }
  }

  /** By the agent's own clock: a slow machine is neither an excuse nor a fault. */
  private static void assertPromptVerdict(Path directory) throws IOException {
    Configuration configuration;
    try {
      configuration = Configuration.load(directory.resolve("leakwatch.conf"));
    } catch (ConfigurationProblem e) {
      throw new IOException(e);
    }
    List<Double> times = new ArrayList<>();
    Replay replay =
        new Replay(
            new ProcessJudge(configuration.trend()),
            new Escalation(configuration.severity()),
            change -> {});
    try (HistoryReader reader = HistoryReader.open(directory.resolve("history.db"))) {
      reader.read(
          "leak",
          0,
          1e12,
          sample -> {
            times.add(sample.timeSeconds());
            replay.accept(sample);
          });
    }
    double after = replay.summary().firstFiredSeconds() - times.get(0);
    assertTrue(after <= DETECTION_SECONDS, () -> "called after " + after + " s");
  }
}
