package io.leakwatch.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.CTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A look at root's process by somebody who is not root and has no JNA. */
final class OtherUserTest {
  @TempDir Path directory;

  @Test
  void shouldBeToldWhichCapabilityIsMissing() throws IOException, InterruptedException {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can become another user");
    for (String tree : List.of("classes", "test-classes")) {
      copy(Path.of("target", tree));
    }
    try (CTarget target = CTarget.start("proc_pages")) {
      target.awaitLine("ready");
      String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      Process look =
          new ProcessBuilder(
                  "setpriv",
                  "--reuid=65534",
                  "--regid=65534",
                  "--clear-groups",
                  java,
                  "-Xmx32m",
                  "-cp",
                  directory.toString(),
                  OtherUserLook.class.getName(),
                  Integer.toString(target.pid()))
              .redirectErrorStream(true)
              .start();
      String output = new String(look.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, look.waitFor(), output);
      String proc = "/proc/" + target.pid();
      assertTrue(output.contains("exe=\nstatus=1\n"), output);
      assertTrue(
          output.contains("smaps=Denied[what=" + proc + "/smaps, missing=CAP_SYS_PTRACE]"), output);
      assertTrue(
          output.contains("scan=Denied[what=" + proc + "/maps, missing=CAP_SYS_PTRACE]"), output);
      assertTrue(output.contains("native=JNA's native library cannot be loaded"), output);
    }
  }

  private void copy(Path tree) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path relative = tree.relativize(file);
        if (relative.startsWith("io/leakwatch/os") || relative.startsWith("io/leakwatch/proc")) {
          Path to = directory.resolve(relative);
          Files.createDirectories(to.getParent());
          Files.copy(file, to);
        }
      }
    }
  }
}
