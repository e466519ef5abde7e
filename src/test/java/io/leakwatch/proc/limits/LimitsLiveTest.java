package io.leakwatch.proc.limits;

import static io.leakwatch.proc.Sampled.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.LiveCgroup;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.memory.MappingTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that uses up one thing after the other, as this kernel shows it. */
final class LimitsLiveTest {
  private static final long MIB = 1 << 20;

  /** What a small program and its page tables take beside what it is told to. */
  private static final long OWN_BYTES = 8 * MIB;

  @TempDir Path directory;
  private CTarget target;
  private ProcessReader reader;

  @BeforeEach
  void begin() {
    target = start();
    reader = open(target);
  }

  @AfterEach
  void end() {
    reader.close();
    target.close();
  }

  private static CTarget start() {
    CTarget started = CTarget.start("resource_user");
    started.awaitLine("ready");
    return started;
  }

  /** A reader of a node of its own, so that nothing is known from a moment ago. */
  private static ProcessReader open(CTarget target) {
    ProcFs node = ProcFs.live();
    return value(node.open(value(node.identify(target.pid())).id()));
  }

  private void tell(CTarget whom, String line) {
    whom.send(line);
    whom.awaitLine("done");
  }

  private Limits limits() {
    return value(reader.limits(value(reader.status()), -1));
  }

  /** The same after what was read a moment ago has been forgotten. */
  private Limits limitsNow() {
    LockSupport.parkNanos(Duration.ofMillis(600).toNanos());
    return limits();
  }

  private static Optional<Limit> named(Limits limits, String name) {
    return limits.memory().cgroups().stream()
        .filter(limit -> limit.name().equals(name))
        .findFirst();
  }

  @Test
  void descriptorsShouldBeCountedAgainstTheSoftLimit() throws IOException {
    long few = limits().descriptors().orElseThrow().used();
    tell(target, "limit NOFILE 5000");
    tell(target, "descriptors 3000");
    try (ProcessReader other = open(target)) {
      Limits limits = value(other.limits(value(other.status()), -1));
      assertEquals(
          new Limit("RLIMIT_NOFILE", Limit.Unit.DESCRIPTORS, 5000, few + 3000),
          limits.descriptors().orElseThrow());
    }
    try (var entries = Files.list(Path.of("/proc/" + target.pid() + "/fd"))) {
      assertEquals(few + 3000, entries.count());
    }
  }

  @Test
  void mappingsShouldBeCountedAsALookCountsThem() {
    tell(target, "mappings 10000");
    tell(target, "splits 5000");
    int counted = value(reader.countMappings(ReadMeter.UNPACED));
    MappingTable table = value(reader.maps(new MappingTable(), ReadMeter.UNPACED));
    assertEquals(table.size(), counted);
    assertTrue(counted >= 20_000, counted + " mappings");
    Limits limits = value(reader.limits(value(reader.status()), counted));
    assertEquals(counted, limits.mappings().orElseThrow().used());
    assertEquals(limits.mappingsMax(), limits.mappings().orElseThrow().limit());
  }

  @Test
  void addressSpaceShouldBeBoundedByWhatTheProcessWasGiven() {
    assertEquals(Optional.empty(), limits().memory().addressSpace());
    assertEquals(Optional.empty(), limits().memory().data());
    tell(target, "limit AS 4000000000");
    tell(target, "limit DATA 3000000000");
    tell(target, "anonymous " + 64 * MIB);
    try (ProcessReader other = open(target)) {
      Status status = value(other.status());
      Limits limits = value(other.limits(status, -1));
      assertEquals(
          new Limit("RLIMIT_AS", Limit.Unit.BYTES, 4_000_000_000L, status.space().sizeBytes()),
          limits.memory().addressSpace().orElseThrow());
      assertEquals(
          new Limit("RLIMIT_DATA", Limit.Unit.BYTES, 3_000_000_000L, status.space().dataBytes()),
          limits.memory().data().orElseThrow());
      assertTrue(status.space().dataBytes() >= 64 * MIB);
    }
  }

  @Test
  void ageShouldBeToldToTheHundredthOfASecond() {
    double before = limits().ageSeconds();
    long beganNanos = System.nanoTime();
    double later = limitsNow().ageSeconds();
    double passed = (System.nanoTime() - beganNanos) / 1e9;
    assertTrue(before >= 0 && before < 60, before + " s");
    assertEquals(before + passed, later, 0.1);
  }

  @Test
  void anotherUsersThreadsShouldBeBoundedByTheResourceLimitAndThoseOfRootNot() {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can become another user");
    assertFalse(hasUserLimit(limits()));
    tell(target, "threads 20");
    tell(target, "user 65534");
    try (ProcessReader other = open(target)) {
      Limits limits = value(other.limits(value(other.status()), -1));
      assertTrue(hasUserLimit(limits), limits.threads().toString());
      assertTrue(
          limits.threads().stream()
              .anyMatch(limit -> limit.name().equals("RLIMIT_NPROC") && limit.used() == 21));
    }
  }

