package io.leakwatch.incident;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.config.DiagnosisSettings;
import io.leakwatch.export.Incident;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.time.SystemThreads;
import io.leakwatch.time.SystemTime;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which looks are taken, which are put off, and which cost the pause. */
class DiagnosisRequestsTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final DiagnosisSettings SETTINGS = Defaults.DIAGNOSIS;
  private static final DiagnosisResult FOUND = new DiagnosisResult.Found("{}");
  private static final DiagnosisResult NOT_STARTED = new DiagnosisResult.NotRead("no memory", true);
  private static final DiagnosisResult GONE = new DiagnosisResult.NotRead("it has ended", false);

  /** A look that ends when, and as, the test says. */
  private static final class ScriptedLook implements Diagnoser {
    private final LinkedBlockingQueue<ProcessId> begun = new LinkedBlockingQueue<>();
    private final SynchronousQueue<DiagnosisResult> ends = new SynchronousQueue<>();

    @Override
    public DiagnosisResult diagnose(ProcessId process) throws InterruptedException {
      begun.add(process);
      return ends.take();
    }

    @Override
    public void close() {}
  }

  private final ScriptedLook look = new ScriptedLook();
  private final Map<String, Instant> lastLooks = new HashMap<>();
  private final List<IncidentHead> open = new ArrayList<>();
  @TempDir private Path directory;
  private DiagnosisRequests requests;

  private void start(int waitingMax) {
    DiagnosisQueue queue =
        new DiagnosisQueue(
            look,
            directory.resolve("history.db"),
            waitingMax,
            SystemTime.TIME,
            SystemThreads.WORKERS);
    requests =
        new DiagnosisRequests(queue, SETTINGS, name -> Optional.ofNullable(lastLooks.get(name)));
  }

  @AfterEach
  void stop() {
    requests.close();
  }

  private void begin(String process, String id) {
    open.add(
        IncidentHead.begun(
            new Incident(
                id,
                process,
                "leak",
                Severity.WARNING,
                NOW,
                null,
                new Incident.Evidence("", "", "{}"))));
  }

  private List<DiagnosisRequests.Notice> round(Instant now) {
    requests.follow(open, now);
    return requests.ask(now, name -> Optional.of(new ProcessId(1 + name.length(), 1, "boot", 0)));
  }

  /** Waits until a look has begun, ends it, and waits until that is delivered. */
  private DiagnosisQueue.Found end(DiagnosisResult result, Instant now)
      throws InterruptedException {
    look.begun.take();
    look.ends.put(result);
    DiagnosisQueue.Found found = requests.poll(now);
    while (found == null) {
      Thread.onSpinWait();
      found = requests.poll(now);
    }
    if (!(result instanceof DiagnosisResult.NotRead)) {
      lastLooks.put(found.incident().process(), now);
    }
    return found;
  }

  private static List<String> texts(List<DiagnosisRequests.Notice> notices) {
    return notices.stream().map(notice -> notice.incident().id() + ": " + notice.text()).toList();
  }

  @Test
  void refusedLookShouldBeTakenWhenThereIsRoom() throws InterruptedException {
    start(1);
    begin("mds", "mds-1");
    assertEquals(List.of(), round(NOW));
    look.begun.put(look.begun.take()); // Under way: the queue is empty again.
    begin("etcd", "etcd-1");
    begin("store-1", "store-1");
    List<DiagnosisRequests.Notice> refused = round(NOW);
    assertEquals(
        List.of("store-1: too many diagnoses are queued (diagnosis.waiting-max); it waits"),
        texts(refused));
    assertTrue(refused.stream().noneMatch(DiagnosisRequests.Notice::givenUp));
    assertEquals(List.of(), round(NOW.plusSeconds(5)));

    end(FOUND, NOW.plusSeconds(6));
    look.begun.put(look.begun.take());
    assertEquals(List.of("store-1: the diagnosis is running"), texts(round(NOW.plusSeconds(7))));
    assertEquals("etcd-1", end(FOUND, NOW.plusSeconds(8)).incident().id());
    assertEquals("store-1", end(FOUND, NOW.plusSeconds(9)).incident().id());
    assertEquals(List.of(), round(NOW.plusSeconds(10)));
    assertNull(look.begun.peek());
  }

  @Test
  void lookThatCouldNotBeStartedShouldBeTriedAgainAfterTheTimeout() throws InterruptedException {
    start(4);
    begin("mds", "mds-1");
    round(NOW);
    end(NOT_STARTED, NOW);
    Instant again = NOW.plus(SETTINGS.timeout());
    assertEquals(List.of(), round(again.minusSeconds(1)));
    assertNull(look.begun.peek());
    assertEquals(List.of(), round(again));
    assertEquals(FOUND, end(FOUND, again).result());
  }

  @Test
  void lookThatCouldNotBeStartedShouldNotBeTriedAgainWhenItsIncidentHasEnded()
      throws InterruptedException {
    start(4);
    begin("mds", "mds-1");
    round(NOW);
    open.clear();
    round(NOW);
    end(NOT_STARTED, NOW);
    assertEquals(List.of(), round(NOW.plus(SETTINGS.timeout())));
    assertNull(look.begun.peek());
  }

  @Test
  void processThatWasReadShouldRestForThePause() throws InterruptedException {
    start(4);
    for (DiagnosisResult result :
        List.of(FOUND, new DiagnosisResult.Failed("stopped after 2 min"))) {
      open.clear();
      lastLooks.clear();
      begin("mds", "mds-1");
      round(NOW);
      end(result, NOW);
      open.clear();
      begin("mds", "mds-2");
      List<DiagnosisRequests.Notice> notices = round(NOW.plus(SETTINGS.pause()).minusSeconds(1));
      assertEquals(
          List.of("mds-2: not diagnosed again so soon after " + NOW + " (diagnosis.pause)"),
          texts(notices));
      assertTrue(notices.get(0).givenUp());
      open.clear();
      begin("mds", "mds-3");
      assertEquals(List.of(), round(NOW.plus(SETTINGS.pause())));
      end(FOUND, NOW.plus(SETTINGS.pause()));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void processThatWasNotReadShouldNotRest(boolean gone) throws InterruptedException {
    start(4);
    begin("mds", "mds-1");
    round(NOW);
    end(gone ? GONE : NOT_STARTED, NOW);
    open.clear();
    begin("mds", "mds-2");
    assertEquals(List.of(), round(NOW.plusSeconds(1)));
    assertEquals("mds-2", end(FOUND, NOW.plusSeconds(2)).incident().id());
  }

  @Test
  void aSecondIncidentShouldWaitForTheLookThatIsUnderWay() throws InterruptedException {
    start(4);
    begin("mds", "mds-1");
    round(NOW);
    assertNotNull(look.begun.take());
    open.clear();
    begin("mds", "mds-2");
    assertEquals(List.of(), round(NOW));
    look.begun.put(new ProcessId(1, 1, "", 0));
    end(FOUND, NOW);
    assertEquals(1, round(NOW).size());
  }

  @Test
  void onlyIncidentsWithoutALookShouldWantOne() {
    start(4);
    open.add(new IncidentHead(incident("mds-1"), NOW, 2, null));
    assertEquals(List.of(), round(NOW));
    assertNull(look.begun.peek());
    open.add(new IncidentHead(incident("mds-2"), null, 0, null));
    requests.follow(open, NOW);
    assertEquals(
        List.of("mds-2: the process has ended"),
        texts(requests.ask(NOW, name -> Optional.empty())));
    assertEquals(List.of(), round(NOW));
  }

  /** What it holds then, against what it held at the begin. */
  @Test
  void anIncidentThatLastsShouldBeDiagnosedOnceMore() throws InterruptedException {
    start(4);
    Instant later = NOW.plus(SETTINGS.pause());
    open.add(new IncidentHead(incident("mds-1"), NOW, 1, null));
    lastLooks.put("mds", NOW);
    assertEquals(List.of(), round(later.minusSeconds(1)));
    assertNull(look.begun.peek());
    assertEquals(List.of(), round(later));
    end(FOUND, later);
    open.set(0, new IncidentHead(incident("mds-1"), later, 2, null));
    assertEquals(List.of(), round(later.plus(SETTINGS.pause()).plus(SETTINGS.pause())));
    assertNull(look.begun.peek());
  }

  private static Incident incident(String id) {
    return new Incident(id, "mds", "leak", Severity.WARNING, NOW, null, Incident.Evidence.NONE);
  }
}
