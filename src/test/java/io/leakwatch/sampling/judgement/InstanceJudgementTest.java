package io.leakwatch.sampling.judgement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.history.HistorySettings;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.time.SystemThreads;
import io.leakwatch.verdict.VerdictKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of an instance while its recorded past is read, and after. */
class InstanceJudgementTest {
  private static final double BEGIN = 1.75e9;
  private static final int PAST = 20_000;
  private static final double STEP_SECONDS = 60;

  @TempDir Path directory;

  private HistorySettings settings() {
    return Defaults.history(
        directory.resolve("history.db"), "raw-retention = 30d, max-pending-samples = 100000");
  }

  /** A leak of 100 MB an hour. */
  private static Sample sample(int i) {
    return Sample.at(BEGIN + i * STEP_SECONDS, "boot/1/1")
        .set(Signal.RSS_ANON_BYTES, 1e9 + i * 100e6 / 60)
        .set(Signal.IN_USE_BYTES, 0.9e9 + i * 100e6 / 60)
        .build();
  }

  private static Judgement judged(int until) {
    Judgement judgement = fresh();
    for (int i = 0; i < until; i++) {
      judgement.accept(sample(i), List.of());
    }
    return judgement;
  }

  private static Judgement fresh() {
    return new Judgement(Defaults.TREND, Defaults.SEVERITY);
  }

  @Test
  void samplesThatComeBeforeThePastShouldWaitAndBeJudgedAfterIt() {
    InstanceJudgement instance = new InstanceJudgement(fresh());
    instance.awaitPast();
    int past = 12_000;
    for (int i = past; i < past + 30; i++) {
      assertNull(instance.judge(sample(i), List.of()));
      assertNull(instance.now().verdict());
      assertEquals(Severity.NONE, instance.now().severity());
    }
    instance.remember(judged(past));
    Judgement inOneGo = judged(past + 30);
    assertTrue(instance.isKnown());
    assertEquals(inOneGo.verdict(), instance.now().verdict());
    assertEquals(inOneGo.severity(), instance.now().severity());
    assertEquals(
        inOneGo.shown("boot/1/1").severitySince(),
        instance.now().shown("boot/1/1").severitySince());
    assertNull(instance.now().shown("boot/1/2").verdict());
    assertNotEquals(VerdictKind.UNKNOWN, instance.now().verdict().kind());
    assertNotNull(instance.judge(sample(past + 30), List.of()));
  }

  @Test
  void thePastShouldBeReadBesideTheSampler() throws InterruptedException {
    List<Observation> past = new ArrayList<>();
    for (int i = 0; i < PAST; i++) {
      past.add(new Observation("mds", sample(i)));
    }
    double now = BEGIN + PAST * STEP_SECONDS;
    try (HistoryStore store = new HistoryStore(settings())) {
      store.appendAll(now, past);
    }
    try (Judgements judgements =
        new Judgements(
            settings(),
            Defaults.TREND,
            Defaults.SEVERITY,
            2,
            name -> Optional.empty(),
            SystemThreads.WORKERS)) {
      InstanceJudgement instance = judgements.take("mds", now);
      assertFalse(instance.isKnown(), "the caller has waited for the past");
      assertNull(instance.judge(sample(PAST), List.of()));
      awaitPast(instance);
      assertEquals(judged(PAST + 1).verdict(), instance.now().verdict());
      judgements.keep("mds", instance);
      assertEquals(instance, judgements.take("mds", now), "an instance loses its judgement");
      InstanceJudgement unknown = judgements.take("new", now);
      assertNull(unknown.now().verdict());
      awaitPast(unknown);
      assertNull(unknown.now().verdict());
    }
  }

  private static void awaitPast(InstanceJudgement instance) {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!instance.isKnown() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }
}
