package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.ContainerNode;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Scrape;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Curve's daemons run in containers; the agent watches them from outside, or from its own one. */
@Tag("acceptance")
class ContainerisedTest {
  /** What the DaemonSet and the unit leave of root's rights. */
  private static final List<String> FEW_RIGHTS =
      List.of("setpriv", "--bounding-set=-all,+sys_ptrace,+dac_read_search", "--inh-caps=-all");

  private static final String LEAK_BYTES_PER_SECOND = "2000000";

  @TempDir Path directory;

  @BeforeEach
  void needsRoot() {
    assumeTrue(ContainerNode.isPossible(), "needs root and a memory cgroup that can be written");
  }

  @Test
  void oneLookShouldSeeIntoTheContainer() throws IOException {
    try (ContainerNode node = ContainerNode.start(directory, 1000, 0, "4", "2000000", "1000")) {
      node.awaitReady();
      assertSeen(node, inspect(node, FEW_RIGHTS));
    }
  }

  @Test
  void oneLookShouldSeeIntoAnotherUserNamespace() throws IOException {
    try (ContainerNode node = ContainerNode.start(directory, 0, 100_000, "4", "2000000", "1000")) {
      node.awaitReady();
      assertSeen(node, inspect(node, FEW_RIGHTS));
    }
  }

  /** The file in the image's place is another one meanwhile, as after an upgrade. */
  @Test
  void oneLookShouldSurviveAReplacedImage() throws IOException {
    try (ContainerNode node = ContainerNode.start(directory, 1000, 0, "4", "2000000", "1000")) {
      node.awaitReady();
      Path inside = Path.of("/proc/" + node.pid() + "/root/curvebs/lib/libc.so.6");
      Files.delete(inside);
      assertEquals(0, Tool.run("", List.of("mkfifo", inside.toString())).status());
      assertSeen(node, inspect(node, FEW_RIGHTS));
    }
  }

  /** The agent's own root has other files, and a pipe where the target's libc would be. */
  @Test
  void agentInAContainerOfItsOwnShouldSeeTheSame() throws IOException {
    try (ContainerNode node = ContainerNode.start(directory, 1000, 0, "4", "2000000", "1000")) {
      node.awaitReady();
      assertSeen(node, inspect(node, ownContainer(directory)));
    }
  }

  @Test
  void daemonShouldCallTheLeakAgainstTheContainersOwnLimit() throws IOException {
    try (ContainerNode node =
        ContainerNode.start(directory, 1000, 0, "4", LEAK_BYTES_PER_SECOND, "1000")) {
      node.awaitReady();
      Path configuration =
          AgentProcess.fastConfiguration(
              directory,
              "targets = [{ name = \"mds-${container}\", program = curvebs-mds, cgroup = docker }]");
      List<String> prefix = new ArrayList<>(ownContainer(directory));
      String name = "mds-" + ContainerNode.SHORT_ID;
      try (AgentProcess agent = AgentProcess.run(configuration, Map.of(), prefix)) {
        Scrape scrape =
            agent.await(
                "the leak", seen -> seen.value(name, "leakwatch_process_alert_severity") >= 1);
        assertTrue(List.of("leak", "growing").contains(scrape.verdict(name)), scrape.verdict(name));
        double seconds =
            scrape
                .find(
                    "leakwatch_process_exhaustion_seconds",
                    one ->
                        one.label("process").equals(name)
                            && one.label("limit").equals(ContainerNode.limitName()))
                .get(0)
                .value();
        double rate = Double.parseDouble(LEAK_BYTES_PER_SECOND);
        assertTrue(seconds > 60 && seconds < 2 * ContainerNode.LIMIT_BYTES / rate, seconds + " s");
        agent.awaitLog(line -> line.contains("reaches " + ContainerNode.limitName()));
        assertEquals(
            ContainerNode.SHORT_ID,
            scrape.of(name, "leakwatch_process_info").get(0).label("container"));
      }
    }
  }

  /** A plain open of the pipe would wait for its writer for ever. */
  @Test
  void pipeInThePlaceOfALibraryShouldNotKeepTheNextDiagnosisWaiting() throws IOException {
    try (ContainerNode node =
        ContainerNode.start(directory, 1000, 0, "4", LEAK_BYTES_PER_SECOND, "1000")) {
      node.awaitReady();
      Path inside = Path.of("/proc/" + node.pid() + "/root/curvebs/lib/libc.so.6");
      Files.delete(inside);
      assertEquals(0, Tool.run("", List.of("mkfifo", inside.toString())).status());
      Path configuration =
          AgentProcess.fastConfiguration(
              directory,
              """
              targets = [{ name = mds, program = curvebs-mds }, { name = lease, program = lease_leak }]
              diagnosis { on-alert = true, span = 1s, timeout = 60s }
              """);
      try (AgentProcess agent = AgentProcess.run(configuration, Map.of(), FEW_RIGHTS)) {
        JsonObject report =
            agent
                .awaitIncident("a diagnosis", one -> isDiagnosed(one, "mds"))
                .getAsJsonObject("report");
        String missing = report.get("missing").toString();
        assertTrue(missing.contains("build of libc: /curvebs/lib/libc.so.6"), missing);
        JsonObject versions = report.getAsJsonObject("versions");
        assertTrue(versions.has("kernel"), versions::toString);
        assertEquals("c0ffee01".repeat(5), versions.get("exe_build_id").getAsString());
        try (CTarget lease = CTarget.start("lease_leak", "20000", "16")) {
          lease.awaitLine("ready");
          JsonObject next =
              agent.awaitIncident("the next diagnosis", one -> isDiagnosed(one, "lease"));
          assertTrue(next.get("suspect").getAsString().contains("Lease"), next::toString);
        }
      }
    }
  }

