package io.leakwatch.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.export.ProcessView;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.LiveCgroup;
import io.leakwatch.history.csv.CsvSeries;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.time.SystemTime;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The samples of a live program that uses up one thing after the other. */
class ResourceSampleTest {
  private static final long MIB = 1 << 20;

  private CTarget target;
  private OneWatched one;
  private WatchedProcess watch;

  @BeforeEach
  void begin() {
    target = CTarget.start("resource_user");
    target.awaitLine("ready");
    one = new OneWatched(ProcFs.live(), target.pid(), "user", SystemTime.TIME);
    watch = one.watch;
  }

  @AfterEach
  void end() {
    one.close();
    target.close();
  }

  private void tell(String line) {
    target.send(line);
    target.awaitLine("done");
  }

  private Sample sample() {
    assertTrue(watch.tick());
    return watch
        .sample(Double.NaN, SystemTime.TIME.nanos(), SystemTime.TIME.seconds())
        .orElseThrow()
        .sample();
  }

  /** Whether a tick right now makes the next sample due. */
  private boolean isHastened() {
    assertTrue(watch.tick());
    return watch.hasten(SystemTime.TIME.nanos());
  }

  @Test
  void aSampleShouldTellEveryResourceThatCanRunOut() {
    assumeTrue(LiveCgroup.isPossible(), "cgroups of this machine cannot be made");
    try (LiveCgroup cgroup = LiveCgroup.make()) {
      cgroup.limitMemory(1024 * MIB);
      cgroup.limitThreads(200);
      cgroup.take(target.pid());
      tell("limit AS 9000000000");
      tell("limit DATA 8000000000");
      tell("limit NOFILE 4000");
      tell("descriptors 500");
      tell("threads 30");
      tell("mappings 1000");
      tell("anonymous " + 64 * MIB);
      Sample sample = sample();
      for (Resource resource : Resource.values()) {
        assertTrue(sample.has(resource.used()), resource.used().column());
        assertTrue(sample.has(resource.limit()), resource.limit().column());
        assertTrue(sample.get(resource.used()) < sample.get(resource.limit()), resource::wireName);
      }
      assertEquals(64 * MIB, sample.get(Signal.CGROUP_BYTES), 8 * MIB);
      assertEquals(1024 * MIB, sample.get(Signal.CGROUP_LIMIT_BYTES));
      assertEquals(9e9, sample.get(Signal.ADDRESS_SPACE_LIMIT_BYTES));
      assertEquals(8e9, sample.get(Signal.DATA_LIMIT_BYTES));
      assertTrue(sample.get(Signal.DATA_BYTES) >= 64 * MIB);
      assertTrue(sample.get(Signal.MAPPING_COUNT) >= 1000);
      assertEquals(31, sample.get(Signal.THREAD_COUNT));
      assertEquals(200, sample.get(Signal.THREAD_LIMIT));
      assertEquals(503, sample.get(Signal.DESCRIPTOR_COUNT));
      assertEquals(4000, sample.get(Signal.DESCRIPTOR_LIMIT));
      assertTrue(sample.get(Signal.PROCESS_AGE_SECONDS) < 60);

      List<ProcessView.ResourceUse> shown = watch.view().resources();
      assertEquals(Resource.values().length, shown.size());
      assertEquals(cgroup.threadLimitName(), shown.get(5).limitName());

      List<Sample> read = new ArrayList<>();
      String csv =
          CsvSeries.header(EnumSet.allOf(Signal.class), List.of())
              + "\n"
              + CsvSeries.row(sample, EnumSet.allOf(Signal.class), List.of());
      assertTrue(csv.contains(",process_age_seconds,"));
      assertTrue(csv.contains(",mapping_count,") && csv.contains(",mapping_limit,"));
      CsvSeries.read(
          "csv", new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8)), read::add);
      for (Signal signal : Signal.values()) {
        assertEquals(sample.get(signal), read.get(0).get(signal), signal.column());
      }
      target.close();
    }
  }

  /** All of them can go within half a minute, and a sample comes once a minute. */
  @Test
  void mappingsThatRunOutShouldBeSampledBeforeTheirTurn() {
    Sample before = sample();
    assertFalse(isHastened());
    tell("mappings 2000");
    assertFalse(isHastened(), "there is no hurry yet");
    tell("mappings 20000");
    assertTrue(isHastened());
    Sample after = sample();
    double more = after.get(Signal.MAPPING_COUNT) - before.get(Signal.MAPPING_COUNT);
    assertEquals(22_000, more, 50);
    assertFalse(isHastened());
  }

  /** mprotect takes no address space. */
  @Test
  void mappingsThatAreSplitShouldBeSampledBeforeTheirTurn() {
    double before = sample().get(Signal.MAPPING_COUNT);
    tell("splits 12000");
    assertTrue(isHastened());
    assertEquals(24_000, sample().get(Signal.MAPPING_COUNT) - before, 50);
  }

  @Test
  void descriptorsAndThreadsThatRunOutShouldBeSampledBeforeTheirTurn() {
    tell("limit NOFILE 2000");
    sample();
    tell("descriptors 300");
    assertFalse(isHastened());
    tell("descriptors 300");
    assertTrue(isHastened());
    assertEquals(603, sample().get(Signal.DESCRIPTOR_COUNT));
  }

  /** Between two looks at a process so large that they are minutes apart. */
  @Test
  void mappingsShouldBeCountedForEverySampleWhereThatTakesNoLock() {
    tell("anonymous " + 512 * MIB);
    int counted = 0;
    sample();
    for (int i = 0; i < 3; i++) {
      tell("mappings 10");
      LockSupport.parkNanos(Duration.ofSeconds(2).toNanos()); // What a count costs is worked off.
      counted += sample().has(Signal.MAPPING_COUNT) ? 1 : 0;
    }
    boolean free = one.process.countsWithoutLock();
    assertTrue(counted == 3 || !free, counted + " of 3");
  }
}
