package io.leakwatch.incident;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Children that end well, too late, too loud, or leave others behind. */
class SupervisedChildTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofMillis(500);

  @TempDir private Path directory;

  /** A test that waits for what never ends fails, as does one that finds its thread waiting. */
  private SupervisedChild.End run(String script, Duration patience, int bytesMax) {
    return assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () ->
            SupervisedChild.start(
                    new ProcessBuilder("bash", "-c", script).directory(directory.toFile()),
                    bytesMax)
                .await(patience));
  }

  private ProcessHandle started(String file) throws IOException {
    long pid = Long.parseLong(Files.readString(directory.resolve(file)).strip());
    return ProcessHandle.of(pid).orElse(null);
  }

  private void assertEnded(String file) throws Exception {
    ProcessHandle handle = started(file);
    if (handle != null) {
      handle.onExit().get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void shouldTellWhatAChildHasPrintedAndHowItEnded() {
    assertEquals(
        new SupervisedChild.End(true, 3, "x".repeat(300_000), false, "why"),
        run("head -c 300000 /dev/zero | tr '\\0' x; echo why >&2; exit 3", LONG, 300_000));
    assertEquals(new SupervisedChild.End(true, 0, "", false, ""), run("cat", LONG, 10));
  }

  @Test
  void shouldEndAChildThatPrintsMoreThanIsKept() {
    SupervisedChild.End end = run("yes", LONG, 1000);
    assertTrue(end.isCut());
    assertEquals(1000, end.output().length());
    SupervisedChild.End loud = run("head -c 3000000 /dev/zero >&2", LONG, 1000);
    assertFalse(loud.isCut());
    assertEquals(0, loud.status());
  }

  @Test
  void shouldEndAChildWithAllThatItHasStarted() throws Exception {
    SupervisedChild.End end =
        run("bash -c 'echo $$ > inner; sleep infinity; :' & wait; :", SHORT, 10);
    assertFalse(end.timely());
    assertEnded("inner");
  }

  @Test
  void shouldNotWaitForWhoeverHoldsThePipesOfAChildThatHasEnded() throws Exception {
    SupervisedChild.End end =
        run("sleep infinity & echo $! > left; sleep 0.5; echo whole; echo said >&2", LONG, 100);
    try {
      assertEquals(new SupervisedChild.End(true, 0, "whole\n", false, "said"), end);
      assertTrue(started("left").isAlive());
      assertFalse(
          Thread.getAllStackTraces().keySet().stream()
              .anyMatch(thread -> thread.getName().startsWith("diagnosis output")));
    } finally {
      started("left").destroyForcibly();
    }
  }

  @Test
  void shouldEndAChildFromAnotherThread() throws Exception {
    SupervisedChild child = SupervisedChild.start(new ProcessBuilder("sleep", "infinity"), 10);
    Thread killer = new Thread(child::kill);
    killer.start();
    SupervisedChild.End end = child.await(LONG);
    killer.join();
    assertTrue(!end.timely() || end.status() == 137, end::toString);
    assertTrue(end.output().isEmpty());
  }
}
