package io.leakwatch.installed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive for any distribution, installed below a prefix without a service. */
class ArchiveIT {
  /** The prefix keeps its own mount, wherever it is. */
  private static final String NOEXEC =
      """
      mount --make-rprivate / && mount --bind "$1" /mnt && mount --bind /tmp /tmp &&
      mount -o remount,bind,noexec /tmp && shift &&
      LEAKWATCH_HOME=/mnt/lib/leakwatch exec /mnt/bin/leakwatch "$@"
      """;

  private final Path prefix = Path.of("target", "archive-prefix").toAbsolutePath();

  @TempDir private Path directory;
  private Path installer;

  @BeforeEach
  void install() throws IOException {
    Path archive = PackageIT.built("leakwatch-.*\\.tar\\.gz");
    run("tar", "-C", directory.toString(), "-xzf", archive.toString());
    try (Stream<Path> unpacked = Files.list(directory)) {
      installer = unpacked.findFirst().orElseThrow().resolve("install.sh");
    }
    Files.createDirectories(prefix);
    run(installer.toString(), "--no-service", "--prefix", prefix.toString());
  }

  @AfterEach
  void remove() {
    run("rm", "-rf", prefix.toString());
  }

  @Test
  void programShouldReadALiveHeapWhereTmpHoldsNoPrograms() throws IOException {
    Tool.assumeMounts();
    try (CTarget target = CTarget.start("leak_threads", "4", "2000000", "1000")) {
      List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", NOEXEC));
      command.addAll(List.of("sh", prefix.toString(), "inspect", "--json", "" + target.pid()));
      JsonObject seen =
          JsonParser.parseString(run(command.toArray(String[]::new))).getAsJsonObject();
      assertTrue(seen.getAsJsonObject("ptmalloc").get("in_use_bytes").getAsLong() > 0);
    }
  }

  @Test
  void secondInstallationShouldDropWhatIsNoLongerThereAndRemovalShouldLeaveNothing()
      throws IOException {
    Path list = prefix.resolve("lib/leakwatch/installed-files");
    Path outdated = Files.writeString(prefix.resolve("lib/leakwatch/old.jar"), "");
    Files.writeString(list, Files.readString(list) + outdated + "\n");
    Path foreign = Files.writeString(prefix.resolve("bin/another"), "");
    run(installer.toString(), "--no-service", "--prefix=" + prefix);
    assertFalse(Files.exists(outdated));

    String own = prefix.resolve("lib/leakwatch/install.sh").toString();
    run(own, "--uninstall", "--prefix", prefix.toString());
    try (Stream<Path> left = Files.walk(prefix)) {
      assertEquals(List.of(foreign), left.filter(Files::isRegularFile).toList());
    }
  }

  /** By the file in a Java's home, so that no JVM is started to ask. */
  @Test
  void launcherShouldPassOverAJavaThatIsTooOld() throws IOException {
    Path old = Files.createDirectories(directory.resolve("java-8/bin"));
    Files.writeString(old.resolveSibling("release"), "JAVA_VERSION=\"1.8.0_402\"\n");
    Path java = Files.writeString(old.resolve("java"), "#!/bin/sh\necho too old\nexit 9\n");
    run("chmod", "755", java.toString());
    String program = prefix.resolve("bin/leakwatch").toString();
    String path = "PATH=" + old + ":/usr/bin:/bin";
    assertTrue(run("env", path, program, "--version").startsWith("leakwatch "));
    String named = "LEAKWATCH_JAVA=" + java;
    assertEquals(9, Tool.run("", List.of("env", path, named, program, "--version")).status());
  }

  private static String run(String... command) {
    Tool.Result result = Tool.run("", List.of(command));
    assertEquals(0, result.status(), result.output());
    return result.output();
  }
}
