package io.leakwatch.proc;

import static io.leakwatch.proc.Sampled.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.proc.file.KeptFile;
import io.leakwatch.proc.file.KeyedText;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.OwnPermissions;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.Limit;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.proc.limits.NodeFigures;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.ReadBuffers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that are not at hand: cgroup v1 and v2, odd names, a pid that changes its holder. */
final class FixtureNodeTest {
  private static final String STATUS =
      """
      Name:\tcurve-mds
      Uid:\t0\t997\t0\t0
      VmSize:\t 2000 kB
      VmRSS:\t  900 kB
      VmData:\t  700 kB
      Threads:\t12
      """;

  @TempDir Path root;

  @BeforeEach
  void makeNode() throws IOException {
    write("proc/sys/kernel/random/boot_id", "b00t\n");
    write("proc/stat", "cpu 1 2 3\nbtime 1700000000\n");
    write("proc/meminfo", "MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:  400 kB\n");
    write("proc/sys/vm/max_map_count", "65530\n");
    write("proc/42/stat", stat(4200));
    write("proc/42/status", STATUS);
    write("proc/42/cmdline", "/usr/bin/curve-mds\0-confPath=/etc/curve/mds.conf\0");
    write(
        "proc/42/limits",
        "Limit   Soft   Hard\nMax data size   4096   unlimited   bytes\n"
            + "Max address space   unlimited   unlimited   bytes\n");
    write("proc/42/cgroup", "0::/system.slice/curve.service\n");
    write("proc/self/status", "Name:\tjava\nCapEff:\t0000000000080000\n");
  }

  @Test
  void shouldTellTheContainerAndThePidThere() throws IOException {
    write("proc/42/status", STATUS + "NSpid:\t42\t17\t1\n");
    write("proc/42/cgroup", "4:memory:/docker/" + "0a1b2c3d".repeat(8) + "\n0::/\n");
    ProcessInfo info = value(node().identify(42));
    assertEquals(1, info.place().innerPid());
    assertEquals("0a1b2c3d0a1b", info.place().container());
  }

  private static String stat(long startTicks) {
    return "42 (a) b (c) S 1 42 42 0 -1 4194560 1 2 3 4 50 7 0 0 20 0 12 0 "
        + startTicks
        + " 9 9\n";
  }

  @Test
  void shouldTellWhoAProcessIs() {
    ProcessInfo info = value(node().identify(42));
    assertEquals(new ProcessId(42, 4200, "b00t", 0), info.id());
    assertEquals("a) b (c", info.program().comm());
    assertEquals(
        List.of("/usr/bin/curve-mds", "-confPath=/etc/curve/mds.conf"),
        info.program().commandLine());
    assertEquals("", info.program().exe());
    assertEquals(997, info.uid());
    assertEquals(List.of("/system.slice/curve.service"), info.place().cgroups());
    assertEquals(Instant.ofEpochSecond(1700000042), info.startTime());
    assertEquals(1, node().pids().length);
    assertInstanceOf(Outcome.Vanished.class, node().identify(43));
  }

  @Test
  void shouldStripDeletedFromExe() throws IOException {
    Files.createSymbolicLink(root.resolve("proc/42/exe"), Path.of("/usr/bin/curve-mds (deleted)"));
    ProcessInfo info = value(node().identify(42));
    assertEquals("/usr/bin/curve-mds", info.program().exe());
    assertTrue(info.program().exeDeleted());
  }

  @Test
  void shouldReportAbsentFiguresAsAbsent() {
    try (ProcessReader reader = open()) {
      Status status = value(reader.status());
      assertEquals(900 << 10, status.rss().bytes());
      assertEquals(Status.ABSENT, status.rss().anonBytes());
      assertEquals(12, status.threads());
      assertEquals(57, status.cpuTicks());
    }
  }

