package io.leakwatch.proc;

import static io.leakwatch.proc.Sampled.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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
    assertEquals(1, info.innerPid());
    assertEquals("0a1b2c3d0a1b", info.container());
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
    assertEquals("a) b (c", info.comm());
    assertEquals(
        List.of("/usr/bin/curve-mds", "-confPath=/etc/curve/mds.conf"), info.commandLine());
    assertEquals("", info.exe());
    assertEquals(997, info.uid());
    assertEquals(List.of("/system.slice/curve.service"), info.cgroups());
    assertEquals(Instant.ofEpochSecond(1700000042), info.startTime());
    assertEquals(1, node().pids().length);
    assertInstanceOf(Outcome.Vanished.class, node().identify(43));
  }

  @Test
  void shouldStripDeletedFromExe() throws IOException {
    Files.createSymbolicLink(root.resolve("proc/42/exe"), Path.of("/usr/bin/curve-mds (deleted)"));
    ProcessInfo info = value(node().identify(42));
    assertEquals("/usr/bin/curve-mds", info.exe());
    assertTrue(info.exeDeleted());
  }

  @Test
  void shouldReportAbsentFiguresAsAbsent() {
    try (ProcessReader reader = open()) {
      Status status = value(reader.status());
      assertEquals(900 << 10, status.rssBytes());
      assertEquals(Status.ABSENT, status.rssAnonBytes());
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
    try (ProcessReader reader = open()) {
      return value(reader.limits(value(reader.status()), 77)).ofMemory();
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
