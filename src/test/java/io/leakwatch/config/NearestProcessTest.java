package io.leakwatch.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code check} takes a target to mean that means no process. */
class NearestProcessTest {
  private static final List<TargetMatcher.Candidate> PROCESSES =
      List.of(
          candidate("systemd", "/usr/lib/systemd/systemd", "/sbin/init"),
          candidate("redis-server", "/usr/bin/redis-check-rdb", "/usr/bin/redis-server *:6379"),
          candidate("curve-chunkserv", "/usr/bin/curve-chunkserver", "curve-chunkserver -a=1"),
          candidate("bash", "/usr/bin/bash", "-bash"));

  @TempDir Path directory;

  private static TargetMatcher.Candidate candidate(String comm, String exe, String arguments) {
    return new TargetMatcher.Candidate(
        comm, exe, List.of(arguments.split(" ", -1)), List.of("/a.slice/x.service"), "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "program = redis-sever ; 1 ; has a similar name",
        "program = redis ; 1 ; has a similar name",
        "program = chunkserver ; 2 ; has a similar name",
        "program = \"curve-chunkserver|other\", command-line = \"port=\" ; 2 ; matches"
            + " except for command-line",
        "program = redis-server, unit = \"redis.service\", cgroup = b ; 1 ; matches except"
            + " for cgroup and unit",
        "program = other, command-line = \"^(?:.*port=(?<port>\\\\d+))?\" ; -1 ; ''",
        "program = mds ; -1 ; ''",
        "program = postgres ; -1 ; ''",
        "program = bas ; -1 ; ''",
      })
  void shouldNameTheOneThatIsMeantButForAPoint(String target, int index, String but)
      throws Exception {
    Path file = directory.resolve("t.conf");
    Files.writeString(file, "leakwatch.targets = [ { name = x, " + target + " } ]");
    Optional<NearestProcess.Near> near =
        NearestProcess.of(Configuration.load(file).targets().get(0), PROCESSES);
    assertEquals(
        index < 0 ? Optional.empty() : Optional.of(new NearestProcess.Near(index, but)), near);
  }
}
