package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.LiveCgroup;
import io.leakwatch.harness.Scrape;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that run into a limit while their own memory stays level, under the whole daemon. */
@Tag("acceptance")
class ResourceLiveTest {
  private static final long MIB = 1 << 20;

  private static AgentProcess watch(Path directory, CTarget target, String name) {
    return AgentProcess.run(
        AgentProcess.fastConfiguration(
            directory, "targets = [ { name = server, program = " + name + " } ]"));
  }

  /** Awaits that it is reported as growing into a limit. */
  private static JsonObject awaitAlert(AgentProcess agent, String limit) throws IOException {
    agent.await(
        "an alert with " + limit,
        scrape ->
            scrape.verdict("server").equals("growing")
                && scrape.value("server", "leakwatch_process_alert_severity") > 0
                && exhaustionSeconds(scrape, limit) < 3600);
    return JsonParser.parseString(agent.get("/api/v1/processes/server")).getAsJsonObject();
  }

  private static double exhaustionSeconds(Scrape scrape, String limit) {
    List<Scrape.Series> found =
        scrape.find(
            "leakwatch_process_exhaustion_seconds",
            one -> one.label("limit").startsWith(limit) && one.label("process").equals("server"));
    return found.isEmpty() ? Double.POSITIVE_INFINITY : found.get(0).value();
  }

  private static String reasons(JsonObject process) {
    return process.getAsJsonArray("reasons").toString();
  }

  private static JsonObject inspect(CTarget target) {
    Tool.Result result =
        Tool.run(
            "", Launcher.command(List.of(), "inspect", Integer.toString(target.pid()), "--json"));
    assertEquals(0, result.status(), result::output);
    return JsonParser.parseString(result.output()).getAsJsonObject();
  }

  private static String most(JsonObject inspected, String resource) {
    for (JsonElement one : inspected.getAsJsonArray("resources")) {
      JsonObject use = one.getAsJsonObject();
      if (use.get("resource").getAsString().equals(resource)) {
        return use.has("most") ? use.get("most").getAsString() : "";
      }
    }
    return "absent";
  }

  @Test
  void mappingsOfDeletedFilesShouldBeReportedWithTheirLimit(@TempDir Path directory)
      throws IOException {
    Path files = Files.createTempDirectory(Path.of("/dev/shm"), "leakwatch-test");
    try (CTarget target = CTarget.start("deleted_maps", files.toString(), "30000", "500")) {
      target.awaitLine("ready");
      try (AgentProcess agent = watch(directory, target, "deleted_maps")) {
        JsonObject process = awaitAlert(agent, "vm.max_map_count");
        String reasons = reasons(process);
        assertTrue(reasons.contains("mappings +"), reasons);
        assertTrue(reasons.contains("vm.max_map_count"), reasons);
        agent.await("their names", scrape -> namesDeletedFiles(agent));
      }
    } finally {
      Files.deleteIfExists(files);
    }
  }

  private static boolean namesDeletedFiles(AgentProcess agent) {
    try {
      return agent.get("/api/v1/processes/server").contains("mappings of deleted *.dvd files");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Each with a name of its own. */
  @Test
  void fiftyThousandMappingsShouldBeReadInSecondsAndInTheDaemonsHeap(@TempDir Path directory)
      throws IOException {
    Path files = Files.createTempDirectory(Path.of("/dev/shm"), "leakwatch-test");
    try (CTarget target = CTarget.start("deleted_maps", files.toString(), "50000", "1")) {
      target.awaitLine("ready");
      long begin = System.nanoTime();
      JsonObject seen = inspect(target);
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      assertTrue(took.toSeconds() < 20, took::toString);
      assertTrue(seen.get("mapping_count").getAsInt() > 50_000);
      assertTrue(most(seen, "mappings").startsWith("mappings of deleted *.dvd files"));
      try (AgentProcess agent = watch(directory, target, "deleted_maps")) {
        agent.await(
            "its mappings",
            scrape ->
                !scrape
                    .find(
                        "leakwatch_process_resource_used",
                        one -> one.label("resource").equals("mappings") && one.value() > 50_000)
                    .isEmpty());
        agent.awaitRounds(20);
        assertFalse(agent.log().stream().anyMatch(line -> line.contains("OutOfMemory")));
      }
    } finally {
      Files.deleteIfExists(files);
    }
  }

  @Test
  void stacksOfThreadsThatNobodyJoinsShouldBeReportedWithTheirLimit(@TempDir Path directory)
      throws IOException {
    try (CTarget target = CTarget.start("unjoined_threads", "250")) {
      target.awaitLine("ready");
      try (AgentProcess agent = watch(directory, target, "unjoined_threads")) {
        agent.await(
            "an alert with vm.max_map_count",
            scrape ->
                List.of("growing", "leak").contains(scrape.verdict("server"))
                    && scrape.value("server", "leakwatch_process_alert_severity") > 0
                    && exhaustionSeconds(scrape, "vm.max_map_count") < 600);
        agent.await("what they are", scrape -> namesStacks(agent));
      }
      JsonObject seen = inspect(target);
      while (target.isAlive() && !most(seen, "mappings").contains("while it has 1 thread")) {
        seen = inspect(target); // One that was just made may still run.
      }
      JsonObject kinds = seen.getAsJsonObject("kinds");
      assertTrue(kinds.getAsJsonObject("thread_stack").get("count").getAsInt() > 1000);
      assertFalse(kinds.has("arena"), kinds::toString);
      assertTrue(most(seen, "mappings").contains("thread stacks, while it has 1 thread"));
    }
  }

  private static boolean namesStacks(AgentProcess agent) {
    try {
      return agent
          .get("/api/v1/processes/server")
          .contains("mappings of thread stacks, while it has 1 thread");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void sharedMemoryThatNobodyMapsShouldBeReportedWithTheCgroupsLimit(@TempDir Path directory)
      throws IOException {
    assumeTrue(LiveCgroup.isPossible(), "cgroups of this machine cannot be made");
    try (LiveCgroup cgroup = LiveCgroup.make();
        CTarget target = CTarget.start("unmapped_memory", "4", "280")) {
      target.awaitLine("ready");
      cgroup.limitMemory(300 * MIB);
      cgroup.take(target.pid());
      try (AgentProcess agent = watch(directory, target, "unmapped_memory")) {
        agent.await("its first sample", scrape -> !scrape.verdict("server").isEmpty());
        target.send("go");
        JsonObject process = awaitAlert(agent, cgroup.memoryLimitName());
        assertTrue(reasons(process).contains("memory of the cgroup +"), reasons(process));
        agent.await("what it is", scrape -> namesMemfd(agent, target));
      }
      JsonObject seen = inspect(target);
      assertTrue(most(seen, "cgroup").contains("shared memory that no process maps"));
      target.close();
    }
  }

  private static boolean namesMemfd(AgentProcess agent, CTarget target) {
    try {
      String process = agent.get("/api/v1/processes/server");
      return process.contains("shared memory that no process maps")
          && process.contains("of pid " + target.pid() + " (memfd:pane buffer)");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
