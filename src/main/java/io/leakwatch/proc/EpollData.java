package io.leakwatch.proc;

import io.leakwatch.proc.file.ProcFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a process has given to {@code epoll_ctl} to be handed back with an event: in an event loop
 * often the only pointer to a connection. {@code /proc/PID/fdinfo/N} of an epoll descriptor lists
 * it as {@code data:} (fs/eventpoll.c, {@code ep_show_fdinfo}).
 */
final class EpollData {
  private static final int BYTES_MAX = 1 << 20;
  private static final String EPOLL = "anon_inode:[eventpoll]";

  private EpollData() {}

  /**
   * The words of the first descriptors.
   *
   * @param descriptorsMax that are looked at
   * @param wordsMax that are returned
   */
  static List<Long> read(Path processDirectory, int descriptorsMax, int wordsMax)
      throws IOException {
    List<Long> words = new ArrayList<>();
    Descriptors.visit(
        processDirectory.resolve("fd"),
        descriptorsMax,
        (link, target) -> {
          if (target.equals(EPOLL)) {
            Path info = processDirectory.resolve("fdinfo").resolve(link.getFileName());
            add(text(info), words, wordsMax);
          }
          return words.size() < wordsMax;
        });
    return words;
  }

  private static String text(Path info) {
    try {
      return ProcFile.text(info, BYTES_MAX);
    } catch (IOException e) {
      return ""; // Closed meanwhile.
    }
  }

  /** Adds those of lines such as {@code tfd: 5 events: 19 data: 55d0c0a8e2a0 pos:0 ino:…}. */
  static void add(String text, List<Long> words, int wordsMax) {
    for (String line : text.split("\n", -1)) {
      int at = line.indexOf(" data:");
      if (line.startsWith("tfd:") && at > 0 && words.size() < wordsMax) {
        word(line.substring(at + 6).strip().split("\\s", 2)[0]).ifPresent(words::add);
      }
    }
  }

  private static Optional<Long> word(String text) {
    try {
      return Optional.of(Long.parseUnsignedLong(text, 16));
    } catch (NumberFormatException e) {
      return Optional.empty(); // Another kernel's form.
    }
  }
}
