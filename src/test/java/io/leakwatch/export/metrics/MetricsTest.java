package io.leakwatch.export.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Severity;
import io.leakwatch.export.AgentView;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.export.table.ProcessRow;
import io.leakwatch.harness.Tool;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.CensusHistory;
import io.leakwatch.heap.InUse;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.SlabFills;
import io.leakwatch.heap.golang.GoReport;
import io.leakwatch.heap.golang.GoroutineCensus;
import io.leakwatch.verdict.VerdictKind;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Path GOLDEN =
      Path.of("src/test/resources/io/leakwatch/export/metrics/metrics.golden.txt");

  private final AtomicReference<Snapshot> current = new AtomicReference<>(Snapshot.EMPTY);
  private final Metrics metrics = new Metrics(current::get, "1.2.3", Path.of("/proc"));

  /**
   * {@code -Dleakwatch.golden=update} rewrites the file; read the difference before you commit it.
   */
  @Test
  void shouldWriteTheGoldenFile() throws IOException {
    current.set(two());
    String own =
        scrape()
            .lines()
            .filter(line -> line.contains("leakwatch_") && !line.contains("java="))
            .collect(Collectors.joining("\n", "", "\n"));
    if ("update".equals(System.getProperty("leakwatch.golden"))) {
      Files.writeString(GOLDEN, own);
    }
    assertEquals(Files.readString(GOLDEN), own);
  }

  @Test
  void shouldPleasePromtool() throws IOException {
    current.set(two());
    Tool.Result result = Tool.run(scrape(), List.of("promtool", "check", "metrics"));
    assertEquals("", result.output());
    assertEquals(0, result.status());
  }

  /** As {@code top} and the recorded history count it; {@code inspect --json} tells both parts. */
  @Test
  void freeShouldIncludeTheTops() throws IOException {
    current.set(two());
    double kept =
        ProcessRow.of(Views.leaking("m", Severity.NONE, VerdictKind.LEAK)).memory().freeBytes();
    assertEquals(160L << 20, kept);
    assertTrue(
        scrape().contains("leakwatch_process_heap_free_bytes{process=\"curve-mds\"} " + kept));
  }

  @Test
  void shouldTellOfARuntimeWhatSurvivedItsCollections() throws IOException {
    ProcessView view = Views.leaking("etcd", Severity.NONE, VerdictKind.STEADY);
    Balance balance =
        Balance.builder()
            .set(Balance.Part.LIVE, 1000)
            .set(Balance.Part.STACK, 24)
            .set(Balance.Part.GARBAGE, 500)
            .build();
    GoReport go =
        new GoReport(
            new Recognition("1.22-1.26", 1, 1, 1, List.of()),
            balance,
            new InUse(10, List.of(), SlabFills.NONE),
            77,
            new GoroutineCensus(12_345, List.of()),
            List.of());
    current.set(
        new Snapshot(
            Views.NOON,
            List.of(
                new ProcessView(
                    view.identity(),
                    view.reading(),
                    view.memory(),
                    new ProcessView.Heaps(OwnerReports.of(go), null, CensusHistory.Growth.UNKNOWN),
                    view.assessment(),
                    view.work(),
                    view.resources()))));
    String text = scrape();
    for (String line :
        List.of(
            "leakwatch_process_live_bytes{owner=\"go\",process=\"etcd\"} 1024.0",
            "leakwatch_process_collections_total{owner=\"go\",process=\"etcd\"} 77.0",
            "leakwatch_process_goroutines{process=\"etcd\"} 12345.0")) {
      assertTrue(text.contains(line + "\n"), () -> line + " is not in " + text);
    }
  }

  @Test
  void shouldDropSeriesOfProcessThatVanished() throws IOException {
    current.set(two());
    assertTrue(scrape().contains("process=\"curve-mds\""));
    current.set(new Snapshot(Views.NOON, List.of()));
    assertFalse(scrape().contains("process=\""));
  }

  @Test
  void shouldLeaveOutWhatIsUnknown() throws IOException {
    current.set(new Snapshot(Views.NOON, List.of(Views.denied("secret"))));
    String text = scrape();
    assertTrue(text.contains("leakwatch_process_up{process=\"secret\"} 0.0"), text);
    assertFalse(text.contains("leakwatch_process_anonymous_bytes"), text);
  }

  @Test
  void shouldSurviveHostileAndEqualNames() throws IOException {
    String hostile = "a\"b\\c\nd\u0000\u001b[31m\ud800" + "x".repeat(10_000);
    ProcessView view =
        Views.process(hostile, Severity.NONE, VerdictKind.STEADY, "/tmp/\n# TYPE evil counter");
    current.set(new Snapshot(Views.NOON, List.of(view, view)));
    Tool.Result result = Tool.run(scrape(), List.of("promtool", "check", "metrics"));
    assertEquals("", result.output());
    assertEquals(0, result.status());
    assertFalse(scrape().contains("\u001b"));
  }

  private static Snapshot two() {
    return new Snapshot(
        Views.NOON,
        List.of(
            Views.leaking("curve-mds", Severity.CRITICAL, VerdictKind.LEAK),
            Views.denied("secret")),
        new AgentView(
            77,
            new AgentView.Budget(0.01, 0.002),
            Map.of("processes", 3L),
            List.of(new AgentView.SinkCount("alertmanager", 5, 1)),
            true,
            1e6,
            new AgentView.IncidentCount(4, 3, 1)),
        Map.of());
  }

  private String scrape() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    metrics.write(PrometheusTextFormatWriter.create(), out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
