package io.leakwatch.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Looks at a process during which none of its threads ran: only such a look can be held against the
 * truth to the byte. A program that said its truth and waits may still run for a moment, as
 * runtimes work behind its back, and longer on a busy machine.
 */
public final class Undisturbed {
  private static final int LOOKS = 200;

  private Undisturbed() {}

  /**
   * The first look during which the process did not run.
   *
   * @throws AssertionError if it ran during each of two hundred
   */
  public static <T> T look(int pid, Supplier<T> look) {
    for (int i = 0; i < LOOKS; i++) {
      String before = switches(pid);
      T seen = look.get();
      if (!before.isEmpty() && before.equals(switches(pid))) {
        return seen;
      }
    }
    throw new AssertionError("process " + pid + " is never still");
  }

  /**
   * How often each thread began and ceased to run (Documentation/filesystems/proc.rst, status),
   * empty if one runs now.
   */
  private static String switches(int pid) {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : threads.sorted().toList()) {
        List<String> status = Files.readAllLines(thread.resolve("status"));
        if (status.stream().anyMatch(line -> line.startsWith("State:\tR"))) {
          return "";
        }
        all.append(thread.getFileName());
        status.stream().filter(line -> line.contains("ctxt_switches")).forEach(all::append);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all.toString();
  }
}
