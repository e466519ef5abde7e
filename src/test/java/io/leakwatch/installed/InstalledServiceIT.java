package io.leakwatch.installed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.DebianNode;
import io.leakwatch.harness.Scrape;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * The life of the package on a node with a real systemd, from installation to purge. The tests are
 * one story: each begins where the one before it has ended.
 */
@Tag("acceptance")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class InstalledServiceIT {
  private static final String UNIT = "leakwatch.service";
  private static final String GATEWAY = "leakwatch-gateway.service";
  private static final String CONFIGURATION = "/etc/leakwatch/leakwatch.conf";

  /** CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH. */
  private static final String CAPABILITIES = "0000000000080004";

  private static final String NO_CAPABILITIES = "0000000000000000";

  private static final double EXPOSURE_MAX = 1.5;

  private static final String LOAD_UP = "leakwatch_process_load_up";
  private static final long STOP_MICROS_MAX = 2_000_000;
  private static final List<String> LEAKS = List.of("leak-root", "leak-daemon");

  /**
   * At the pace of the trial; both leaks are the same program under different users. The store
   * tells its load, and takes whatever it is sent for a request.
   */
  private static String fast(String storePort) {
    return """
      include file("/etc/leakwatch/fast.conf")
      leakwatch {
        targets = [
          { name = leak-root, program = leak_threads, unit = "leak-root\\\\.service" }
          { name = leak-daemon, program = leak_threads, unit = "leak-daemon\\\\.service" }
          { name = store, program = metrics_server, load { metrics = [app_sessions] } }
        ]
        alert.webhooks = ["http://127.0.0.1:%s/hook"]
        sampling.watch-self = false
        history.path = /var/lib/leakwatch/history.db
        export.listen-address = ":9870"
      }
      """
        .formatted(storePort);
  }

  private Path deb;
  private DebianNode node;
  private String fast = "";
  private boolean brokenOff;
  private boolean memoryIsLimited;

  @RegisterExtension
  final TestExecutionExceptionHandler atFailure =
      (context, failure) -> {
        if (!brokenOff && node != null) {
          failure.addSuppressed(
              new AssertionError(
                  "the journals:\n" + node.journal(UNIT) + "\n\n" + node.journal(GATEWAY)));
        }
        brokenOff = true;
        throw failure;
      };

  @BeforeEach
  void goOnOnlyFromAGoodEnd() {
    assumeFalse(brokenOff, "the story has broken off before");
  }

  @BeforeAll
  void bootANode() throws IOException {
    String obstacle = DebianNode.obstacle();
    assumeTrue(obstacle.isEmpty(), "skipped: " + obstacle);
    deb = PackageIT.deb();
    node = DebianNode.boot();
    node.copy(CTarget.compile("leak_threads"), "/opt/leak/leak_threads");
    node.copy(Path.of("config", "fast.conf"), "/etc/leakwatch/fast.conf");
    for (String leak : LEAKS) {
      node.write(
          "/etc/systemd/system/" + leak + ".service",
          """
          [Service]
          User=%s
          ExecStart=/bin/bash -c 'exec 0< <(exec sleep infinity); exec /opt/leak/leak_threads 4 2000000 1000'
          """
              .formatted(leak.substring("leak-".length())));
    }
    node.copy(CTarget.compile("metrics_server"), "/opt/leak/metrics_server");
    node.write(
        "/etc/systemd/system/store.service",
        """
        [Service]
        ExecStart=/bin/bash -c 'exec 0< <(exec sleep infinity); exec /opt/leak/metrics_server prometheus leaked 64 1'
        """);
    node.run("systemctl", "daemon-reload");
    node.run("systemctl", "start", LEAKS.get(0), LEAKS.get(1), "store");
    String told =
        node.await("the store's port", () -> node.journal("store"), text -> text.contains("port "));
    fast = fast(told.replaceAll("(?s).*port (\\d+).*", "$1"));
  }

  @AfterAll
  void endTheNode() {
    if (node != null) {
      node.close();
    }
  }

  @Test
  @Order(1)
  void packageShouldInstallOnABareNodeAndItsServiceShouldBeActive() {
    assertTrue(node.shell("findmnt -no OPTIONS /tmp").contains("noexec"));
    node.copy(deb, "/root/leakwatch.deb");
    node.run("apt-get", "install", "--yes", "/root/leakwatch.deb");

    assertEquals("active", node.run("systemctl", "is-active", UNIT));
    assertEquals("enabled", node.run("systemctl", "is-enabled", UNIT));
    assertEquals("notify", node.property(UNIT, "Type"));
    assertTrue(node.get("/-/ready").contains("ready"), "active means ready");
    assertEquals("active", node.run("systemctl", "is-active", GATEWAY));
    assertTrue(node.shell("exec 3<>/dev/tcp/::1/9870 && echo open").equals("open"), "IPv6 too");
    assertTrue(node.scrape().value("leakwatch_rounds_total") >= 1);
    assertEquals("", node.run("dpkg", "--verify", "leakwatch"));
    assertEquals("leakwatch:leakwatch 750", node.shell("stat -c '%U:%G %a' /var/lib/leakwatch"));
    assertTrue(node.shell("ls -s /usr/lib/leakwatch/leakwatch.jsa").matches("\\d{4,} .*"));
    assertEquals("", warnings(GATEWAY));
    String warnings = warnings(UNIT);
    assertFalse(warnings.contains("JNA") || warnings.contains("CAP_"), warnings);
    assertFalse(warnings.contains("history"), warnings);
  }

  @Test
  @Order(2)
  void agentShouldHaveTwoCapabilitiesAndNoNetworkAndTheGatewayTheContrary() {
    assertPrivileges(UNIT, "leakwatch", CAPABILITIES);
    assertPrivileges(GATEWAY, "leakwatch-gateway", NO_CAPABILITIES);
    String network = "readlink /proc/%s/ns/net";
    String outside = node.shell(network.formatted("1"));
    assertNotEquals(outside, node.shell(network.formatted(mainPid())));
    assertEquals(outside, node.shell(network.formatted(gatewayPid())));
    String seen = "nsenter -t %s -m -- setpriv --reuid=leakwatch-gateway --regid=leakwatch";
    Tool.Result history =
        node.attempt(
            "bash", "-c", seen.formatted(gatewayPid()) + " --clear-groups ls /var/lib/leakwatch");
    assertNotEquals(0, history.status(), history::output);
    assertTrue(history.output().contains("Permission denied"), history::output);
    String sockets = "stat -c '%U:%G %a' /run/leakwatch /run/leakwatch/* /run/leakwatch-gateway/*";
    assertEquals(
        "leakwatch:leakwatch 750\nleakwatch:leakwatch 660\nleakwatch-gateway:leakwatch 660",
        node.shell(sockets));
  }

  private void assertPrivileges(String unit, String user, String capabilities) {
    String status = node.run("cat", "/proc/" + node.property(unit, "MainPID") + "/status");
    assertEquals(capabilities, field(status, "CapEff"));
    assertEquals(capabilities, field(status, "CapPrm"));
    assertEquals(capabilities, field(status, "CapBnd"));
    assertEquals("1", field(status, "NoNewPrivs"));
    assertEquals("2", field(status, "Seccomp"));
    String uid = node.run("id", "-u", user);
    assertNotEquals("0", uid);
    assertEquals(List.of(uid, uid, uid, uid), List.of(field(status, "Uid").split("\\s+")));
    assertTrue(node.shell("getent passwd " + user).endsWith(":/usr/sbin/nologin"));
    assertTrue(node.shell("passwd -S " + user).startsWith(user + " L "), "no password");

    String exposure = node.run("systemd-analyze", "--no-pager", "security", unit);
    Matcher level = Pattern.compile("Overall exposure level[^:]*: ([0-9.]+)").matcher(exposure);
    assertTrue(level.find(), exposure);
    assertTrue(Double.parseDouble(level.group(1)) <= EXPOSURE_MAX, exposure);
  }

  @Test
  @Order(3)
  void reloadShouldTakeAGoodFileAndRefuseABrokenOneWithOneLine() {
    memoryIsLimited = node.enforceMemoryMax(UNIT);
    node.write(CONFIGURATION, fast);
    node.shell("chgrp leakwatch " + CONFIGURATION + " && chmod 640 " + CONFIGURATION);
    node.run("systemctl", "reload", UNIT);
    node.await("the new targets", node::scrape, seen -> LEAKS.stream().allMatch(seen::mentions));
    String pid = mainPid();
    String gatewayPid = gatewayPid();

    node.write(CONFIGURATION, "leakwatch {\n  sampling { tik = 1s }\n}\n");
    node.run("systemctl", "reload", UNIT);
    Scrape refused =
        node.await(
            "a refusal",
            node::scrape,
            seen -> seen.value("leakwatch_config_last_reload_successful") == 0);
    assertTrue(LEAKS.stream().allMatch(refused::mentions), "the old configuration stays");
    for (String unit : List.of(UNIT, GATEWAY)) {
      List<String> told =
          node.journal(unit).lines().filter(line -> line.contains("not reloaded")).toList();
      assertEquals(1, told.size(), told::toString);
      assertTrue(told.get(0).contains(CONFIGURATION + ":2: "), told::toString);
      assertTrue(told.get(0).contains("tick"), told::toString);
      assertTrue(node.property(unit, "StatusText").startsWith("old configuration: "));
    }
    assertEquals("active", node.run("systemctl", "is-active", UNIT));

    node.write(CONFIGURATION, fast);
    node.run("systemctl", "reload", UNIT);
    node.await(
        "the good file",
        node::scrape,
        seen -> seen.value("leakwatch_config_last_reload_successful") == 1);
    assertEquals(pid, mainPid());
    assertEquals(gatewayPid, gatewayPid());
  }

  @Test
  @Order(4)
  void leaksOfRootAndOfAnotherUserShouldBeToldInTheJournal() {
    for (String leak : LEAKS) {
      node.await("the verdict", node::scrape, seen -> seen.verdict(leak).equals("leak"));
      node.await(
          "the alert",
          () -> node.journal(UNIT),
          text ->
              text.lines()
                  .anyMatch(line -> line.contains(leak + " (pid ") && line.contains(" leaks")));
      String pid = node.property(leak + ".service", "MainPID");
      assertEquals(pid, node.scrape().pid(leak));
      assertTrue(node.scrape().value(leak, "leakwatch_process_heap_in_use_bytes") > 0);
    }
    String grave = warnings(UNIT);
    assertTrue(grave.contains(" leaks memory"), "the alert has a priority: " + grave);
    node.await("the load", node::scrape, seen -> seen.value("store", LOAD_UP) == 1);
    node.await(
        "an alert sent", node::scrape, seen -> seen.value("leakwatch_notifications_total") > 0);
  }

  /** The child that looks has what the unit leaves: its memory, its capabilities, its mounts. */
  @Test
  @Order(5)
  void alertsShouldGetTheirSuspectsWithinTheUnitsBounds() {
    for (String leak : LEAKS) {
      JsonObject incident =
          node.await("a diagnosis of " + leak, () -> incident(leak), one -> one.has("report"));
      JsonObject report = incident.getAsJsonObject("report");
      assertFalse(incident.get("suspect").getAsString().isEmpty(), incident::toString);
      assertEquals(1008, first(report).get("chunk_bytes").getAsInt(), report::toString);
      String missing = report.get("missing").toString();
      assertFalse(missing.contains("suspects") || missing.contains("history"), missing);
      String reasons = report.getAsJsonObject("diagnosis").get("reasons").toString();
      assertTrue(reasons.contains("\"recorded: "), reasons);
      assertEquals("2.36", report.getAsJsonObject("versions").get("glibc").getAsString());
    }
    assertEquals(0, node.scrape().value("leakwatch_diagnoses_failed_total"));
    assertEquals("0", node.property(UNIT, "NRestarts"));
    assumeTrue(memoryIsLimited, "MemoryMax= was not enforced: no memory controller can be written");
  }

  private static JsonObject first(JsonObject report) {
    return report.getAsJsonArray("suspects").get(0).getAsJsonObject();
  }

  /** The newest incident of a process with its evidence, once that has a suspect; else empty. */
  private JsonObject incident(String process) {
    String all = node.get("/api/v1/incidents");
    if (!all.startsWith("{")) {
      return new JsonObject();
    }
    for (JsonElement one :
        JsonParser.parseString(all).getAsJsonObject().getAsJsonArray("incidents")) {
      JsonObject head = one.getAsJsonObject();
      if (head.get("process").getAsString().equals(process)
          && !head.get("suspect").getAsString().isEmpty()) {
        String whole = node.get("/api/v1/incidents/" + head.get("id").getAsString());
        return JsonParser.parseString(whole).getAsJsonObject();
      }
    }
    return new JsonObject();
  }

  @Test
  @Order(6)
  void classesShouldComeFromTheArchiveOfThisVeryNode() {
    String maps = node.run("cat", "/proc/" + mainPid() + "/maps");
    assertTrue(maps.contains("/usr/lib/leakwatch/leakwatch.jsa"), maps);
    assertTrue(maps.contains("/usr/lib/leakwatch/libjnidispatch.so"), maps);
    assertTrue(maps.contains("/usr/lib/leakwatch/libsqlitejdbc.so"), maps);
    assertFalse(maps.contains("/tmp/"), maps);
  }

  @Test
  @Order(7)
  void administratorsCommandsShouldWorkAndLeaveTheHistoryToTheService() {
    assertTrue(node.run("leakwatch", "--version").startsWith("leakwatch "));
    assertTrue(node.run("leakwatch", "history").contains("leak-daemon"));
    String check = node.attempt("leakwatch", "check", "--config.file", CONFIGURATION).output();
    assertTrue(check.contains("leak-daemon (pid "), check);
    List<String> warnings = check.lines().filter(line -> line.startsWith("WARN")).toList();
    assertEquals(1, warnings.size(), check);
    assertTrue(
        warnings.get(0).contains("PID namespace"), "nspawn is a container, and check says so");
    node.run("chmod", "600", CONFIGURATION);
    String unreadable = node.attempt("leakwatch", "check").output();
    assertTrue(
        unreadable.contains("WARN  " + CONFIGURATION + " is not readable for the gateway"),
        unreadable);
    node.run("chmod", "644", CONFIGURATION);
    String inspected = node.shell("leakwatch inspect leak-root --json | head -c 1");
    assertEquals("{", inspected);
    assertOwnedByTheService();
    Tool.Result daemons =
        node.attempt(
            "setpriv",
            "--reuid=daemon",
            "--clear-groups",
            "leakwatch",
            "check",
            "--config.file",
            CONFIGURATION);
    assertEquals(1, daemons.status());
    assertTrue(daemons.output().contains("WARN  CAP_SYS_PTRACE is missing"), daemons::output);
    assertTrue(
        node.shell("man -w leakwatch 2>/dev/null || ls /usr/share/man/man1").contains("leakwatch"));
    assertTrue(
        node.shell(
                "source /usr/share/bash-completion/completions/leakwatch && complete -p leakwatch")
            .contains("leakwatch"));
  }

  @Test
  @Order(8)
  void killedAgentShouldComeBackAndItsTrendsShouldGoOn() {
    long samples = samples();
    String before = mainPid();
    node.shell("kill -9 " + before);
    node.await("a refusal", () -> node.get("/metrics"), text -> text.contains("does not answer"));
    awaitRestart(before);
    assertTrendsGoOn(samples);

    String agent = mainPid();
    String gateway = gatewayPid();
    node.shell("kill -9 " + gateway);
    node.await("a new gateway", this::gatewayPid, pid -> !pid.equals(gateway) && !pid.equals("0"));
    node.await("its answers", node::scrape, seen -> seen.mentions("leak-root"));
    assertEquals(agent, mainPid(), "the agent has watched on");
  }

  @Test
  @Order(9)
  void stoppedAgentShouldBeReplacedByTheWatchdog() {
    node.write("/etc/systemd/system/leakwatch.service.d/soon.conf", "[Service]\nWatchdogSec=5\n");
    node.run("systemctl", "daemon-reload");
    node.run("systemctl", "restart", UNIT);
    node.await("a round", node::scrape, seen -> seen.mentions("leak-root"));
    String before = mainPid();
    node.shell("kill -STOP " + before);
    awaitRestart(before);
    assertTrue(node.journal(UNIT).contains("Watchdog timeout"), node.journal(UNIT));
    node.run("rm", "-r", "/etc/systemd/system/leakwatch.service.d");
    node.run("systemctl", "daemon-reload");
  }

  @Test
  @Order(10)
  void stopShouldTakeLessThanTwoSecondsAndRootShouldReadWhatIsLeft() {
    node.run("systemctl", "stop", UNIT);
    long asked = Long.parseLong(node.property(UNIT, "ActiveExitTimestampMonotonic"));
    long ended = Long.parseLong(node.property(UNIT, "InactiveEnterTimestampMonotonic"));
    assertTrue(ended - asked < STOP_MICROS_MAX, () -> (ended - asked) + " µs");
    assertEquals("success", node.property(UNIT, "Result"));
    node.await(
        "the gateway's end", () -> node.property(GATEWAY, "ActiveState"), "inactive"::equals);
    long gatewayEnded = Long.parseLong(node.property(GATEWAY, "InactiveEnterTimestampMonotonic"));
    assertTrue(gatewayEnded - asked < STOP_MICROS_MAX, () -> (gatewayEnded - asked) + " µs");
    assertEquals("success", node.property(GATEWAY, "Result"));
    assertTrue(node.run("leakwatch", "history").contains("leak-root"));
    assertOwnedByTheService();
    long samples = samples();
    node.run("systemctl", "start", UNIT);
    assertTrendsGoOn(samples);
  }

  @Test
  @Order(11)
  void upgradeShouldKeepHistoryAndChangedConfiguration() {
    long samples = samples();
    String before = mainPid();
    String gatewayBefore = gatewayPid();
    Path next =
        DebianNode.successor(deb, "99.0", Map.of(CONFIGURATION, "# A default that is new.\n"));
    node.copy(next, "/root/next.deb");
    node.run("dpkg", "--force-confdef", "--force-confold", "--install", "/root/next.deb");
    assertEquals("active", node.run("systemctl", "is-active", UNIT));
    assertNotEquals(before, mainPid());
    assertNotEquals(gatewayBefore, gatewayPid());
    assertEquals("99.0", node.run("dpkg-query", "-W", "-f", "${Version}", "leakwatch"));
    assertEquals(fast.strip(), node.run("cat", CONFIGURATION));
    assertTrue(node.run("cat", CONFIGURATION + ".dpkg-dist").endsWith("# A default that is new."));
    assertTrendsGoOn(samples);
    classesShouldComeFromTheArchiveOfThisVeryNode();
  }

  @Test
  @Order(12)
  void disabledServiceShouldStayDisabledOverAnUpgrade() {
    node.run("systemctl", "disable", UNIT);
    node.run("dpkg", "--force-confold", "--install", "/root/next.deb");
    assertEquals("disabled", node.attempt("systemctl", "is-enabled", UNIT).output().strip());
    node.run("systemctl", "enable", UNIT);
  }

  @Test
  @Order(13)
  void removalShouldLeaveConfigurationAndHistoryAndAPurgeNothing() {
    node.run("systemctl", "start", UNIT);
    String pid = mainPid();
    String gateway = gatewayPid();
    node.run("dpkg", "--remove", "leakwatch");
    assertFalse(exists("/proc/" + pid) || exists("/proc/" + gateway), "both services are stopped");
    assertFalse(exists("/usr/lib/leakwatch") || exists("/usr/bin/leakwatch"));
    assertTrue(exists(CONFIGURATION) && exists("/var/lib/leakwatch/history.db"));

    node.run("dpkg", "--purge", "leakwatch");
    assertFalse(exists(CONFIGURATION) || exists("/var/lib/leakwatch"));
    assertFalse(exists("/etc/systemd/system/multi-user.target.wants/" + UNIT));
    assertEquals("not-found", node.property(UNIT, "LoadState"));
    assertEquals("not-found", node.property(GATEWAY, "LoadState"));
    assertTrue(exists("/etc/leakwatch/fast.conf"), "not the package's, not taken");
    for (String leak : LEAKS) {
      assertEquals("active", node.run("systemctl", "is-active", leak + ".service"));
      assertEquals("0", node.property(leak + ".service", "NRestarts"));
    }
  }

  private String warnings(String unit) {
    return node.run("journalctl", "-q", "-u", unit, "-p", "warning", "-o", "cat");
  }

  private boolean exists(String path) {
    return node.attempt("test", "-e", path).status() == 0;
  }

  private String mainPid() {
    return node.property(UNIT, "MainPID");
  }

  private String gatewayPid() {
    return node.property(GATEWAY, "MainPID");
  }

  private static String field(String status, String name) {
    return status
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  private void awaitRestart(String before) {
    node.await("a new process", this::mainPid, pid -> !pid.equals(before) && !pid.equals("0"));
    node.await(
        "the service",
        () -> node.attempt("systemctl", "is-active", UNIT).output().strip(),
        "active"::equals);
  }

  /** What is on disk of the first leak, counted as an administrator would. */
  private long samples() {
    return node.shell("leakwatch history leak-root --csv").lines().skip(1).count();
  }

  /** The present process of the service has taken up what was recorded before it. */
  private void assertTrendsGoOn(long samplesBefore) {
    String invocation = node.property(UNIT, "InvocationID");
    String told =
        node.await(
            "the trends",
            () -> node.run("journalctl", "-q", "-o", "cat", "_SYSTEMD_INVOCATION_ID=" + invocation),
            text -> text.contains("leak-root: trends continue from "));
    Matcher recorded = Pattern.compile("leak-root: trends continue from (\\d+)").matcher(told);
    assertTrue(recorded.find() && Long.parseLong(recorded.group(1)) >= samplesBefore, told);
    node.await("the verdict", node::scrape, seen -> seen.verdict("leak-root").equals("leak"));
  }

  private void assertOwnedByTheService() {
    String files = node.shell("stat -c '%U:%G' /var/lib/leakwatch /var/lib/leakwatch/*");
    assertTrue(files.lines().allMatch("leakwatch:leakwatch"::equals), files);
  }
}
