package io.leakwatch.cli.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code top} as scripts and people meet it, with a real agent, process and terminal. */
@Tag("acceptance")
@Timeout(240)
class TopCommandTest {
  private static final Pattern LEAK_ROW =
      Pattern.compile("leaky +\\d+ leak +(warning|critical) .*");
  private static final String ALTERNATE_SCREEN = "\u001b[?1049h";
  private static final String NORMAL_SCREEN = "\u001b[?1049l";
  private static final String TARGET =
      "targets = [{ name = leaky, program = leak_threads, command-line = \" 1013$\" }]\n";

  @TempDir private Path directory;

  private record Result(int status, String out, String err) {}

  private Result run(String... arguments) throws IOException {
    Path err = directory.resolve("err.txt");
    List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" 2>" + err, "sh"));
    command.addAll(Launcher.command(arguments));
    Tool.Result ended = Tool.run("", command);
    return new Result(ended.status(), ended.output(), Files.readString(err));
  }

  /** The agent's configuration as it is for those who ask it: with the port that it got. */
  private Path configuration(String rest, int port) throws IOException {
    Path asked = Files.createDirectories(directory.resolve("asked"));
    return AgentProcess.fastConfiguration(
        asked,
        rest
            + "export.listen-address = \"127.0.0.1:%d\"\n".formatted(port)
            + "gateway.agent-socket = \"%s\"\n".formatted(directory.resolve("agent.sock")));
  }

  @Test
  void theLeakShouldBeSeenAndTheTerminalBeGivenBack() throws IOException {
    try (CTarget leak = CTarget.start("leak_threads", "4", "2000000", "1013")) {
      leak.awaitLine("ready");
      try (AgentProcess agent =
          AgentProcess.run(AgentProcess.fastConfiguration(directory, TARGET))) {
        agent.await(
            "the leak",
            seen ->
                seen.mentions("leaky")
                    && seen.verdict("leaky").equals("leak")
                    && seen.value("leaky", "leakwatch_process_alert_severity") >= 1);
        Path file = configuration("", agent.port());

        Result once = run("top", "--once", "--config.file", file.toString());
        assertEquals(0, once.status(), once::toString);
        assertEquals("", once.err());
        assertFalse(once.out().contains("\u001b"), once.out());
        assertTrue(once.out().startsWith("NAME "), once.out());
        assertTrue(once.out().lines().anyMatch(s -> LEAK_ROW.matcher(s).matches()), once.out());
        Result piped = run("top", "--config.file", file.toString());
        assertEquals(once.out().lines().count(), piped.out().lines().count(), piped.out());

        opensAndResizes(file);
        quits(file, Map.of(), "q");
        quits(file, Map.of("NO_COLOR", "1"), "\u0003");
        for (String signal : List.of("TERM", "INT", "HUP")) {
          isEnded(file, signal);
        }
      }
    }
  }

  private void quits(Path file, Map<String, String> environment, String key) throws IOException {
    try (OnTerminal top = OnTerminal.start(directory, file, environment)) {
      String shown = top.await("leak (confidence");
      assertTrue(LEAK_ROW.matcher(shown.replaceAll("\u001b\\[[0-9;]*[mKJ]", "")).find(), shown);
      assertEquals(environment.isEmpty(), shown.contains("31;1m leak "), shown);
      top.send(key);
      top.assertGivenBack();
    }
  }

  /** Enter shows what the memory is spent on, and the heaps; a smaller window is drawn anew. */
  private void opensAndResizes(Path file) throws IOException {
    try (OnTerminal top = OnTerminal.start(directory, file, Map.of("NO_COLOR", "1"))) {
      top.await("memory L live ");
      top.send("\r");
      top.await("_ free and resident");
      String shown = top.await("Enter list");
      assertTrue(
          Pattern.compile("    live +[\\d.]+ [KMG]iB +[\\d.]+ %  L").matcher(shown).find(), shown);
      assertTrue(
          Pattern.compile("    \\d +[\\d.]+ [KMG]iB  [1-9]+[1-9_.^]*\r").matcher(shown).find(),
          shown);
      top.resize(12, 44);
      top.await("GROWTH/DAY LIMIT-IN\r"); // There is no room for AGE behind it any more.
      top.send("q");
      top.assertGivenBack();
    }
  }

  private void isEnded(Path file, String signal) throws IOException {
    try (OnTerminal top = OnTerminal.start(directory, file, Map.of())) {
      top.await("leak (confidence");
      top.signal(signal);
      top.assertGivenBack();
    }
  }

  @Test
  void withoutAnAgentTheTargetsShouldBeWatchedFromHere() throws IOException {
    Path file = configuration(TARGET, 1);
    Result nobody = run("top", "--once", "--config.file", file.toString());
    assertEquals(3, nobody.status(), nobody::toString);
    assertEquals("", nobody.out());
    assertTrue(nobody.err().contains("no agent answers at 127.0.0.1:1: "), nobody.err());
    assertTrue(nobody.err().contains("no process matches the targets"), nobody.err());
    try (CTarget leak = CTarget.start("leak_threads", "4", "2000000", "1013")) {
      leak.awaitLine("ready");
      Result own = run("top", "--config.file", file.toString());
      assertEquals(0, own.status(), own::toString);
      assertEquals(1, own.err().lines().count(), own.err());
      List<String> row = List.of(own.out().lines().toList().get(1).split(" +", -1));
      assertEquals(List.of("leaky", Integer.toString(leak.pid())), row.subList(0, 2));
      assertTrue(row.get(6).matches("[\\d.]+M"), () -> "in use is known: " + row);
      assertEquals("5", row.get(9), () -> "arenas: " + row);
      assertFalse(Files.exists(directory.resolve("asked").resolve("history.db")));
    }
    assertEquals(2, run("top", "--interval", "soon").status());
    assertEquals(2, run("top", "--config.file", "nowhere.conf").status());
  }

  /** The live view in a pseudo terminal of util-linux' {@code script}. */
  private static final class OnTerminal implements AutoCloseable {
    private final Path directory;
    private final Process script;
    private final Reader screen;
    private final StringBuilder seen = new StringBuilder();

    private OnTerminal(Path directory, Process script) {
      this.directory = directory;
      this.script = script;
      this.screen = new InputStreamReader(script.getInputStream(), StandardCharsets.UTF_8);
    }

    static OnTerminal start(Path directory, Path configuration, Map<String, String> environment)
        throws IOException {
      List<String> quoted =
          Launcher.command("top", "--config.file", configuration.toString()).stream()
              .map(word -> "'" + word + "'")
              .toList();
      Path shell =
          Files.writeString(
              directory.resolve("session.sh"),
              """
              stty rows 30 cols 130
              stty -g >'%1$s/before'
              %2$s
              echo $? >'%1$s/status'
              stty -g >'%1$s/after'
              """
                  .formatted(directory, String.join(" ", quoted)));
      ProcessBuilder builder =
          new ProcessBuilder("script", "-qfc", "sh '" + shell + "'", "/dev/null")
              .redirectErrorStream(true);
      builder.environment().remove("NO_COLOR");
      builder.environment().put("TERM", "xterm-256color");
      builder.environment().putAll(environment);
      return new OnTerminal(directory, builder.start());
    }

    /** Reads until some text is on the screen, or to the end for null. */
    private String await(String text) throws IOException {
      char[] read = new char[4096];
      while (text == null || seen.indexOf(text) < 0) {
        int count = screen.read(read);
        if (count < 0) {
          assertTrue(text == null, () -> text + " is not seen:\n" + seen);
          break;
        }
        seen.append(read, 0, count);
      }
      return seen.toString();
    }

    void send(String keys) throws IOException {
      script.getOutputStream().write(keys.getBytes(StandardCharsets.US_ASCII));
      script.getOutputStream().flush();
    }

    /** The kernel sends SIGWINCH when the size that a terminal says to have changes. */
    void resize(int rows, int columns) throws IOException {
      String device =
          Files.readSymbolicLink(Path.of("/proc", Long.toString(pid()), "fd", "0")).toString();
      List<String> stty = List.of("stty", "-F", device, "rows", rows + "", "columns", columns + "");
      assertEquals(0, Tool.run("", stty).status());
    }

    void signal(String name) {
      assertEquals(0, Tool.run("", List.of("kill", "-" + name, Long.toString(pid()))).status());
    }

    private long pid() {
      return script
          .descendants()
          .filter(one -> one.info().command().orElse("").endsWith("java"))
          .findFirst()
          .orElseThrow()
          .pid();
    }

    void assertGivenBack() throws IOException {
      String all = await(null);
      int entered = all.indexOf(ALTERNATE_SCREEN);
      int left = all.lastIndexOf(NORMAL_SCREEN);
      assertTrue(entered >= 0 && entered < left, all);
      assertTrue(all.indexOf("\u001b[?25h", entered) > 0, "the cursor is back");
      assertEquals("", all.substring(left + NORMAL_SCREEN.length()).strip());
      assertEquals("0", Files.readString(directory.resolve("status")).strip());
      String before = Files.readString(directory.resolve("before"));
      assertFalse(before.isBlank());
      assertEquals(before, Files.readString(directory.resolve("after")));
      for (String name : List.of("before", "after", "status")) {
        Files.delete(directory.resolve(name));
      }
    }

    @Override
    public void close() {
      script.descendants().forEach(ProcessHandle::destroyForcibly);
      script.destroyForcibly();
      try {
        assertTrue(script.waitFor(30, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
