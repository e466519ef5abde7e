package io.leakwatch.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.config.SamplingSettings;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.Signal;
import io.leakwatch.time.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One process under watch, on a node whose kernel refuses what no kernel at hand refuses. */
class WatchedProcessTest {
  private static final int PID = 42;
  private static final String STATUS = "Name:\tmds\nVmRSS:\t 900 kB\nRssAnon:\t %d kB\n";
  private static final SamplingSettings SETTINGS = Defaults.SAMPLING;

  @TempDir Path root;
  private OneWatched one;
  private WatchedProcess watch;
  private final ManualTime time = new ManualTime();

  @BeforeEach
  void begin() throws IOException {
    write("sys/kernel/random/boot_id", "b00t\n");
    write("stat", "btime 1700000000\n");
    write("self/status", "Name:\tjava\nCapEff:\t0000000000080000\n");
    write(PID + "/stat", PID + " (mds) S 1 42 42 0 -1 4194560 1 2 3 4 50 7 0 0 20 0 12 0 99 9 9\n");
    write(PID + "/status", STATUS.formatted(500));
    write(PID + "/cmdline", "mds\0");
    write(PID + "/maps", "1000-2000 rw-p 00000000 00:00 0 [heap]\n");
    write(PID + "/smaps", "1000-2000 rw-p 00000000 00:00 0 [heap]\nRss: 4 kB\nAnonymous: 4 kB\n");
    one = new OneWatched(new ProcFs(root, root.resolve("cgroup")), PID, "mds", time);
    watch = one.watch;
  }

  @AfterEach
  void end() {
    one.close();
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private Optional<Observation> next() {
    time.pause(SETTINGS.interval().toNanos());
    one.budget.beginRound(time.nanos());
    return watch.sample(Double.NaN, time.nanos(), time.seconds());
  }

  @Test
  void countersThatAreRefusedShouldMakeNoSample() throws IOException {
    Path status = root.resolve(PID + "/status");
    Files.delete(status);
    Files.createDirectory(status); // Reading it fails, but not as if the process had gone.
    assertTrue(watch.tick());
    assertEquals(Optional.empty(), next());
    assertFalse(watch.view().reading().up());
    assertTrue(watch.problem().contains(PID + "/status cannot be read"), watch.problem());
    assertTrue(Double.isNaN(watch.view().memory().residentBytes()));

    Files.delete(status);
    write(PID + "/status", STATUS.formatted(600));
    assertTrue(watch.tick());
    assertEquals(600 << 10, next().orElseThrow().sample().get(Signal.RSS_ANON_BYTES));
    assertTrue(watch.view().reading().up());
    assertEquals("", watch.problem());
  }

  @Test
  void mappingsThatAreRefusedShouldLeaveNoFormerLayout() throws IOException {
    assertTrue(watch.tick());
    Observation first = next().orElseThrow();
    assertEquals(4096, first.sample().get(Signal.BRK_HEAP_BYTES));
    assertEquals(1, first.sample().get(Signal.MAPPING_COUNT));
    for (String file : List.of("/maps", "/smaps")) {
      Files.delete(root.resolve(PID + file));
      Files.createDirectory(root.resolve(PID + file));
    }
    assertTrue(watch.tick());
    Observation second = next().orElseThrow();
    assertEquals(500 << 10, second.sample().get(Signal.RSS_ANON_BYTES));
    assertFalse(second.sample().has(Signal.BRK_HEAP_BYTES));
    assertFalse(second.sample().has(Signal.MAPPING_COUNT));
    assertNull(watch.view().memory().layout());
    assertTrue(watch.problem().contains("maps cannot be read"), watch.problem());
  }
}
