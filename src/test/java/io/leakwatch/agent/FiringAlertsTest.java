package io.leakwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.alert.Alert;
import io.leakwatch.alert.Severity;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.time.ManualTime;
import io.leakwatch.verdict.VerdictKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which alerts fire when processes come, go and recover. */
class FiringAlertsTest {
  private static final ProcessView LEAKS = Views.leaking("mds", Severity.WARNING, VerdictKind.LEAK);
  private static final ProcessView RECOVERED =
      Views.process("mds", Severity.NONE, VerdictKind.STEADY, "/usr/bin/curve-mds");

  private final ManualTime time = new ManualTime();
  private final FiringAlerts firing =
      new FiringAlerts(Map.of("instance", "n1"), "", Duration.ofMinutes(5), time);

  private List<String> of(ProcessView... views) {
    return firing.of(new Snapshot(Views.NOON, List.of(views))).stream()
        .map(alert -> alert.labels().get("process"))
        .toList();
  }

  private void pass(Duration duration) {
    time.pause(duration.toNanos());
  }

  @Test
  void theAlertOfAProcessThatIsRestartedShouldGoOn() {
    assertEquals(List.of("mds"), of(LEAKS));
    pass(Duration.ofSeconds(30));
    assertEquals(List.of("mds"), of());
    pass(Duration.ofSeconds(60));
    assertEquals(List.of("mds"), of(LEAKS));
    pass(Duration.ofSeconds(299));
    assertEquals(List.of("mds"), of(), "the time of lingering began anew");
  }

  @Test
  void theAlertOfAProcessThatStaysAwayShouldEnd() {
    assertEquals(List.of("mds"), of(LEAKS));
    pass(Duration.ofSeconds(301));
    assertEquals(List.of(), of());
  }

  @Test
  void theAlertOfAProcessThatIsNotJudgedYetShouldGoOn() {
    ProcessView begun = Views.denied("mds");
    assertEquals(List.of("mds"), of(LEAKS));
    assertEquals(List.of("mds"), of(begun));
    pass(Duration.ofSeconds(301));
    assertEquals(List.of(), of(begun));
  }

  @Test
  void theAlertOfAProcessThatRecoversShouldEndAtOnce() {
    assertEquals(List.of("mds"), of(LEAKS));
    assertEquals(List.of(), of(RECOVERED));
    assertEquals(List.of(), of(), "an alert that has ended lingers");
  }

  @Test
  void alertsShouldHaveTheLabelsOfTheConfiguration() {
    Alert alert = firing.of(new Snapshot(Views.NOON, List.of(LEAKS))).get(0);
    assertEquals("n1", alert.labels().get("instance"));
  }
}
