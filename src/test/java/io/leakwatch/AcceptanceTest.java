package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.alert.Alert;
import io.leakwatch.alert.AlertFacts;
import io.leakwatch.alert.AlertSettings;
import io.leakwatch.alert.AlertmanagerSink;
import io.leakwatch.alert.Delivery;
import io.leakwatch.alert.HttpPost;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.export.AgentView;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.export.api.Api;
import io.leakwatch.export.api.SnapshotAnswers;
import io.leakwatch.export.http.HttpEndpoint;
import io.leakwatch.export.metrics.Metrics;
import io.leakwatch.harness.MonitoringStack;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the agent's snapshot to a person's pager, through real Prometheus and Alertmanager. */
@Tag("acceptance")
class AcceptanceTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final AtomicReference<Snapshot> current = new AtomicReference<>(Snapshot.EMPTY);
  private HttpEndpoint endpoint;
  private MonitoringStack stack;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    endpoint =
        HttpEndpoint.start(
            Defaults.export(Path.of(""), ""),
            new SnapshotAnswers(
                current::get,
                new Metrics(current::get, "test", Path.of("/proc")),
                Api.Sources.NONE,
                () -> true));
    stack = MonitoringStack.start(directory, "127.0.0.1:" + endpoint.port());
  }

  @AfterEach
  void stop() {
    if (stack != null) {
      stack.close();
    }
    endpoint.close();
  }

  @Test
  void leakShouldReachTheReceiverThroughThePrometheusRulesAndResolve() throws IOException {
    publish(Views.process("curve-mds", Severity.NONE, VerdictKind.STEADY, "/usr/bin/curve-mds"));
    stack.awaitQuery("leakwatch_process_up{process=\"curve-mds\"} == 1", LIMIT);
    assertTrue(stack.query("ALERTS{alertname=\"LeakwatchMemoryGrowth\"}").isEmpty());

    publish(Views.leaking("curve-mds", Severity.CRITICAL, VerdictKind.LEAK));
    MonitoringStack.Notice fired = stack.await(isFiring("curve-mds"), LIMIT);
    assertEquals("LeakwatchMemoryGrowth", fired.labels().get("alertname"));
    assertEquals("leak", fired.labels().get("verdict"));
    assertEquals("critical", fired.labels().get("severity"));
    String summary = fired.summary();
    for (String part :
        List.of(
            "curve-mds on 127.0.0.1",
            "leak, +2.794 GiB/day",
            "most of it in arena",
            "since 2026-02-27 12:00:00",
            "reaches memory.max of /system.slice/curve.service in 1d 1h")) {
      assertTrue(summary.contains(part), summary);
    }
    assertEquals("leakwatch inspect curve-mds", fired.annotations().get("next"));
    everyDashboardQueryShouldHaveData();

    publish();
    MonitoringStack.Notice ended =
        stack.await(
            notice -> notice.status().equals("resolved") && notice.isAbout("curve-mds"), LIMIT);
    assertEquals(fired.labels(), ended.labels());
  }

  @Test
  void leakPushedDirectlyShouldOutliveARestartOfTheAgentAndResolve() throws IOException {
    ProcessView view = Views.leaking("chunkserver-8200", Severity.WARNING, VerdictKind.LEAK);
    AlertFacts facts =
        new AlertFacts(
            view.name(),
            view.identity().pid(),
            view.assessment().verdict(),
            view.assessment().severity(),
            view.assessment().severitySince(),
            new AlertFacts.Memory(
                view.memory().anonymousBytes(),
                view.assessment().arenasAtOnset(),
                view.memory().layout().arenaCount()),
            new AlertFacts.Evidence(
                "topology::Lease, +40000 × 272 B (10.4 MiB)", "chunkserver-8200-20261122T120000Z"));
    List<Alert> firing = List.of(Alert.of(facts, Map.of("instance", "n1"), ""));
    AlertSettings settings = pushing();

    AlertmanagerSink before = new AlertmanagerSink(settings, HttpPost::send);
    List<Delivery> delivered = before.update(firing, Instant.now());
    assertInstanceOf(Delivery.Accepted.class, delivered.get(0));
    MonitoringStack.Notice fired = stack.await(isFiring("chunkserver-8200"), LIMIT);
    assertTrue(fired.summary().contains("arenas 12 → 33"), fired.summary());
    assertTrue(fired.summary().contains("next: leakwatch inspect chunkserver-8200"));
    assertTrue(fired.annotations().get("suspect").startsWith("topology::Lease, "));
    assertEquals("chunkserver-8200-20261122T120000Z", fired.annotations().get("incident"));

    AlertmanagerSink after = new AlertmanagerSink(settings, HttpPost::send);
    assertInstanceOf(Delivery.Accepted.class, after.update(firing, Instant.now()).get(0));
    assertTrue(after.update(firing, Instant.now()).isEmpty(), "nothing new to tell");
    assertEquals(List.of(), stack.drain(), "the restart is nobody's business");

    after.update(List.of(), Instant.now());
    MonitoringStack.Notice ended = stack.await(notice -> notice.status().equals("resolved"), LIMIT);
    assertEquals(fired.labels(), ended.labels());
  }

  private AlertSettings pushing() {
    return Defaults.alert(List.of(stack.alertmanager()), List.of(), "");
  }

  private void everyDashboardQueryShouldHaveData() throws IOException {
    publish(
        Views.leaking("curve-mds", Severity.CRITICAL, VerdictKind.LEAK), Views.denied("secret"));
    stack.awaitQuery("count_over_time(leakwatch_process_up{process=\"secret\"}[1m]) > 2", LIMIT);
    JsonObject dashboard =
        JsonParser.parseString(Files.readString(Path.of("deploy/grafana/leakwatch.json")))
            .getAsJsonObject();
    List<String> empty = new ArrayList<>();
    for (JsonElement panel : dashboard.getAsJsonArray("panels")) {
      for (JsonElement target : panel.getAsJsonObject().getAsJsonArray("targets")) {
        String query =
            target
                .getAsJsonObject()
                .get("expr")
                .getAsString()
                .replaceAll("\\$(job|instance|process)\\b", ".*");
        assertFalse(query.contains("$"), query);
        if (stack.query(query).isEmpty()) {
          empty.add(query);
        }
      }
    }
    assertEquals(List.of(), empty);
  }

  private static Predicate<MonitoringStack.Notice> isFiring(String process) {
    return notice -> notice.status().equals("firing") && notice.isAbout(process);
  }

  private void publish(ProcessView... views) {
    AgentView agent =
        new AgentView(
            1,
            new AgentView.Budget(0.01, 0.001),
            Map.of(),
            List.of(),
            true,
            Double.NaN,
            AgentView.NONE.incidents());
    current.set(new Snapshot(Instant.now(), List.of(views), agent, Map.of()));
  }
}
