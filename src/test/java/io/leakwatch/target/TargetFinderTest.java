package io.leakwatch.target;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.harness.CTarget;
import io.leakwatch.load.LoadTarget;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a search finds among the processes of this machine, whatever they put into their names. */
class TargetFinderTest {
  /** So late that every process is one that was there before. */
  private static final double LATER = 4e9;

  private static final ProcFs NODE = ProcFs.live();

  @TempDir Path directory;

  private TargetFinder finder(String targets) throws IOException, ConfigurationProblem {
    Path file = directory.resolve("targets.conf");
    Files.writeString(file, "leakwatch.targets = [" + targets + "]");
    return new TargetFinder(NODE, new TargetMatcher(Configuration.load(file).targets()), false);
  }

  @Test
  void aProcessThatWasPassedOverShouldBeFoundOnceItExecutesWhatIsMeant() throws Exception {
    TargetFinder byProgram = finder("{ name = late, program = sleep, command-line = \"4242\" }");
    try (CTarget target =
        CTarget.launch(Map.of(), List.of("sh", "-c", "read go; exec sleep 4242"))) {
      assertEquals(List.of(), byProgram.search(Set.of(), LATER));
      ProcessId before = id(target.pid());
      target.send("go");
      while (id(target.pid()).isSameAs(before)) {
        Thread.onSpinWait();
      }
      List<TargetFinder.Found> found = new ArrayList<>();
      for (int i = 0; i < TargetFinder.SEARCHES_PER_LOOK; i++) {
        List<TargetFinder.Found> seen = byProgram.search(watched(found), LATER);
        found.addAll(seen);
      }
      assertEquals(1, found.size());
      assertEquals(target.pid(), found.get(0).info().id().pid());
      assertEquals(List.of(), byProgram.search(watched(found), LATER));
    }
  }

  private static Set<Integer> watched(List<TargetFinder.Found> found) {
    return found.stream().map(one -> one.info().id().pid()).collect(Collectors.toSet());
  }

  private static ProcessId id(int pid) {
    return ((Outcome.Sampled<ProcessId>) NODE.id(pid)).value();
  }

  @Test
  void aProcessShouldNotBeAskedWhereItsArgumentsGiveNoAddress() throws Exception {
    TargetFinder finder =
        finder(
            """
            { name = "store-${port}", program = sleep, command-line = "--port=(?<port>\\\\d+)"
              load { url = "http://127.0.0.1:${port}/metrics" } }
            """);
    for (String port : List.of("99999999999", "70000", "8080")) {
      try (CTarget target =
          CTarget.launch(
              Map.of(), List.of("bash", "-c", "exec -a 'sleep --port=" + port + "' sleep 300"))) {
        while (!isSleep(target.pid())) {
          Thread.onSpinWait();
        }
        List<TargetFinder.Found> found = finder.search(Set.of(), LATER);
        assertEquals(List.of("store-" + port), found.stream().map(f -> f.name()).toList());
        LoadTarget load = found.get(0).load().orElseThrow();
        assertEquals(port.equals("8080"), load.address().isPresent());
        assertEquals(port.equals("8080"), load.problem().isEmpty());
      }
    }
  }

  /** The kernel renames a process before its new arguments are in place. */
  private static boolean isSleep(int pid) throws IOException {
    return NODE.glance(pid) instanceof Outcome.Sampled<ProcFs.Glance> glance
        && glance.value().comm().equals("sleep")
        && Files.readString(Path.of("/proc/" + pid + "/cmdline")).startsWith("sleep --port=");
  }
}