  @Test
  void shouldFindLimitsOfAllAncestorsInVersionTwo() throws IOException {
    write("cg/system.slice/curve.service/memory.max", "max\n");
    write("cg/system.slice/curve.service/memory.high", "800\n");
    write("cg/system.slice/curve.service/memory.current", "500\n");
    write("cg/system.slice/curve.service/memory.stat", "anon 100\ninactive_file 120\n");
    write("cg/system.slice/memory.max", "9000\n");
    write("cg/system.slice/memory.current", "6000\n");
    assertEquals(
        List.of(
            new Limit("memory.high of /system.slice/curve.service", Limit.Unit.BYTES, 800, 380),
            new Limit("memory.max of /system.slice", Limit.Unit.BYTES, 9000, 6000),
            new Limit("RLIMIT_DATA", Limit.Unit.BYTES, 4096, 700 << 10),
            new Limit("MemAvailable of the node", Limit.Unit.BYTES, 1000 << 10, 600 << 10),
            new Limit("vm.max_map_count", Limit.Unit.MAPPINGS, 65530, 77)),
        limits());
  }

  @Test
  void shouldFindLimitsInVersionOneAndInHybridTrees() throws IOException {
    write("proc/42/cgroup", "4:memory:/docker/ab\n1:cpu,cpuacct:/docker/ab\n0::/\n");
    write("cg/unified/cgroup.procs", "");
    write("cg/memory/docker/ab/memory.limit_in_bytes", "7000\n");
    write("cg/memory/docker/ab/memory.usage_in_bytes", "3000\n");
    write("cg/memory/docker/ab/memory.stat", "inactive_file 1\ntotal_inactive_file 1000\n");
    write("cg/memory/docker/memory.limit_in_bytes", "9223372036854771712\n");
    write("cg/memory/docker/memory.usage_in_bytes", "3000\n");
    assertEquals(
        new Limit("memory.limit_in_bytes of /docker/ab", Limit.Unit.BYTES, 7000, 2000),
        limits().get(0));
    assertEquals(4, limits().size());
  }

  /** A memfd behind a descriptor is in the cgroup's figures and in no process'. */
  @Test
  void shouldTellOfSharedMemoryThatNoProcessMapsInBothVersions() throws IOException {
    write("cg/system.slice/curve.service/memory.max", "9000\n");
    write("cg/system.slice/curve.service/memory.current", "6144\n");
    write("cg/system.slice/curve.service/memory.stat", "anon 900\nshmem 4608\nfile_mapped 512\n");
    Limit bound = limits().get(0);
    assertEquals("shared memory that no process maps (4 KiB)", bound.what());
    assertEquals(6144, bound.used());
    write("cg/system.slice/curve.service/memory.stat", "anon 900\nshmem 4608\nfile_mapped 3072\n");
    assertEquals("", limits().get(0).what());

    write("proc/42/cgroup", "4:memory:/docker/ab\n1:cpu,cpuacct:/docker/ab\n0::/\n");
    write("cg/unified/cgroup.procs", "");
    write("cg/memory/docker/ab/memory.limit_in_bytes", "7000\n");
    write("cg/memory/docker/ab/memory.usage_in_bytes", "4096\n");
    write(
        "cg/memory/docker/ab/memory.stat",
        "shmem 1\ntotal_shmem 3072\ntotal_mapped_file 0\ntotal_inactive_file 0\n");
    assertEquals("shared memory that no process maps (3 KiB)", limits().get(0).what());
  }

  @Test
  void shouldFindTheLimitOfAContainerThatSeesOnlyItsOwnTree() throws IOException {
    for (String path : List.of("/kubepods/pod1/c1/app", "/../../app")) {
      write("proc/42/cgroup", "0::" + path + "\n");
      write("cg/memory.max", "5000\n");
      write("cg/memory.current", "10\n");
      write("cg/app/memory.max", "4000\n");
      write("cg/app/memory.current", "9\n");
      assertEquals("memory.max of /app", limits().get(0).name());
      assertEquals(new Limit("memory.max of /", Limit.Unit.BYTES, 5000, 10), limits().get(1));
    }
  }

  /** The agent's own container has a cgroup namespace, and the node's tree mounted whole. */
  @Test
  void shouldFindLimitsOfANeighbourFromWithinAContainer() throws IOException {
    Files.delete(root.resolve("proc/self/status"));
    Files.delete(root.resolve("proc/self"));
    write("proc/7/cgroup", "0::/\n");
    Files.createSymbolicLink(root.resolve("proc/self"), Path.of("7"));
    write("proc/42/cgroup", "0::/../../pod2/c2\n");
    write("cg/cgroup.procs", "");
    write("cg/kube/cgroup.procs", "1\n");
    write("cg/kube/pod1/c1/cgroup.procs", "71\n7\n");
    write("cg/kube/pod2/c2/memory.max", "5000\n");
    write("cg/kube/pod2/c2/memory.current", "10\n");
    write("cg/kube/pod2/memory.max", "6000\n");
    write("cg/kube/pod2/memory.current", "11\n");
    write("cg/pod2/c2/memory.max", "1\n");
    write("cg/pod2/c2/memory.current", "1\n");
    assertEquals(
        List.of(
            new Limit("memory.max of /kube/pod2/c2", Limit.Unit.BYTES, 5000, 10),
            new Limit("memory.max of /kube/pod2", Limit.Unit.BYTES, 6000, 11)),
        limits().subList(0, 2));
  }

