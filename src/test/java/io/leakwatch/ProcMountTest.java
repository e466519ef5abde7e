package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Scrape;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Under a /proc as hardening guides mount it, and as a job that hears no signals. */
@Tag("acceptance")
class ProcMountTest {
  private static final String MOUNT =
      "mount --make-rprivate / && mount -t proc -o %s proc /proc && cd / && exec \"$@\"";
  private static final String ROOT = "0";
  private static final String NOBODY = "65534";

  @TempDir private static Path program;
  private static List<String> settings;

  @TempDir private Path directory;

  @BeforeAll
  static void copyForOthers() {
    Path script = Launcher.copy(program);
    settings = List.of("LEAKWATCH_HOME=" + program, "LAUNCHER=" + script);
  }

  @BeforeEach
  void needsMounts() throws IOException {
    Tool.Result probe =
        Tool.run("", under("subset=pid", ROOT, List.of("test", "!", "-e", "/proc/meminfo")));
    assumeTrue(
        probe.status() == 0,
        "CAP_SYS_ADMIN and subset=pid (Linux 5.8) are needed: " + probe.output().strip());
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  private static List<String> under(String options, String user, List<String> program) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("unshare", "--mount", "sh", "-c", MOUNT.formatted(options), "sh"));
    command.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"));
    command.addAll(program);
    return command;
  }

  private Path configuration() {
    return AgentProcess.fastConfiguration(
        directory, "targets = [ { name = many, program = many_mappings } ]\n");
  }

  private Tool.Result check(String options, String user) {
    return Tool.run(
        "",
        under(
            options,
            user,
            Launcher.command(settings, "check", "--config.file", configuration().toString())));
  }

  @ParameterizedTest
  @CsvSource({ROOT, NOBODY})
  void checkShouldNameWhatHidepidHides(String user) {
    Tool.Result checked = check("hidepid=2", user);
    boolean warned =
        checked
            .output()
            .lines()
            .filter(line -> line.startsWith("WARN"))
            .anyMatch(line -> !line.contains("PID namespace")); // As these tests may run in.
    assertEquals(user.equals(NOBODY), warned, checked.output());
    assertEquals(user.equals(NOBODY), checked.output().contains("mounted with hidepid"));
    assertFalse(
        user.equals(NOBODY) && checked.output().contains("sees all processes"), checked.output());
  }

  @ParameterizedTest
  @CsvSource({ROOT, NOBODY})
  void aHiddenProcessShouldNotBeSaidToBeNone(String user) {
    String pid = user.equals(NOBODY) ? "1" : "999999999";
    Tool.Result asked =
        Tool.run("", under("hidepid=2", user, Launcher.command(settings, "inspect", pid)));
    assertEquals(3, asked.status(), asked.output());
    assertEquals(user.equals(NOBODY), asked.output().contains("hidepid"), asked.output());
  }

  @ParameterizedTest
  @CsvSource({ROOT, NOBODY})
  void checkShouldSayInOneLineThatTheNodeIsNotShown(String user) {
    Tool.Result checked = check("subset=pid", user);
    assertEquals(1, checked.status(), checked.output());
    List<String> lines =
        checked.output().lines().filter(line -> line.contains("subset=pid")).toList();
    assertEquals(1, lines.size(), checked.output());
    assertTrue(
        checked.output().lines().allMatch(line -> line.matches("(ok  |WARN)  .*")),
        checked.output());
  }

  @ParameterizedTest
  @CsvSource({"subset=pid, " + ROOT, "subset=pid, " + NOBODY, "hidepid=2, " + NOBODY})
  void theAgentShouldGoOnAndWatchWhatItCan(String options, String user) throws IOException {
    Path configuration = configuration();
    try (CTarget target =
            CTarget.launch(
                Map.of(),
                under(
                    "hidepid=0",
                    user,
                    List.of(CTarget.compile("many_mappings").toAbsolutePath().toString(), "10")));
        AgentProcess agent =
            AgentProcess.run(
                configuration,
                Map.of(
                    "LEAKWATCH_HOME", program.toString(), "LAUNCHER", settings.get(1).substring(9)),
                under(options, user, List.of()))) {
      target.awaitLine("ready");
      Scrape scrape = agent.await("the process", seen -> seen.mentions("many"));
      assertEquals(1, scrape.value("many", "leakwatch_process_up"));
      scrape = agent.awaitRounds(8);
      assertTrue(scrape.value("many", "leakwatch_process_anonymous_bytes") > 0);
      assertTrue(scrape.value("many", "leakwatch_process_start_time_seconds") > 1.5e9);
      assertTrue(scrape.value("many", "leakwatch_process_start_time_seconds") < 4e9);
      assertEquals(
          options.equals("subset=pid") ? 1 : 0,
          agent.log().stream().filter(line -> line.contains("subset=pid")).count());
      assertFalse(String.join("\n", agent.log()).contains("Exception"), agent.log()::toString);
    }
  }

  @Test
  void theAgentShouldSayThatASignalIsIgnored() throws IOException {
    List<String> nohup = List.of("sh", "-c", "trap '' HUP; exec \"$@\"", "sh");
    try (AgentProcess agent = AgentProcess.run(configuration(), Map.of(), nohup)) {
      String told = agent.awaitLog(line -> line.contains("SIGHUP was ignored"));
      assertTrue(told.contains("does not make the agent reload"), told);
      agent.awaitRounds(1);
    }
    List<String> check = new ArrayList<>(nohup);
    check.addAll(Launcher.command("check", "--config.file", configuration().toString()));
    Tool.Result checked = Tool.run("", check);
    assertEquals(1, checked.status(), checked.output());
    assertTrue(checked.output().contains("WARN  SIGHUP was ignored"), checked.output());
    assertFalse(checked.output().contains("SIGTERM"), checked.output());
  }
}
