package io.leakwatch.target;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.history.HistorySettings;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.Change.Kind;
import io.leakwatch.sample.ObservedChange;
import io.leakwatch.time.SystemThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is seen to change about a process, on a node whose /proc is a directory of the test's. */
class TargetChangesTest {
  private static final int PID = 42;
  private static final double BOOT = 1_700_000_000;
  private static final double NOW = BOOT + 1000;
  private static final long LOOK_NANOS = 1_000_000_000L;

  @TempDir Path root;
  private ProcFs node;
  private TargetChanges changes;
  private long nowNanos;

  @BeforeEach
  void begin() throws IOException {
    write("sys/kernel/random/boot_id", "b00t\n");
    write("stat", "btime " + (long) BOOT + "\n");
    write("root/etc/mds.conf", "size=1\n");
    modified(NOW - 500);
    node = new ProcFs(root, root.resolve("cgroup"));
    changes = watch();
  }

  private TargetChanges watch() {
    return new TargetChanges(new ConfigurationFiles(node, SystemThreads.WORKERS), LOOK_NANOS, 4);
  }

  @AfterEach
  void end() {
    changes.close();
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void modified(double seconds) throws IOException {
    Files.setLastModifiedTime(
        root.resolve("root/etc/mds.conf"), FileTime.fromMillis((long) (seconds * 1e3)));
  }

  /** A process that began so many seconds after the boot and executes the image of that number. */
  private ProcessInfo process(int startSeconds, int image, String... arguments) throws IOException {
    write(
        PID + "/stat",
        PID
            + " (mds) S 1 42 42 0 -1 4194560 1 2 3 4 50 7 0 0 20 0 12 0 "
            + startSeconds * 100
            + " 9 9 9 "
            + image
            + " 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25\n");
    write(PID + "/status", "Name:\tmds\n");
    write(PID + "/cmdline", "mds\0" + String.join("\0", arguments));
    Path target = root.resolve(PID + "/root");
    if (!Files.exists(target)) {
      Files.createSymbolicLink(target, root.resolve("root"));
    }
    return ((Outcome.Sampled<ProcessInfo>) node.identify(PID)).value();
  }

  private List<Change> begin(ProcessInfo info, String build, double now) {
    changes.end("mds");
    return changes.begin("mds", info, build, nowNanos, now).stream()
        .map(ObservedChange::change)
        .toList();
  }

  /** Looks until something is seen, or for a while where nothing is to be. */
  private List<ObservedChange> look(double now) throws InterruptedException {
    List<ObservedChange> seen = new ArrayList<>();
    for (int i = 0; i < 200 && seen.isEmpty(); i++) {
      nowNanos += LOOK_NANOS;
      seen.addAll(changes.configurations(nowNanos, now));
      Thread.sleep(5);
    }
    return seen;
  }

  private static Change change(double time, Kind kind, String what, String before) {
    return new Change(time, kind, what, before);
  }

  @Test
  void theFirstLookShouldBeNoChangeAndTheSameProcessNoneAgain() throws IOException {
    ProcessInfo info = process(100, 7, "--size=1");
    assertEquals(
        List.of(
            change(BOOT + 100, Kind.RESTART, "", null),
            change(BOOT + 100, Kind.BUILD, "aa", null),
            change(BOOT + 100, Kind.COMMAND_LINE, "", null)),
        begin(info, "aa", NOW));
    assertEquals(List.of(), begin(info, "aa", NOW + 1));
    // It may write its own command line anew: that is no start.
    assertEquals(List.of(), begin(process(100, 7, "--size=2"), "aa", NOW + 2));
  }

  @Test
  void anotherIncarnationShouldChangeWhatIsDifferentAtTheTimeOfItsStart() throws IOException {
    begin(process(100, 7, "--size=1", "--fast"), "aa", NOW);
    assertEquals(
        List.of(
            change(BOOT + 200, Kind.RESTART, "", ""),
            change(BOOT + 200, Kind.BUILD, "bb", "aa"),
            change(BOOT + 200, Kind.COMMAND_LINE, "--size, --fast (gone)", "")),
        begin(process(200, 8, "--size=2"), "bb", NOW));
    assertEquals(
        List.of(change(BOOT + 300, Kind.RESTART, "", "")),
        begin(process(300, 8, "--size=2"), "bb", NOW));
    assertEquals(
        List.of(change(BOOT + 400, Kind.RESTART, "", "")),
        begin(process(400, 8, "--size=2"), "", NOW),
        "a build that may not be read is none");
    assertEquals(
        List.of(change(BOOT + 500, Kind.RESTART, "", "")),
        begin(process(500, 8, "--size=2"), "bb", NOW));
  }

  @Test
  void anotherProgramUnderTheSamePidShouldBeSeenJustNow() throws IOException {
    begin(process(100, 7, "--size=1"), "aa", NOW);
    assertEquals(
        List.of(change(NOW + 5, Kind.RESTART, "", ""), change(NOW + 5, Kind.BUILD, "bb", "aa")),
        begin(process(100, 8, "--size=1"), "bb", NOW + 5));
  }

  @Test
  void manyOptionsShouldBeCountedAndNotAllNamed() throws IOException {
    begin(process(100, 7), "aa", NOW);
    List<Change> seen = begin(process(200, 7, "--a", "--b", "--c", "--d", "--e"), "aa", NOW);
    assertEquals("--a (new), --b (new), --c (new) and 2 more", seen.get(1).what());
  }

  @Test
  void aConfigurationThatIsModifiedShouldBeSeenWithItsTime()
      throws IOException, InterruptedException {
    begin(process(100, 7, "--conf=/etc/mds.conf"), "aa", NOW);
    assertEquals(change(NOW - 500, Kind.CONFIGURATION, "--conf", null), look(NOW).get(0).change());
    assertEquals(List.of(), look(NOW + 100));
    modified(NOW + 150);
    assertEquals(
        change(NOW + 150, Kind.CONFIGURATION, "--conf", ""), look(NOW + 200).get(0).change());
    modified(NOW - 4000); // An old copy is put back: its own time is not that of the change.
    assertEquals(
        change(NOW + 300, Kind.CONFIGURATION, "--conf", ""), look(NOW + 300).get(0).change());
    Files.delete(root.resolve("root/etc/mds.conf"));
    assertEquals(List.of(), look(NOW + 400));
    write("root/etc/mds.conf", "size=2\n");
    modified(NOW + 450);
    assertEquals(
        change(NOW + 450, Kind.CONFIGURATION, "--conf", ""), look(NOW + 500).get(0).change());
  }

  @Test
  void anotherFileShouldBeNoModification() throws IOException, InterruptedException {
    begin(process(100, 7, "--conf=/etc/mds.conf"), "aa", NOW);
    look(NOW);
    write("root/etc/new.conf", "");
    List<Change> seen = begin(process(200, 7, "--conf=/etc/new.conf"), "aa", NOW + 10);
    assertEquals("--conf", seen.get(1).what());
    assertTrue(look(NOW + 10).get(0).change().isFirst());
  }

  @Test
  void whatIsNoFileShouldNotBeWaitedFor() throws IOException, InterruptedException {
    Files.createDirectories(root.resolve("root/dev"));
    Files.createSymbolicLink(root.resolve("root/dev/zero"), Path.of("/dev/zero"));
    begin(process(100, 7, "--conf=/dev/zero", "--config=/etc", "-c", "/etc/mds.conf"), "aa", NOW);
    assertEquals("-c", look(NOW).get(0).change().what());
  }

  @Test
  void theAgentAfterThisOneShouldGoOnFromWhatIsRecorded() throws IOException, InterruptedException {
    HistorySettings settings = Defaults.history(root.resolve("history.db"));
    List<ObservedChange> all =
        new ArrayList<>(
            changes.begin("mds", process(100, 7, "--conf=/etc/mds.conf", "-x"), "aa", 0, NOW));
    all.addAll(look(NOW));
    try (HistoryStore store = new HistoryStore(settings)) {
      store.appendAll(NOW, List.of(), all);
    }
    changes.close();
    changes = watch();
    changes.remember(settings.path());
    modified(NOW + 30); // While the agent was away.
    assertEquals(
        List.of(
            change(BOOT + 900, Kind.RESTART, "", ""),
            change(BOOT + 900, Kind.BUILD, "bb", "aa"),
            change(BOOT + 900, Kind.COMMAND_LINE, "-x (gone)", "")),
        begin(process(900, 7, "--conf=/etc/mds.conf"), "bb", NOW + 60));
    assertEquals(
        change(NOW + 30, Kind.CONFIGURATION, "--conf", ""), look(NOW + 60).get(0).change());
  }

  @Test
  void namesShouldBeForgottenAndStatesHoldNoValue() throws IOException {
    for (int i = 0; i < 10; i++) {
      List<ObservedChange> seen =
          changes.begin("mds-" + i, process(100, 7, "--password=hunter2"), "aa", 0, NOW);
      assertTrue(seen.stream().allMatch(one -> one.change().isFirst()), seen::toString);
      assertFalse(seen.toString().contains("hunter2"));
    }
    List<ObservedChange> again = changes.begin("mds-0", process(200, 7), "bb", 0, NOW);
    assertTrue(again.stream().allMatch(one -> one.change().isFirst()), again::toString);
    List<ObservedChange> known = changes.begin("mds-9", process(200, 7), "bb", 0, NOW);
    assertEquals("--password (gone)", known.get(2).change().what());
  }
}