  /**
   * Page cache that is clean and slab memory can be dropped; all else must be written somewhere.
   */
  @Test
  void onlyWhatTheKernelCanDropShouldNotCountAsUsed() throws IOException {
    write("cg/system.slice/curve.service/memory.max", "20000\n");
    write("cg/system.slice/curve.service/memory.current", "10000\n");
    write(
        "cg/system.slice/curve.service/memory.stat",
        "anon 900\nfile 6000\nshmem 2000\nfile_dirty 300\nfile_writeback 200\ninactive_anon 5\n"
            + "inactive_file 2000\nactive_file 1500\nunevictable 500\nslab_reclaimable 100\n");
    assertEquals(6900, limits().get(0).used());
    write("cg/system.slice/curve.service/memory.stat", "inactive_file 20\nfile_dirty 300\n");
    assertEquals(10_000, limits().get(0).used());
    write("cg/system.slice/curve.service/memory.stat", "inactive_file 90000\n");
    assertEquals(0, limits().get(0).used());
    Files.delete(root.resolve("cg/system.slice/curve.service/memory.current"));
    assertEquals("RLIMIT_DATA", limits().get(0).name());
  }

  @Test
  void dirtyPagesShouldCountInVersionOneToo() throws IOException {
    write("proc/42/cgroup", "4:memory:/docker/ab\n");
    write("cg/memory/docker/ab/memory.limit_in_bytes", "7000\n");
    write("cg/memory/docker/ab/memory.usage_in_bytes", "3000\n");
    write(
        "cg/memory/docker/ab/memory.stat",
        "inactive_file 1\ndirty 2\ntotal_shmem 800\ntotal_dirty 300\ntotal_writeback 100\n"
            + "total_inactive_file 1000\ntotal_active_file 500\ntotal_unevictable 50\n");
    assertEquals(3000 - 1100, limits().get(0).used());
  }

  /** memory.use_hierarchy is 0 by default before Linux 5.11. */
  @Test
  void anAncestorThatDoesNotCountItsChildrenShouldBoundNobodyBelow() throws IOException {
    write("proc/42/cgroup", "4:memory:/a/b/c\n");
    for (String cgroup : List.of("a", "a/b", "a/b/c")) {
      write("cg/memory/" + cgroup + "/memory.limit_in_bytes", "7000\n");
      write("cg/memory/" + cgroup + "/memory.usage_in_bytes", "3000\n");
      write("cg/memory/" + cgroup + "/memory.use_hierarchy", cgroup.equals("a/b") ? "1\n" : "0\n");
    }
    assertEquals(
        List.of("memory.limit_in_bytes of /a/b/c", "memory.limit_in_bytes of /a/b"),
        all().memory().cgroups().stream().map(Limit::name).toList());
  }

  @Test
  void theCgroupWithTheSmallestShareLeftShouldBeTheTightest() throws IOException {
    write("cg/system.slice/curve.service/memory.max", "1000\n");
    write("cg/system.slice/curve.service/memory.current", "500\n");
    write("cg/system.slice/memory.max", "100000\n");
    write("cg/system.slice/memory.current", "90000\n");
    assertEquals(
        new Limit("memory.max of /system.slice", Limit.Unit.BYTES, 100_000, 90_000),
        all().tightestCgroup().orElseThrow());
  }

