package io.leakwatch.lab;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The program that is judged, by its contract alone: the jar that {@code leakwatch.jar} names, or
 * the classes of this build where it names none. Its launcher's memory bounds hold for it.
 */
final class ProgramUnderTest {
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final Map<String, String> environment;

  private ProgramUnderTest(Map<String, String> environment) {
    this.environment = environment;
  }

  /** As the system property says. */
  static ProgramUnderTest ofProperty() {
    String jar = System.getProperty("leakwatch.jar", "");
    if (jar.isEmpty()) {
      return new ProgramUnderTest(Map.of());
    }
    try {
      Path file = Path.of(jar).toRealPath();
      Path home = Files.createTempDirectory(Path.of("target"), "lab-home-").toAbsolutePath();
      Path link = Files.createSymbolicLink(home.resolve("leakwatch.jar"), file);
      link.toFile().deleteOnExit();
      return new ProgramUnderTest(Map.of("LEAKWATCH_HOME", home.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  JsonObject inspect(long pid) {
    return json("inspect", Long.toString(pid), "--json");
  }

  JsonObject diagnose(long pid, int seconds) {
    return json("diagnose", Long.toString(pid), "--json", "--for", seconds + "s");
  }

  /** Starts the daemon. */
  AgentProcess watch(Path configuration) {
    return AgentProcess.run(configuration, environment, List.of());
  }

  private JsonObject json(String... arguments) {
    List<String> settings = new ArrayList<>();
    environment.forEach((name, value) -> settings.add(name + "=" + value));
    Path errors = null;
    try {
      errors = Files.createTempFile("leakwatch-lab", ".err");
      List<String> command =
          new ArrayList<>(List.of("sh", "-c", "\"$@\" 2>\"$0\"", errors.toString()));
      command.addAll(Launcher.command(settings, arguments));
      Tool.Result result = Tool.run("", command, PATIENCE);
      if (result.status() != 0) {
        throw new IllegalStateException(
            String.join(" ", arguments)
                + ": status "
                + result.status()
                + "\n"
                + Files.readString(errors));
      }
      return JsonParser.parseString(result.output()).getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (errors != null) {
        errors.toFile().delete();
      }
    }
  }
}
