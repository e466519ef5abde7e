package io.leakwatch.saved;

import io.leakwatch.program.CommandFailure;
import io.leakwatch.program.GivenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Files that were saved. A link in a saved directory leads to a file of this machine and a pipe in
 * it waits for a writer, so only regular files are opened, and a link is followed only where its
 * reader was given it by name.
 */
public final class SavedFile {
  private SavedFile() {}

  static boolean isThere(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  static boolean isDirectory(Path directory) {
    return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS);
  }

  static InputStream open(Path file) throws IOException {
    return Channels.newInputStream(channel(file));
  }

  /** Opens a regular file; its reader closes it. */
  static FileChannel channel(Path file) throws IOException {
    if (!isThere(file)) {
      throw new IOException("not a regular file");
    }
    return FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
  }

  /**
   * Opens a regular file that a person has named; its reader closes it.
   *
   * @throws IOException whose message says why it cannot be read
   */
  public static FileChannel given(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("is a directory");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException("is not a regular file");
    }
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  /** The first bytes of a small file; none where it is not there or may not be read. */
  static byte[] bytes(Path file, int bytesMax) {
    if (!isThere(file)) {
      return new byte[0];
    }
    try (InputStream in = open(file)) {
      return in.readNBytes(bytesMax);
    } catch (IOException e) {
      return new byte[0]; // As good as not saved: documented as none.
    }
  }

  /** Whether nothing was saved in it; one that may not be read holds something. */
  static boolean isEmpty(Path file) {
    if (!isThere(file)) {
      return true;
    }
    try (InputStream in = open(file)) {
      return in.read() < 0;
    } catch (IOException e) {
      return false; // What is wrong with it is reported when it is read.
    }
  }

  /** What to say of a file that cannot be read. */
  public static CommandFailure failure(String name, IOException e) {
    String line = name + ": " + GivenFile.why(e);
    boolean refused =
        e instanceof AccessDeniedException || e.getCause() instanceof AccessDeniedException;
    return refused ? CommandFailure.noProcess(line) : CommandFailure.usage(line);
  }
}
