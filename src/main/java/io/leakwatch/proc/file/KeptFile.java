package io.leakwatch.proc.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file of /proc or a cgroup of one record that is read again and again. It stays open; when
 * reading it fails (ENODEV from a cgroup that was removed), it is opened again once, for there may
 * be another of the same name. One that cannot be opened is not asked for again before {@link
 * #RESTS} reads have been spared.
 */
public final class KeptFile implements AutoCloseable {
  /** A file that appears later, as those of a controller that is switched on, is seen by then. */
  public static final int RESTS = 8;

  private final Path path;
  private @Nullable ProcFile open;
  private int rests;

  public KeptFile(Path path) {
    this.path = path;
  }

  /**
   * Reads the file from its start, cut at the length of {@code into}.
   *
   * @return the bytes read, -1 where it is not there or may not be read
   */
  public int read(ByteBuffer scratch, byte[] into) {
    ProcFile kept = open;
    if (kept != null) {
      try {
        return kept.readRecord(scratch, into);
      } catch (IOException e) {
        close(); // Opened again below.
      }
    }
    if (rests > 0) {
      rests--;
      return -1;
    }
    try {
      ProcFile opened = ProcFile.open(path);
      open = opened;
      return opened.readRecord(scratch, into);
    } catch (IOException e) {
      close();
      rests = RESTS;
      return -1; // Documented as absent.
    }
  }

  boolean isOpen() {
    return open != null;
  }

  @Override
  public void close() {
    if (open != null) {
      open.close();
      open = null;
    }
  }
}