  private static boolean isDiagnosed(JsonObject incident, String process) {
    return incident.get("process").getAsString().equals(process)
        && incident.getAsJsonObject("report").has("diagnosed_at");
  }

  /** Before anything is started: what will be seen, and what will not. */
  @Test
  void checkShouldTellWhatIsSeenOfTheContainer() throws IOException {
    try (ContainerNode node = ContainerNode.start(directory, 1000, 0, "4", "2000000", "1000")) {
      node.awaitReady();
      List<String> check = new ArrayList<>(FEW_RIGHTS);
      check.addAll(Launcher.command("check"));
      String seen = Tool.run("", check).output();
      assertTrue(
          seen.contains(
              "heap can be read; container "
                  + ContainerNode.SHORT_ID
                  + ", "
                  + ContainerNode.limitName()
                  + " is 768 MiB"),
          seen);
      List<String> blind = new ArrayList<>(List.of("unshare", "--pid", "--fork", "--mount-proc"));
      blind.addAll(List.of("setpriv", "--bounding-set=-all,+sys_ptrace", "--inh-caps=-all"));
      blind.addAll(Launcher.command("check"));
      Tool.Result told = Tool.run("", blind);
      assertEquals(1, told.status(), told.output());
      assertTrue(told.output().contains("WARN  runs in its own PID namespace"), told.output());
      assertTrue(told.output().contains("WARN  CAP_DAC_READ_SEARCH is missing"), told.output());
    }
  }

  private static JsonObject inspect(ContainerNode node, List<String> prefix) throws IOException {
    node.awaitResidentBytes(10_000_000);
    List<String> command = new ArrayList<>(prefix);
    command.addAll(Launcher.command("inspect", Integer.toString(node.pid()), "--json"));
    Tool.Result result = Tool.run("", command);
    assertEquals(0, result.status(), result.output());
    return JsonParser.parseString(result.output().substring(result.output().indexOf('{')))
        .getAsJsonObject();
  }

  private static void assertSeen(ContainerNode node, JsonObject seen) {
    assertEquals("mds", seen.get("name").getAsString());
    assertEquals(ContainerNode.SHORT_ID, seen.get("container").getAsString());
    assertEquals(1, seen.get("inner_pid").getAsInt());
    assertEquals(ContainerNode.PROGRAM, seen.get("exe").getAsString());
    assertEquals("c0ffee01".repeat(5), seen.get("build_id").getAsString());
    JsonObject heap = seen.getAsJsonObject("ptmalloc");
    assertEquals(5, heap.get("arena_count").getAsInt(), heap::toString);
    assertTrue(heap.get("coverage").getAsDouble() >= 0.98, heap::toString);
    assertTrue(heap.get("in_use_bytes").getAsLong() > 100_000, heap::toString);
    assertTrue(
        seen.getAsJsonObject("kinds").getAsJsonObject("arena").get("resident_bytes").getAsLong()
            > 100_000,
        seen::toString);
  }

  /**
   * A command that executes the agent in mount and cgroup namespaces of its own, with the node's
   * /proc and cgroup tree, and with nothing of the node's files but Java and the program.
   */
  private static List<String> ownContainer(Path directory) throws IOException {
    Path root = Files.createDirectories(directory.resolve("agent"));
    String java = System.getProperty("java.home");
    String script =
        """
        set -e
        root=$1; shift
        mount --make-rprivate /
        mount -t tmpfs tmpfs "$root"
        for shared in /proc /sys/fs/cgroup /dev /usr /etc /root "$PWD" "%s" "%s"; do
          mkdir -p "$root$shared"
          mount --rbind "$shared" "$root$shared"
        done
        for link in bin sbin lib lib64; do ln -s usr/$link "$root/$link"; done
        mkdir -p "$root/tmp" "$root/old"
        mkdir -p "$root/curvebs/lib"
        mkfifo "$root/curvebs/lib/libc.so.6"
        here=$PWD
        cd "$root"
        pivot_root . old
        cd "$here"
        exec "$@"
        """
            .formatted(java, directory.toAbsolutePath());
    List<String> command = new ArrayList<>(List.of("unshare", "--mount", "--cgroup"));
    command.addAll(List.of("sh", "-c", script, "sh", root.toString()));
    command.addAll(FEW_RIGHTS);
    return command;
  }
}
