package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.PushReceiver;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that leaks, and has put into its name, path and arguments whatever could hurt those who
 * read about it: markup, terminal escapes, line ends, quotes, text that runs backwards, bytes that
 * are no UTF-8.
 */
@Tag("acceptance")
class HostileNamesTest {
  private static final String MARKUP = "<img src=x onerror=document.title='pwned'>";

  private static final Pattern HARMFUL =
      Pattern.compile("[\\p{Cc}&&[^\\n]]|[\\u202a-\\u202e\\u2066-\\u2069]|\\x{fffe}");

  @TempDir Path directory;

  @Test
  void whoReadsAboutAProcessShouldNotBeHurtByIt() throws IOException {
    Path home = Files.createDirectory(directory.resolve("a\"b\\c\n" + MARKUP));
    Path program = home.resolve("evil-leak\u001b[31m\u009b31m\u202e");
    Files.copy(CTarget.compile("leak_threads"), program);
    assertTrue(program.toFile().setExecutable(true));
    String script =
        "exec \"$0\" 4 2000000 1000 \"$1\" \"$(printf '\\033]0;pwned\\007\\n\\377\\376\\342\\200\\256')\"";
    try (PushReceiver receiver = PushReceiver.start();
        CTarget leak =
            CTarget.launch(
                Map.of(),
                List.of(
                    "bash",
                    "-c",
                    script,
                    program.toString(),
                    "</script><script>document.title='pwned'</script>" + MARKUP))) {
      leak.awaitLine("ready");
      Path configuration =
          AgentProcess.fastConfiguration(
              directory,
              "targets = [{ name = \"${all}\", exe = \"(?s).*/(?<all>.*evil-leak.*)\" }]\n"
                  + receiver.configuration());
      try (AgentProcess agent = AgentProcess.run(configuration)) {
        String name = "evil-leak__31m_31m_";
        agent.await("the leak", seen -> seen.value(name, "leakwatch_process_alert_severity") >= 1);
        assertMetrics(agent.get("/metrics"));
        JsonObject seen =
            JsonParser.parseString(agent.get("/api/v1/processes/" + name)).getAsJsonObject();
        assertTrue(seen.get("command_line").getAsString().contains("<script>"), seen::toString);
        assertHarmless(seen.get("command_line").getAsString());
        assertHarmless(seen.get("exe").getAsString());
        PushReceiver.Pushed pushed =
            receiver.await(0, PushReceiver.Pushed::firing, java.time.Duration.ofSeconds(60));
        assertHarmless(pushed.summary());
        agent.log().forEach(HostileNamesTest::assertHarmless);
        assertInspected(leak.pid());
        assertPage(agent.port(), name);
      }
    }
  }

  private static void assertMetrics(String metrics) {
    Tool.Result checked = Tool.run(metrics, List.of("promtool", "check", "metrics"));
    assertFalse(checked.output().contains("error while"), checked::output);
    assertHarmless(metrics);
  }

  private static void assertInspected(int pid) {
    Tool.Result text = Tool.run("", Launcher.command("inspect", Integer.toString(pid)));
    assertEquals(0, text.status(), text::output);
    assertHarmless(text.output());
    assertTrue(text.output().lines().findFirst().orElse("").contains("evil-leak"), text::output);
  }

  private static void assertHarmless(String text) {
    assertFalse(HARMFUL.matcher(text).find(), text);
  }

  /** A browser shows the markup as text and executes none of it. */
  private void assertPage(int port, String name) {
    assumeTrue(
        Tool.run("", List.of("sh", "-c", "command -v chromium")).status() == 0, "no browser here");
    Tool.Result dom =
        Tool.run(
            "",
            List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--user-data-dir=" + directory.resolve("browser"),
                "--virtual-time-budget=4000",
                "--dump-dom",
                "http://127.0.0.1:" + port + "/#/process/" + name));
    assertTrue(dom.output().contains("<title>" + name + " – leakwatch</title>"), dom::output);
    assertTrue(dom.output().contains("&lt;script&gt;document.title='pwned'"), dom::output);
    assertFalse(dom.output().contains("<img"), dom::output);
    assertFalse(dom.output().contains("<script>"), dom::output);
  }
}