  @Test
  void threadsShouldBeBoundedByEveryCgroupAndByTheNode() throws IOException {
    write("proc/loadavg", "0.20 0.18 0.12 3/900 15148\n");
    write("proc/sys/kernel/threads-max", "4000\n");
    write("proc/sys/kernel/pid_max", "32768\n");
    write("cg/system.slice/curve.service/pids.max", "max\n");
    write("cg/system.slice/curve.service/pids.current", "12\n");
    write("cg/system.slice/pids.max", "100\n");
    write("cg/system.slice/pids.current", "60\n");
    assertEquals(
        List.of(
            new Limit("pids.max of /system.slice", Limit.Unit.THREADS, 100, 60),
            new Limit("kernel.threads-max", Limit.Unit.THREADS, 4000, 900),
            new Limit("kernel.pid_max", Limit.Unit.THREADS, 32_768, 900)),
        all().threads());
    assertEquals(40, all().tightestThreads().orElseThrow().headroom());
    write("proc/42/cgroup", "8:pids:/pod\n0::/\n");
    write("cg/pids/pod/pids.max", "50\n");
    write("cg/pids/pod/pids.current", "49\n");
    assertEquals("pids.max of /pod", all().tightestThreads().orElseThrow().name());
  }

  @Test
  void theResourceLimitOnThreadsShouldBindOrdinaryUsersAlone() throws IOException {
    String limits = "Limit   Soft   Hard\nMax processes   30   30   processes\n";
    write("proc/42/limits", limits);
    for (String[] whoAndLimits :
        new String[][] {
          {"Uid:\t997\t997\nThreads:\t12\nCapEff:\t0000000000000400\n", "1"},
          {"Uid:\t997\t0\nThreads:\t12\n", "1"},
          {"Uid:\t0\t997\nThreads:\t12\n", "0"},
          {"Uid:\t997\t997\nThreads:\t12\nCapEff:\t0000000001000000\n", "0"},
          {"Uid:\t997\t997\nThreads:\t12\nCapEff:\t0000000000200000\n", "0"},
          {"Threads:\t12\n", "0"}
        }) {
      write("proc/42/status", "Name:\tmds\n" + whoAndLimits[0]);
      assertEquals(Integer.parseInt(whoAndLimits[1]), all().threads().size(), whoAndLimits[0]);
    }
  }

  @Test
  void whatIsNotToldShouldBeAbsent() throws IOException {
    for (String file : List.of("meminfo", "sys/vm/max_map_count", "42/limits", "42/cgroup")) {
      Files.delete(root.resolve("proc").resolve(file));
    }
    assertEquals(Limits.UNKNOWN, all());
  }

  @Test
  void ageShouldCountFromTheStartInTicksSinceBoot() throws IOException {
    write("proc/uptime", "100.25 180.11\n");
    assertEquals(58.25, all().ageSeconds(), 0.1);
    write("proc/uptime", "7.00 1.00\n"); // As a container's own.
    assertTrue(Double.isNaN(all().ageSeconds()));
  }

  /** A limit that prlimit(1) has changed, or the program itself as it starts. */
  @Test
  void resourceLimitsShouldBeReadAnewNowAndThenAndSoonerWhereItMatters() throws IOException {
    writeDataLimit(2000);
    try (ProcessReader reader = open()) {
      assertEquals(2000 << 10, dataLimit(reader));
      writeDataLimit(1000);
      for (int i = 0; i < 9; i++) {
        assertEquals(2000 << 10, dataLimit(reader));
      }
      assertEquals(1000 << 10, dataLimit(reader));
      writeDataLimit(2500);
      assertEquals(2500 << 10, dataLimit(reader), "700 of 1000 were used");
      writeDataLimit(3000);
      assertEquals(2500 << 10, dataLimit(reader));
    }
    write("proc/uptime", "600.00 1.00\n"); // The process began at 42 s.
    try (ProcessReader reader = open()) {
      assertEquals(3000 << 10, dataLimit(reader));
      writeDataLimit(4000);
      assertEquals(4000 << 10, dataLimit(reader));
    }
  }

  private static long dataLimit(ProcessReader reader) {
    return value(reader.limits(value(reader.status()), 1)).memory().data().orElseThrow().limit();
  }

  private void writeDataLimit(int kilobytes) throws IOException {
    write(
        "proc/42/limits",
        "Limit   Soft   Hard\nMax data size   " + (kilobytes << 10) + "  9  bytes\n");
  }

