package io.leakwatch.lab;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.AgentProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The daemon that watches a server at a fast pace, half a second for an hour, from its start on.
 */
final class Watcher implements AutoCloseable {
  private static final String NAME = "lab";

  private final AgentProcess agent;
  private final long pid;

  private Watcher(AgentProcess agent, long pid) {
    this.agent = agent;
    this.pid = pid;
  }

  /**
   * Starts the daemon.
   *
   * @param directory an empty one, for its files
   */
  static Watcher over(RunningServer server, ProgramUnderTest program, Path directory) {
    return new Watcher(
        program.watch(
            AgentProcess.fastConfiguration(directory, "targets = [ " + target(server) + " ]")),
        server.pid());
  }

  /** The same executable with the run's directory or port among its arguments. */
  private static String target(RunningServer server) {
    Path proc = Path.of("/proc", Long.toString(server.pid()));
    JsonObject target = new JsonObject();
    target.addProperty("name", NAME);
    try {
      String exe = proc.resolve("exe").toRealPath().toString();
      target.addProperty("exe", Pattern.quote(exe));
      String arguments =
          new String(Files.readAllBytes(proc.resolve("cmdline")), StandardCharsets.UTF_8);
      String place = server.run("place", "echo $DIR $PORT");
      for (String mark : place.split(" ")) {
        if (arguments.contains(mark)) {
          target.addProperty("command-line", Pattern.quote(mark));
          break;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Gson().toJson(target);
  }

  /** Its present verdict, {@code ""} while it has none. */
  String verdict() {
    try {
      JsonObject all = JsonParser.parseString(agent.get("/api/v1/processes")).getAsJsonObject();
      for (JsonElement element : all.getAsJsonArray("processes")) {
        // A server's other processes may match as well.
        JsonObject process = element.getAsJsonObject();
        if (process.get("pid").getAsLong() == pid) {
          return Look.text(process, "verdict");
        }
      }
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its verdict when that is one of those wanted, or when the time is over. */
  String verdict(Set<String> wanted, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    String verdict = verdict();
    while (!wanted.contains(verdict) && System.nanoTime() < end) {
      Pause.millis(250);
      verdict = verdict();
    }
    return verdict;
  }

  @Override
  public void close() {
    agent.close();
  }
}