  private static boolean hasUserLimit(Limits limits) {
    return limits.threads().stream().anyMatch(limit -> limit.name().equals("RLIMIT_NPROC"));
  }

  @Test
  void threadsShouldBeBoundedByTheNodeEverywhere() {
    Limits limits = limits();
    for (String name : new String[] {"kernel.threads-max", "kernel.pid_max"}) {
      Limit limit =
          limits.threads().stream()
              .filter(one -> one.name().equals(name))
              .findFirst()
              .orElseThrow();
      assertTrue(limit.used() > 0 && limit.used() < limit.limit(), limit.toString());
    }
  }

  /** Neither of two processes that share a cgroup shows by itself how near it is to its limit. */
  @Test
  void aCgroupShouldCountAllThatAreInIt() {
    assumeTrue(LiveCgroup.isPossible(), "cgroups of this machine cannot be made");
    try (LiveCgroup parent = LiveCgroup.make();
        LiveCgroup first = parent.child("first");
        LiveCgroup second = parent.child("second");
        CTarget neighbour = start()) {
      parent.limitMemory(512 * MIB);
      parent.limitThreads(100);
      first.limitMemory(1024 * MIB);
      first.take(target.pid());
      second.take(neighbour.pid());
      tell(target, "anonymous " + 64 * MIB);
      tell(neighbour, "anonymous " + 128 * MIB);
      tell(neighbour, "threads 40");
      Limits limits = limits();
      Limit own = named(limits, first.memoryLimitName()).orElseThrow();
      assertEquals(64 * MIB, own.used(), OWN_BYTES, own.toString());
      Limit shared = limits.tightestCgroup().orElseThrow();
      assertEquals(parent.memoryLimitName(), shared.name());
      assertEquals(512 * MIB, shared.limit());
      assertEquals(192 * MIB, shared.used(), 2 * OWN_BYTES, shared.toString());
      assertEquals(
          new Limit(parent.threadLimitName(), Limit.Unit.THREADS, 100, 42),
          limits.tightestThreads().orElseThrow());
      tell(target, "threads 5");
      assertEquals(47, limitsNow().tightestThreads().orElseThrow().used());
      target.close();
      neighbour.close();
    }
  }

  @Test
  void sharedMemoryThatNobodyMapsShouldCountAndCacheThatCanBeDroppedNot() throws IOException {
    assumeTrue(LiveCgroup.isPossible(), "cgroups of this machine cannot be made");
    Path shared = Path.of("/dev/shm", "leakwatch-test-" + target.pid());
    assumeTrue(Files.isWritable(shared.getParent()), "there is no /dev/shm");
    Path file = Path.of("target", "cache-" + target.pid()).toAbsolutePath();
    try (LiveCgroup cgroup = LiveCgroup.make()) {
      cgroup.limitMemory(1024 * MIB);
      cgroup.take(target.pid());
      long before = named(limits(), cgroup.memoryLimitName()).orElseThrow().used();
      tell(target, "write " + 128 * MIB + " " + file);
      Limit cached = named(limitsNow(), cgroup.memoryLimitName()).orElseThrow();
      assertEquals(before, cached.used(), OWN_BYTES, cached.toString());
      tell(target, "write " + 96 * MIB + " " + shared);
      Limit held = named(limitsNow(), cgroup.memoryLimitName()).orElseThrow();
      assertEquals(before + 96 * MIB, held.used(), OWN_BYTES, held.toString());
      assertTrue(value(reader.status()).rss().bytes() < 16 * MIB);
      Files.delete(shared);
      target.close();
    } finally {
      Files.deleteIfExists(shared);
      Files.deleteIfExists(file);
    }
  }

  @Test
  void shouldFollowAProcessThatIsMovedAndACgroupThatIsMadeAnew() {
    assumeTrue(LiveCgroup.isPossible(), "cgroups of this machine cannot be made");
    try (LiveCgroup parent = LiveCgroup.make();
        LiveCgroup stays = parent.child("stays")) {
      stays.limitMemory(700 * MIB);
      LiveCgroup goes = parent.child("goes");
      goes.limitMemory(600 * MIB);
      goes.take(target.pid());
      assertEquals(600 * MIB, limits().tightestCgroup().orElseThrow().limit());
      stays.take(target.pid());
      Limit limit = limits().tightestCgroup().orElseThrow();
      assertEquals(stays.memoryLimitName(), limit.name());
      assertEquals(700 * MIB, limit.limit());
      goes.close();
      LiveCgroup again = parent.child("goes");
      again.limitMemory(500 * MIB);
      again.take(target.pid());
      assertEquals(500 * MIB, limitsNow().tightestCgroup().orElseThrow().limit());
      again.limitMemory(800 * MIB);
      assertEquals(800 * MIB, limitsNow().tightestCgroup().orElseThrow().limit());
      target.close();
    }
  }
}
