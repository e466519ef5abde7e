package io.leakwatch.proc;

import io.leakwatch.proc.file.ProcFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists the threads of a process with some of their registers, without stopping one.
 *
 * <p>{@code /proc/PID/task/TID/syscall} tells stack pointer and arguments of a thread that waits in
 * the kernel, and "running" of one that does not; then it is asked again a few times, because a
 * thread of a server seldom runs for long. It needs the same right as reading memory.
 */
final class ThreadList {
  private static final int TRIES = 8;
  private static final int LINE_BYTES_MAX = 512;
  private static final int NAME_BYTES_MAX = 64;

  private ThreadList() {}

  /** The first threads, at most so many. */
  static List<ProcessThread> read(Path processDirectory, int threadsMax) throws IOException {
    List<ProcessThread> threads = new ArrayList<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(processDirectory.resolve("task"))) {
      for (Path task : tasks) {
        if (threads.size() == threadsMax) {
          break;
        }
        List<Long> words = registers(task);
        threads.add(
            new ProcessThread(
                Integer.parseInt(task.getFileName().toString()),
                name(task),
                words.isEmpty() ? 0 : words.get(words.size() - 1),
                words.isEmpty() ? words : words.subList(0, words.size() - 1)));
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return threads;
  }

  private static String name(Path task) {
    try {
      return ProcFile.text(task.resolve("comm"), NAME_BYTES_MAX).strip();
    } catch (IOException e) {
      return ""; // It has just ended.
    }
  }

  private static List<Long> registers(Path task) {
    try {
      for (int i = 0; i < TRIES; i++) {
        List<Long> found = parse(ProcFile.text(task.resolve("syscall"), LINE_BYTES_MAX));
        if (!found.isEmpty()) {
          return found;
        }
      }
    } catch (IOException e) {
      return List.of(); // Ended, not allowed, or a kernel without it: then nobody knows.
    }
    return List.of();
  }

  /**
   * Of {@code NUMBER [six arguments] STACK-POINTER PROGRAM-COUNTER} the arguments and, last, the
   * stack pointer; empty of anything else.
   */
  static List<Long> parse(String line) {
    String[] words = line.strip().split(" ", -1);
    List<Long> registers = new ArrayList<>();
    try {
      for (int i = 1; i < words.length - 1; i++) {
        if (!words[i].startsWith("0x")) {
          return List.of();
        }
        registers.add(Long.parseUnsignedLong(words[i].substring(2), 16));
      }
    } catch (NumberFormatException e) {
      return List.of();
    }
    return registers;
  }
}
