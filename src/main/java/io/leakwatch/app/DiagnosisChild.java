package io.leakwatch.app;

import io.leakwatch.config.DiagnosisSettings;
import io.leakwatch.proc.ProcessId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The heavy look at a process by a short-lived child of this program: it has a heap of its own, and
 * hostile bytes or symbols may take it down, but not the daemon. It runs on the Java and the class
 * path of this process, inherits its ambient capabilities, and is killed when its time is over.
 */
final class DiagnosisChild {
  private static final int ERROR_BYTES_MAX = 4096;
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final DiagnosisSettings settings;
  private final @Nullable Path configuration;
  private volatile @Nullable Process running;

  DiagnosisChild(DiagnosisSettings settings, @Nullable Path configuration) {
    this.settings = settings;
    this.configuration = configuration;
  }

  /**
   * What became of one.
   *
   * @param json what it printed, {@code ""} where that is not whole
   * @param problem why, {@code ""} where it is
   */
  record Result(String json, String problem) {}

  /** Looks at a process; returns after the timeout of the settings at the latest. */
  Result look(ProcessId process) throws InterruptedException {
    Process child;
    try {
      ProcessBuilder builder = command(process);
      builder.environment().put("MALLOC_ARENA_MAX", "1");
      child = builder.start();
    } catch (IOException e) {
      return new Result("", "the child that looks cannot be started: " + e.getMessage());
    }
    running = child;
    try {
      child.getOutputStream().close();
      Drain output = new Drain(child.getInputStream(), settings.reportBytesMax());
      Drain errors = new Drain(child.getErrorStream(), ERROR_BYTES_MAX);
      boolean ended = child.waitFor(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        child.destroyForcibly();
      }
      String text = output.text();
      String error = errors.text().strip();
      if (!ended) {
        return new Result(
            "", "the look was given up after " + settings.timeout().toSeconds() + " s");
      }
      if (child.exitValue() != 0) {
        return new Result("", "the look failed (status " + child.exitValue() + "): " + error);
      }
      return output.isCut()
          ? new Result("", "the look found more than diagnosis.report-bytes-max")
          : new Result(text, "");
    } catch (IOException e) {
      return new Result("", "the look failed: " + e.getMessage());
    } finally {
      running = null;
      child.destroyForcibly();
    }
  }

  /** Ends the one that is running. */
  void kill() {
    Process child = running;
    if (child != null) {
      child.destroyForcibly();
    }
  }

  private ProcessBuilder command(ProcessId process) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "diagnose",
                Integer.toString(process.pid()),
                "--start-ticks",
                Long.toString(process.startTicks()),
                "--for",
                Math.max(1, settings.span().toSeconds()) + "s",
                "--paced",
                "--json"));
    if (configuration != null) {
      arguments.addAll(List.of("--config.file", configuration.toAbsolutePath().toString()));
    }
    return OwnProgram.command(
        Main.class, settings.memoryBytes(), List.of("-XX:TieredStopAtLevel=1"), arguments);
  }

  /** Reads a stream to its end on a thread of its own, and keeps so much of it at the most. */
  private static final class Drain {
    private final Thread thread;
    private final byte[] kept;
    private int length;
    private boolean cut;

    Drain(InputStream in, int bytesMax) {
      this.kept = new byte[bytesMax];
      this.thread = new Thread(() -> drain(in), "diagnosis output");
      thread.setDaemon(true);
      thread.start();
    }

    private void drain(InputStream in) {
      byte[] buffer = new byte[4096];
      try (in) {
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          int taken = Math.min(count, kept.length - length);
          System.arraycopy(buffer, 0, kept, length, taken);
          length += taken;
          cut |= taken < count;
        }
      } catch (IOException e) {
        cut = true; // The child was killed: what came of it is not whole.
      }
    }

    String text() throws InterruptedException {
      thread.join(GRACE.toMillis());
      return new String(kept, 0, length, StandardCharsets.UTF_8);
    }

    boolean isCut() {
      return cut || thread.isAlive();
    }
  }
}
