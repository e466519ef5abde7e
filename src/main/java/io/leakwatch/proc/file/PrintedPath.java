package io.leakwatch.proc.file;

/**
 * The path of a file as the kernel prints it in links and maps: one that was deleted has a suffix
 * (fs/d_path.c).
 *
 * @param path without it
 */
public record PrintedPath(String path, boolean deleted) {
  private static final String DELETED = " (deleted)";

  public static PrintedPath of(String printed) {
    boolean deleted = printed.endsWith(DELETED);
    return new PrintedPath(
        deleted ? printed.substring(0, printed.length() - DELETED.length()) : printed, deleted);
  }
}
