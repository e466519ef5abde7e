package io.leakwatch.sampling.judgement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an instance is reported with through its restarts. */
class JudgementTest {
  private static final double BEGIN = 1.75e9;
  private static final int LEAKS_FOR = 12_000;

  private final Judgement judgement = new Judgement(Defaults.TREND, Defaults.SEVERITY);

  private void accept(double seconds, String incarnation, double bytes) {
    judgement.accept(
        Sample.at(seconds, incarnation)
            .set(Signal.RSS_ANON_BYTES, bytes)
            .set(Signal.IN_USE_BYTES, 0.9 * bytes)
            .build(),
        List.of());
  }

  @ParameterizedTest
  @CsvSource({"0, boot/1/2, WARNING", "1, boot/1/2, NONE", "1, boot/1/1, WARNING"})
  void whatWasGoneForLongShouldHaveNothingToReport(
      int longer, String incarnation, Severity severity) {
    double seconds = BEGIN;
    for (int i = 0; i < LEAKS_FOR; i++) {
      seconds = BEGIN + i * 60.0;
      accept(seconds, "boot/1/1", 1e9 + i * 100e6 / 60);
    }
    assertEquals(Severity.WARNING, judgement.severity());
    accept(seconds + Defaults.SEVERITY.absence().toSeconds() + longer, incarnation, 1e9);
    assertEquals(severity, judgement.severity());
  }

  @Test
  void whatWasClearedShouldNotBeReportedAgainAtOnceByWhatIsRecorded() {
    double seconds = BEGIN;
    for (int i = 0; i < LEAKS_FOR; i++) {
      seconds = BEGIN + i * 60.0;
      accept(seconds, "boot/1/1", 1e9 + i * 100e6 / 60);
    }
    judgement.clearedAt(Judgement.instant(seconds - 600));
    assertEquals(Severity.NONE, judgement.severity());
    assertNull(judgement.shown("boot/1/1").severitySince());
    accept(seconds + 60, "boot/1/1", 1e9 + (LEAKS_FOR + 1) * 100e6 / 60);
    assertEquals(Severity.NONE, judgement.severity());
  }
}
