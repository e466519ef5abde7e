package io.leakwatch.proc.identity;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The names by which people know the program of a process: the file names of its executable and of
 * {@code argv[0]}. They differ where the one is a link to the other (on Debian redis-server is one
 * to redis-check-rdb), and where a process writes its state into its arguments ({@code nginx:
 * master process …}).
 */
public final class ProgramNames {
  /** TASK_COMM_LEN of the kernel without its NUL. */
  private static final int COMM_BYTES_MAX = 15;

  private ProgramNames() {}

  /**
   * The names, the one that the kernel calls the process by first, else the executable's.
   *
   * @param comm the name in the kernel
   * @param exe path of the executable, {@code ""} where it may not be read
   * @return empty where nothing is known
   */
  public static List<String> of(String comm, String exe, List<String> commandLine) {
    String argument = commandLine.isEmpty() ? "" : commandLine.get(0);
    return Stream.of(fileName(exe), fileName(firstWord(argument)), fileName(argument))
        .filter(name -> !name.isEmpty())
        .distinct()
        .sorted(Comparator.comparing((String name) -> !isCut(name, comm)))
        .toList();
  }

  private static String firstWord(String text) {
    int blank = text.indexOf(' ');
    String word = blank < 0 ? text : text.substring(0, blank);
    return word.endsWith(":") ? word.substring(0, word.length() - 1) : word;
  }

  /** The last part of a path; a login shell's has a hyphen in front. */
  private static String fileName(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.startsWith("-") ? name.substring(1) : name;
  }

  private static boolean isCut(String name, String comm) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    byte[] cut = comm.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, COMM_BYTES_MAX);
    return Arrays.equals(bytes, 0, length, cut, 0, cut.length);
  }
}
