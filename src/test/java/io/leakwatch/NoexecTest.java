package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.config.Defaults;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Tool;
import io.leakwatch.history.HistorySettings;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node on which nothing may be executed in the places of temporary files, with the native
 * libraries unpacked elsewhere, as the package has them.
 */
@Tag("acceptance")
class NoexecTest {
  private static final String SCRIPT =
      """
      set -e
      natives=$1; shift
      mount --make-rprivate /
      for place in /tmp /var/tmp /dev/shm "%s"; do
        mount --bind "$place" "$place"
        mount -o remount,bind,noexec "$place"
      done
      mount --bind "$natives" "$natives"
      mount -o remount,bind,exec "$natives"
      exec "$@"
      """
          .formatted(System.getProperty("user.home"));

  @TempDir private Path directory;
  private Path natives;

  @BeforeEach
  void needsMounts() throws IOException {
    Tool.assumeMounts();
    natives = Files.createDirectories(directory.resolve("natives"));
    String processor = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
    unpack("/com/sun/jna/linux-" + processor.replace('_', '-') + "/libjnidispatch.so");
    unpack("/org/sqlite/native/Linux/" + processor + "/libsqlitejdbc.so");
    Launcher.install(natives);
  }

  private void unpack(String resource) throws IOException {
    Path file = natives.resolve(Path.of(resource).getFileName());
    try (InputStream library = NoexecTest.class.getResourceAsStream(resource)) {
      Files.copy(library, file, StandardCopyOption.REPLACE_EXISTING);
    }
    assertEquals(0, Tool.run("", List.of("chmod", "755", file.toString())).status());
  }

  private List<String> prefix() {
    return List.of("unshare", "--mount", "sh", "-c", SCRIPT, "sh", natives.toString());
  }

  private Path configuration(String rest) {
    return AgentProcess.fastConfiguration(
        directory, "targets = [ { name = lease, program = lease_leak } ]\n" + rest);
  }

  /**
   * @param settings of the launcher
   */
  private JsonObject diagnose(CTarget target, List<String> settings) {
    List<String> command = new ArrayList<>(prefix());
    command.addAll(
        Launcher.command(
            settings,
            "diagnose",
            Integer.toString(target.pid()),
            "--for",
            "2s",
            "--json",
            "--config.file",
            configuration("").toString()));
    Tool.Result result = Tool.run("", command);
    assertEquals(0, result.status(), result.output());
    return JsonParser.parseString(result.output().substring(result.output().indexOf('{')))
        .getAsJsonObject();
  }

  /** As a daemon would have recorded the minutes before. */
  private void record(String process) {
    HistorySettings settings = Defaults.history(directory.resolve("history.db"));
    double now = System.currentTimeMillis() / 1e3;
    try (HistoryStore store = new HistoryStore(settings)) {
      for (int i = 600; i > 0; i--) {
        double time = now - i / 2.0;
        store.append(
            time,
            process,
            Sample.at(time, "1:1:boot").set(Signal.RSS_ANON_BYTES, 30e6 + i % 7 * 4096).build());
      }
    }
  }

  @Test
  void diagnoseShouldFindItsLibrariesAndTheRecordedHistory() {
    record("lease");
    try (CTarget lease = CTarget.start("lease_leak", "20000", "16")) {
      lease.awaitLine("ready");
      JsonObject found = diagnose(lease, List.of("LEAKWATCH_HOME=" + natives));
      assertEquals(
          "topology::Lease",
          found.getAsJsonArray("suspects").get(0).getAsJsonObject().get("type").getAsString());
      assertTrue(found.get("reasons").toString().contains("\"recorded: "), found::toString);
      String notes = found.get("notes").toString();
      assertFalse(notes.contains("history") || notes.contains("suspects and holders"), notes);
    }
  }

  @Test
  void diagnoseShouldSayWhatItCannotDoWithoutItsLibraries() {
    record("lease");
    try (CTarget lease = CTarget.start("lease_leak", "20000", "16")) {
      lease.awaitLine("ready");
      JsonObject found = diagnose(lease, List.of());
      assertEquals("[]", found.get("suspects").toString());
      String notes = found.get("notes").toString();
      assertTrue(
          notes.contains("suspects and holders: ")
              && notes.contains("JNA's native library cannot be loaded (/"),
          notes);
      assertTrue(notes.contains("recorded history: "), notes);
      assertTrue(notes.contains("SQLite's native library cannot be loaded"), notes);
    }
  }

  @Test
  void childOfTheDaemonShouldFindThemToo() throws IOException {
    Path configuration = configuration("diagnosis { on-alert = true, span = 2s }\n");
    try (CTarget lease = CTarget.start("lease_leak", "20000", "16");
        AgentProcess agent =
            AgentProcess.run(
                configuration, Map.of("LEAKWATCH_HOME", natives.toString()), prefix())) {
      lease.awaitLine("ready");
      JsonObject incident =
          agent.awaitIncident(
              "a diagnosis", one -> one.getAsJsonObject("report").has("diagnosed_at"));
      assertTrue(
          incident.get("suspect").getAsString().contains("topology::Lease"), incident::toString);
      JsonObject diagnosis = incident.getAsJsonObject("report").getAsJsonObject("diagnosis");
      assertTrue(diagnosis.get("reasons").toString().contains("\"recorded: "), diagnosis::toString);
    }
  }
}
