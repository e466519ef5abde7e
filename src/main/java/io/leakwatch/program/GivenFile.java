package io.leakwatch.program;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/** A file that a user names on the command line: a file, a pipe, or {@code -}, standard input. */
public final class GivenFile {
  private static final Path STANDARD_INPUT = Path.of("-");

  private GivenFile() {}

  /**
   * Opens it.
   *
   * @throws IOException whose message says why it cannot be read
   */
  public static InputStream open(Path file) throws IOException {
    if (file.equals(STANDARD_INPUT)) {
      return System.in;
    }
    if (Files.isDirectory(file)) {
      throw new IOException("is a directory; name the files in it");
    }
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw new IOException(why(e), e);
    }
  }

  /**
   * Writes a text to it.
   *
   * @throws CommandFailure when it cannot be written
   */
  public static void write(Path file, String content) {
    write(file, content.getBytes(StandardCharsets.UTF_8));
  }

  /** The same with bytes. */
  public static void write(Path file, byte[] content) {
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw CommandFailure.because(
          file + ": cannot be written: " + Objects.requireNonNullElse(e.getMessage(), "" + e));
    }
  }

  /** What it is called in messages. */
  public static String name(Path file) {
    return file.equals(STANDARD_INPUT) ? "standard input" : file.toString();
  }

  /** Why a file cannot be read, in a few words. */
  public static String why(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    return e instanceof AccessDeniedException
        ? "permission denied"
        : Objects.requireNonNullElse(e.getMessage(), e.toString());
  }
}