  @Test
  void aFileThatIsNotThereShouldBeAskedForAgainAfterAWhile() throws IOException {
    byte[] text = new byte[16];
    ByteBuffer scratch = ByteBuffer.allocateDirect(16);
    try (KeptFile file = new KeptFile(root.resolve("late"))) {
      assertEquals(-1, file.read(scratch, text));
      write("late", "7\n");
      for (int i = 0; i < KeptFile.RESTS; i++) {
        assertEquals(-1, file.read(scratch, text));
      }
      assertEquals(7, KeyedText.number(text, file.read(scratch, text)));
      write("late", "max\n");
      assertEquals(-1, KeyedText.number(text, file.read(scratch, text)));
    }
  }

  /** /proc/PID/task says 0 bytes as /proc/PID/fd does before Linux 6.2. */
  @Test
  void descriptorsShouldBeListedWhereTheKernelDoesNotCountThem() throws IOException {
    Files.createSymbolicLink(root.resolve("fd"), Path.of("/proc/self/task"));
    DescriptorCount count = new DescriptorCount(root);
    assertEquals(Status.ABSENT, count.told());
    long threads = count.now(System.nanoTime());
    assertTrue(threads > 1, threads + " entries");
    assertEquals(Status.ABSENT, count.now(System.nanoTime()));
    assertEquals(Status.ABSENT, new DescriptorCount(root.resolve("none")).now(System.nanoTime()));
  }

  @Test
  void shouldKnowReleasesThatReadMapsWithoutALock() {
    for (String release : List.of("6.17.0", "6.18.44-fc-v669", "7.2.0-rc1+", "10.1")) {
      assertTrue(NodeFigures.isSince(6, 17, release), release);
    }
    for (String release : List.of("", "6.1.0-28-amd64", "6.16.9", "5.18.0", "x", "6")) {
      assertFalse(NodeFigures.isSince(6, 17, release), release);
    }
  }

  @Test
  void shouldDropWhatWasReadWhenThePidHasANewHolder() throws IOException {
    write("proc/42/smaps", "7f0000000000-7f0000021000 rw-p 00000000 00:00 0\nRss:  4 kB\n");
    try (ProcessReader reader = open()) {
      MappingTable table = new MappingTable();
      assertEquals(1, value(reader.smaps(table, ReadMeter.UNPACED)).size());
      write("proc/42/stat", stat(4300));
      assertInstanceOf(Outcome.Vanished.class, reader.smaps(table, ReadMeter.UNPACED));
      assertInstanceOf(Outcome.Vanished.class, reader.status());
      assertInstanceOf(Outcome.Vanished.class, node().open(new ProcessId(42, 4200, "b00t", 0)));
    }
  }

  @Test
  void shouldSkipALineThatIsLongerThanItsBuffer() throws IOException {
    write(
        "proc/42/maps",
        "7f0000000000-7f0000001000 rw-p 00000000 00:00 0 "
            + "x".repeat(3 * ReadBuffers.TEXT_BYTES)
            + "\n7f0000001000-7f0000002000 rw-p 00000000 00:00 0 good\n");
    try (ProcessReader reader = open()) {
      MappingTable table = value(reader.maps(new MappingTable(), ReadMeter.UNPACED));
      assertEquals(1, table.size());
      assertEquals("good", table.name(0));
      assertEquals(1, table.malformedLines());
    }
  }

  @Test
  void shouldTellOwnPermissionsAndWeight() throws IOException {
    OwnPermissions own = node().ownPermissions();
    assertEquals(new OwnPermissions(true, false, false, -1), own);
    write("proc/sys/kernel/yama/ptrace_scope", "3\n");
    assertEquals("kernel.yama.ptrace_scope below 3", node().ownPermissions().missingToReadMemory());
    write("proc/self/cgroup", "0::/system.slice/leakwatch.service\n");
    write("cg/system.slice/leakwatch.service/cpu.weight", "100\n");
    write("cg/system.slice/cpu.weight", "5\n");
    assertEquals(0.05, node().ownCpuWeight());
  }

  private List<Limit> limits() {
    return all().ofMemory();
  }

  private Limits all() {
    try (ProcessReader reader = open()) {
      return value(reader.limits(value(reader.status()), 77));
    }
  }

  private ProcFs node() {
    return new ProcFs(root.resolve("proc"), root.resolve("cg"));
  }

  private ProcessReader open() {
    return value(node().open(new ProcessId(42, 4200, "b00t", 0)));
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
