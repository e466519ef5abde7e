package io.leakwatch.proc.memory;

import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The {@code maps} or {@code smaps} of one process, read into a {@link MappingTable}.
 *
 * <p>Each read(2) returns about one page of text and holds the target's mmap_lock while the kernel
 * makes it; the lock is free between reads. The file is opened for each reading: an open descriptor
 * belongs to the address space that the process had then, and reads as empty after an exec.
 */
public final class MappingSource {
  private final Path path;
  private final Path processDirectory;
  private final MappingText lines;
  private final ByteBuffer buffer;
  private final byte[] text;

  public MappingSource(Path processDirectory, String name, ReadBuffers buffers) {
    this.processDirectory = processDirectory;
    this.path = processDirectory.resolve(name);
    this.lines = new MappingText(buffers);
    this.buffer = buffers.buffer();
    this.text = buffers.text();
  }

  /**
   * Reads all mappings into a table, or tells that they do not fit into it; their number is then
   * known all the same.
   */
  public Outcome<MappingTable> read(MappingTable into, ReadMeter meter) {
    // Before the file is opened: a refused one leaves an empty table, not that of another process.
    lines.begin(into);
    try (ProcFile file = ProcFile.open(path)) {
      lines.read((piece, position) -> read(file, piece, position, meter));
    } catch (IOException e) {
      return Refusal.of(e, path, processDirectory);
    }
    return into.rowsBeyond() == 0
        ? Outcome.sampled(into)
        : Outcome.unable(
            String.format(
                Locale.ROOT,
                "%s has %,d mappings, more than the %,d that are read"
                    + " (sampling.max-mappings): its memory by kind and its heaps are"
                    + " unknown",
                processDirectory,
                (long) into.size() + into.rowsBeyond(),
                into.rowsMax()));
  }

  /** Counts the lines of {@code maps}. */
  public Outcome<Integer> count(ReadMeter meter) {
    try (ProcFile file = ProcFile.open(path)) {
      long position = 0;
      int lines = 0;
      while (true) {
        int count = read(file, buffer.clear(), position, meter);
        if (count <= 0) {
          return Outcome.sampled(lines);
        }
        position += count;
        buffer.flip().get(text, 0, count);
        for (int i = 0; i < count; i++) {
          lines += text[i] == '\n' ? 1 : 0;
        }
      }
    } catch (IOException e) {
      return Refusal.of(e, path, processDirectory);
    }
  }

  private static int read(ProcFile open, ByteBuffer into, long position, ReadMeter meter)
      throws IOException {
    meter.before();
    try {
      return open.read(into, position);
    } finally {
      meter.after();
    }
  }
}
