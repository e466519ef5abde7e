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
 * Lists the threads of a process with their stack pointers, without stopping one.
 *
 * <p>{@code /proc/PID/task/TID/syscall} tells the stack pointer of a thread that waits in the
 * kernel, and "running" of one that does not; then it is asked again a few times, because a thread
 * of a server seldom runs for long. It needs the same right as reading memory.
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
        threads.add(
            new ProcessThread(
                Integer.parseInt(task.getFileName().toString()), name(task), stackPointer(task)));
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

  private static long stackPointer(Path task) {
    try {
      for (int i = 0; i < TRIES; i++) {
        long found = parse(ProcFile.text(task.resolve("syscall"), LINE_BYTES_MAX));
        if (found != 0) {
          return found;
        }
      }
    } catch (IOException e) {
      return 0; // Ended, not allowed, or a kernel without it: then nobody knows.
    }
    return 0;
  }

  /** Of {@code NUMBER [six arguments] STACK-POINTER PROGRAM-COUNTER}. */
  static long parse(String line) {
    String[] words = line.strip().split(" ", -1);
    if (words.length < 3 || !words[words.length - 2].startsWith("0x")) {
      return 0;
    }
    try {
      return Long.parseUnsignedLong(words[words.length - 2].substring(2), 16);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
