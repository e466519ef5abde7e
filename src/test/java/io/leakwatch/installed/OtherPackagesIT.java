package io.leakwatch.installed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.DebianNode;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The other ways of installation on a node with a real systemd, from the first to the last file:
 * the package without a runtime, the archive, and the rpm. What {@link InstalledServiceIT} shows of
 * the service is not shown again.
 */
@Tag("acceptance")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OtherPackagesIT {
  private static final String UNIT = "leakwatch.service";
  private static final String GATEWAY = "leakwatch-gateway.service";
  private static final String CONFIGURATION = "/etc/leakwatch/leakwatch.conf";
  private static final String HISTORY = "/var/lib/leakwatch/history.db";

  private DebianNode node;
  private boolean brokenOff;

  @BeforeAll
  void bootANode() {
    String obstacle = DebianNode.obstacle();
    assumeTrue(obstacle.isEmpty(), "skipped: " + obstacle);
    node = DebianNode.boot();
    node.installPackages("default-jre-headless", "rpm");
  }

  @AfterAll
  void endTheNode() {
    if (node != null) {
      node.close();
    }
  }

  @BeforeEach
  void goOnOnlyFromAGoodEnd() {
    assumeFalse(brokenOff, "the story has broken off before");
    brokenOff = true;
  }

  @AfterEach
  void isClean() {
    brokenOff = exists("/usr/lib/leakwatch") || exists("/usr/local/lib/leakwatch");
  }

  @Test
  @Order(1)
  void packageWithoutARuntimeShouldTakeOverFromTheOtherAndItsPurgeShouldTakeNothingAway() {
    node.copy(PackageIT.deb(), "/root/leakwatch.deb");
    node.copy(PackageIT.deb("leakwatch-nojre"), "/root/leakwatch-nojre.deb");
    node.run("dpkg", "--install", "/root/leakwatch.deb");
    node.shell("echo '# Changed.' >>" + CONFIGURATION);
    node.run("apt-get", "install", "--yes", "-qq", "/root/leakwatch-nojre.deb");
    assertWatches("/usr/lib/leakwatch");
    String pid = mainPid();
    node.run("dpkg", "--purge", "leakwatch");
    assertEquals(pid, mainPid());
    assertTrue(exists(HISTORY));
    assertTrue(node.run("cat", CONFIGURATION).endsWith("# Changed."));
    assertEquals("enabled", node.run("systemctl", "is-enabled", UNIT));

    String archive = node.run("stat", "-c", "%i", "/usr/lib/leakwatch/leakwatch.jsa");
    node.run("dpkg-trigger", "--by-package=dpkg", "/usr/lib/jvm");
    node.run("dpkg", "--triggers-only", "--pending");
    String another = node.run("stat", "-c", "%i", "/usr/lib/leakwatch/leakwatch.jsa");
    assertNotEquals(archive, another, "an update of Java makes the archive of classes anew");

    node.run("dpkg", "--purge", "leakwatch-nojre");
    assertNothingIsLeft();
    assertFalse(exists(CONFIGURATION) || exists("/var/lib/leakwatch"));
  }

  @Test
  @Order(2)
  void archiveShouldInstallTheServiceAndTakeItAwayAgain() {
    node.copy(PackageIT.built("leakwatch-.*\\.tar\\.gz"), "/root/leakwatch.tar.gz");
    node.shell("cd /root && tar -xzf leakwatch.tar.gz && mv leakwatch-*/ archive");
    node.run("/root/archive/install.sh");
    assertWatches("/usr/local/lib/leakwatch");
    String pid = mainPid();
    node.run("/root/archive/install.sh");
    assertWatches("/usr/local/lib/leakwatch");
    assertNotEquals(pid, mainPid());
    node.run("/usr/local/lib/leakwatch/install.sh", "--uninstall");
    assertNothingIsLeft();
    assertTrue(exists(CONFIGURATION) && exists(HISTORY));
    node.run("rm", "-r", CONFIGURATION, "/var/lib/leakwatch");
  }

  @Test
  @Order(3)
  void rpmShouldInstallUpgradeAndLeaveTheHistoryWhenItGoes() {
    node.copy(RpmIT.rpm("leakwatch"), "/root/leakwatch.rpm");
    node.run("rpm", "--install", "--nodeps", "/root/leakwatch.rpm");
    assertWatches("/usr/lib/leakwatch");
    assertEquals("", node.run("rpm", "--verify", "--nodeps", "leakwatch"));
    assertEquals("leakwatch:leakwatch 750", node.shell("stat -c '%U:%G %a' /var/lib/leakwatch"));
    node.shell("echo '# Changed.' >>" + CONFIGURATION);
    String pid = mainPid();
    String gateway = node.property(GATEWAY, "MainPID");
    node.run("rpm", "--upgrade", "--force", "--nodeps", "/root/leakwatch.rpm");
    assertWatches("/usr/lib/leakwatch");
    assertNotEquals(pid, mainPid());
    assertNotEquals(gateway, node.property(GATEWAY, "MainPID"));
    assertTrue(node.run("cat", CONFIGURATION).endsWith("# Changed."));
    node.run("rpm", "--erase", "leakwatch");
    assertNothingIsLeft();
    assertTrue(exists(HISTORY));
    assertTrue(node.run("cat", CONFIGURATION + ".rpmsave").endsWith("# Changed."));
  }

  /** With systemd 219 the units need the files that are kept for it. */
  @Test
  @Order(4)
  void rpmShouldSuitItsUnitsToAnOldSystemd() {
    String old = "/usr/sbin/systemctl"; // Before the real one in the path of rpm's scriptlets.
    node.write(old, "#!/bin/sh\n[ \"$1\" != --version ] || echo 'systemd 219'\n");
    node.run("chmod", "755", old);
    node.run("rpm", "--install", "--nodeps", "/root/leakwatch.rpm");
    for (String unit : List.of("leakwatch", "leakwatch-gateway")) {
      String suited = "/usr/lib/systemd/system/" + unit + ".service.d/systemd-219.conf";
      assertTrue(node.run("cat", suited).contains("\nSystemCallFilter=\n"));
    }
    node.run("rpm", "--erase", "leakwatch");
    node.run("rm", old);
    node.run("systemctl", "daemon-reload");
    assertFalse(exists("/usr/lib/systemd/system/leakwatch.service.d"));
    assertNothingIsLeft();
  }

  private void assertWatches(String home) {
    assertEquals("active", node.run("systemctl", "is-active", UNIT));
    assertEquals("active", node.run("systemctl", "is-active", GATEWAY));
    assertEquals("enabled", node.run("systemctl", "is-enabled", UNIT));
    node.await("an answer", () -> node.get("/-/ready"), text -> text.contains("ready"));
    String maps = node.run("cat", "/proc/" + mainPid() + "/maps");
    assertTrue(maps.contains(home + "/leakwatch.jsa"), maps);
    assertTrue(maps.matches("(?s).*" + home + "/(x86_64/|aarch64/)?libjnidispatch\\.so.*"), maps);
    assertFalse(maps.contains("/tmp/"), maps);
  }

  private void assertNothingIsLeft() {
    assertFalse(exists("/usr/lib/leakwatch") || exists("/usr/bin/leakwatch"));
    assertFalse(exists("/usr/local/lib/leakwatch") || exists("/usr/local/bin/leakwatch"));
    assertFalse(exists("/etc/systemd/system/multi-user.target.wants/" + UNIT));
    assertEquals("not-found", node.property(UNIT, "LoadState"));
    assertEquals("not-found", node.property(GATEWAY, "LoadState"));
  }

  private boolean exists(String path) {
    return node.attempt("test", "-e", path).status() == 0;
  }

  private String mainPid() {
    return node.property(UNIT, "MainPID");
  }
}
