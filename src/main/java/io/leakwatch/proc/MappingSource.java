package io.leakwatch.proc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The {@code maps} or {@code smaps} of one process, kept open and read into a {@link MappingTable}.
 *
 * <p>Each read(2) returns about one page of text and holds the target's mmap_lock while the kernel
 * makes it; the lock is free between reads. An open descriptor belongs to the address space that
 * the process had when it was opened, so after an exec it reads as empty: an empty answer is asked
 * for once more through a new descriptor.
 */
final class MappingSource implements AutoCloseable {
  static final int BUFFER_BYTES = 64 * 1024;

  private final Path path;
  private final Path processDirectory;
  private final MappingParser parser;
  private final ByteBuffer buffer;
  private final byte[] text = new byte[BUFFER_BYTES];
  private @Nullable ProcFile file;

  MappingSource(Path processDirectory, String name, MappingParser parser, ByteBuffer buffer) {
    this.processDirectory = processDirectory;
    this.path = processDirectory.resolve(name);
    this.parser = parser;
    this.buffer = buffer;
  }

  /** Reads all mappings; sampled with whether the file had to be opened again after an exec. */
  Outcome<Boolean> read(MappingTable into, ReadMeter meter) {
    boolean reopened = false;
    try {
      ProcFile open = file;
      if (open == null) {
        open = ProcFile.open(path);
        file = open;
        readOnce(open, into, meter);
      } else {
        readOnce(open, into, meter);
        if (into.size() == 0) {
          open.close();
          open = ProcFile.open(path);
          file = open;
          reopened = true;
          readOnce(open, into, meter);
        }
      }
      return Outcome.sampled(reopened);
    } catch (IOException e) {
      close();
      return Refusal.of(e, path, processDirectory);
    }
  }

  private void readOnce(ProcFile open, MappingTable into, ReadMeter meter) throws IOException {
    parser.begin(into);
    long position = 0;
    int kept = 0;
    boolean skipping = false;
    while (true) {
      buffer.clear().limit(text.length - kept);
      int count;
      meter.before();
      try {
        count = open.read(buffer, position);
      } finally {
        meter.after();
      }
      if (count <= 0) {
        break;
      }
      position += count;
      buffer.flip().get(text, kept, count);
      int length = kept + count;
      int from = 0;
      if (skipping) {
        from = lineEnd(length);
        skipping = from < 0;
        from = skipping ? length : from;
      }
      if (from > 0) {
        System.arraycopy(text, from, text, 0, length - from);
        length -= from;
      }
      int taken = parser.accept(text, length);
      kept = length - taken;
      System.arraycopy(text, taken, text, 0, kept);
      if (kept == text.length) {
        parser.acceptEndlessLine();
        skipping = true;
        kept = 0;
      }
    }
    if (kept > 0) {
      parser.acceptEndlessLine();
    }
  }

  private int lineEnd(int length) {
    for (int i = 0; i < length; i++) {
      if (text[i] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
