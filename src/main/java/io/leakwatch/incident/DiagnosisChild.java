package io.leakwatch.incident;

import io.leakwatch.config.DiagnosisSettings;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.program.OwnProgram;
import io.leakwatch.text.Quantity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The diagnosis of a process by a short-lived child of this program: it has a heap of its own, and
 * hostile bytes or symbols may take it down, but not the daemon. It runs on the Java and the class
 * path of this process, inherits its ambient capabilities, and is killed when its time is over.
 */
public final class DiagnosisChild implements Diagnoser {
  private static final int USAGE = 2;
  private static final int NO_PROCESS = 3;

  /** Java tells an end by signal N as status 128 + N. */
  private static final int SIGNAL = 128;

  private static final int SIGKILL = 9;

  private final ProcFs procFs;
  private final DiagnosisSettings settings;
  private final @Nullable Path configuration;
  private volatile @Nullable SupervisedChild running;

  public DiagnosisChild(ProcFs procFs, DiagnosisSettings settings, @Nullable Path configuration) {
    this.procFs = procFs;
    this.settings = settings;
    this.configuration = configuration;
  }

  /** Looks at a process; returns after the timeout of the settings at the latest. */
  @Override
  public DiagnosisResult diagnose(ProcessId process) throws InterruptedException {
    if (!(procFs.id(process.pid()) instanceof Outcome.Sampled<ProcessId> now)
        || !now.value().equals(process)) {
      return new DiagnosisResult.NotRead("the process ended before it could be diagnosed", false);
    }
    SupervisedChild child;
    try {
      child = SupervisedChild.start(command(process), settings.reportBytesMax());
    } catch (IOException e) {
      return new DiagnosisResult.NotRead(
          "the diagnosis process cannot be started: " + e.getMessage(), true);
    }
    running = child;
    try {
      return result(child.await(settings.timeout()), settings);
    } finally {
      running = null;
    }
  }

  /** What an end means: whether the process was read, and why there is nothing to show. */
  static DiagnosisResult result(SupervisedChild.End end, DiagnosisSettings settings) {
    if (end.isCut()) {
      return new DiagnosisResult.Failed(
          "the diagnosis found more than diagnosis.report-bytes-max allows");
    }
    if (!end.timely()) {
      return new DiagnosisResult.Failed(
          "the diagnosis was stopped after " + Quantity.duration(settings.timeout()));
    }
    String said = line(end.errors());
    return switch (end.status()) {
      case 0 ->
          end.output().isBlank()
              ? new DiagnosisResult.Failed("the diagnosis printed nothing")
              : new DiagnosisResult.Found(end.output());
      case USAGE -> new DiagnosisResult.NotRead("the diagnosis was refused: " + said, true);
      case NO_PROCESS -> new DiagnosisResult.NotRead(said, false);
      default -> new DiagnosisResult.Failed(failure(end.status(), said));
    };
  }

  private static String failure(int status, String said) {
    if (said.contains(OutOfMemoryError.class.getName())) {
      return "the diagnosis needs more heap than diagnosis.memory-bytes";
    }
    return status > SIGNAL
        ? "the diagnosis was killed by signal "
            + (status - SIGNAL)
            + (status - SIGNAL == SIGKILL ? ", as the kernel does when memory is short" : "")
        : "the diagnosis failed (status " + status + "): " + said;
  }

  /** The line that says why: the program's own, else that of an uncaught error, else the first. */
  private static String line(String errors) {
    return Stream.of("leakwatch: ", "Exception in thread ", "")
        .flatMap(begin -> errors.lines().filter(line -> line.startsWith(begin)))
        .findFirst()
        .orElse("")
        .replaceFirst("^leakwatch: ", "");
  }

  /** Ends the one that is running. */
  @Override
  public void close() {
    SupervisedChild child = running;
    if (child != null) {
      child.kill();
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
                "--profile",
                "--json"));
    if (configuration != null) {
      arguments.addAll(List.of("--config.file", configuration.toAbsolutePath().toString()));
    }
    ProcessBuilder builder =
        OwnProgram.command(
            OwnProgram.MAIN, settings.memoryBytes(), List.of("-XX:TieredStopAtLevel=1"), arguments);
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    return builder;
  }
}
