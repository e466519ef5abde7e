package io.leakwatch.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An outside program that a test asks for its opinion. */
public final class Tool {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private Tool() {}

  /** What a program said, and how it ended. */
  public record Result(int status, String output) {}

  /** Skips the test where a mount namespace cannot be made. */
  public static void assumeMounts() {
    Result probe = run("", List.of("unshare", "--mount", "mount", "--make-rprivate", "/"));
    assumeTrue(
        probe.status() == 0, "CAP_SYS_ADMIN is needed for mounts: " + probe.output().strip());
  }

  /** Runs a command to its end, both outputs taken together. */
  public static Result run(String input, List<String> command) {
    return run(input, command, TIMEOUT);
  }

  /** Runs a command to its end, which must come within a time. */
  public static Result run(String input, List<String> command, Duration timeout) {
    Path output = null;
    try {
      output = Files.createTempFile("leakwatch-tool", ".txt");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      }
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(command + " does not end");
      }
      try (InputStream said = Files.newInputStream(output)) {
        return new Result(
            process.exitValue(), new String(said.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      delete(output);
    }
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
