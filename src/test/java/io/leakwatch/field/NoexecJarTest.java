package io.leakwatch.field;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The plain jar as a user without a home, where nothing that can be written may be executed. Right:
 * what needs no native call works; what needs one says in one line what is missing (the native
 * library, and the setting that helps), and shows what can be seen without it.
 */
@Tag("acceptance")
class NoexecJarTest {
  private static final String SCRIPT =
      """
      mount --make-rprivate /
      for place in /tmp /var/tmp /dev/shm; do
        mount --bind "$place" "$place" && mount -o remount,bind,noexec "$place"
      done
      HOME=/nonexistent exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
      """;

  @TempDir private Path program;
  @TempDir private Path directory;

  private Tool.Result run(String... arguments) {
    Path script = program.resolve("leakwatch.sh");
    List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", SCRIPT, "sh"));
    command.addAll(
        Launcher.command(List.of("LEAKWATCH_HOME=" + program, "LAUNCHER=" + script), arguments));
    return Tool.run("", command);
  }

  @Test
  void shouldDoWhatItCanAndSayInOneLineWhatIsMissing() throws IOException {
    Tool.assumeMounts();
    Launcher.copy(program);
    Path series =
        Files.writeString(directory.resolve("a.csv"), "time,rss_anon_bytes\n0,1\n300,1\n");
    Tool.run("", List.of("chmod", "-R", "a+rX", directory.toString()));

    assertEquals(0, run("--help").status());
    Tool.Result replayed = run("replay", series.toString());
    assertEquals(0, replayed.status(), replayed.output());
    try (CTarget target =
        CTarget.launch(
            Map.of(),
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "cat"))) {
      Tool.Result seen = run("inspect", Integer.toString(target.pid()));
      assertEquals(0, seen.status(), seen.output());
      assertEquals(
          1, seen.output().lines().filter(line -> line.contains("noexec")).count(), seen.output());
      assertTrue(seen.output().contains("-Djna.tmpdir=DIR"), seen.output());
      assertTrue(seen.output().contains("brk_heap"), seen.output());
      assertFalse(seen.output().contains("\tat "), seen.output());
    }
  }
}
