package io.leakwatch.proc;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the descriptors of a process lead to. Listing them needs the right to trace it. */
final class Descriptors {
  private Descriptors() {}

  /** Is shown one descriptor after the other. */
  @FunctionalInterface
  interface Visitor {
    /**
     * Sees a descriptor.
     *
     * @param link in /proc/PID/fd
     * @param target that it leads to, {@code ""} where it was closed meanwhile
     * @return whether to go on
     */
    boolean visit(Path link, String target) throws IOException;
  }

  /**
   * Shows the first descriptors.
   *
   * @param fd /proc/PID/fd
   */
  static void visit(Path fd, int countMax, Visitor visitor) throws IOException {
    int left = countMax;
    try (DirectoryStream<Path> links = Files.newDirectoryStream(fd)) {
      for (Path link : links) {
        if (left-- == 0 || !visitor.visit(link, target(link))) {
          return;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
