package io.leakwatch.saved.core;

import io.leakwatch.os.PageSize;
import io.leakwatch.proc.memory.AddressRanges;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.saved.SavedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * An ELF core file: which memory it holds and what its notes say (core(5), fs/binfmt_elf.c).
 *
 * <p>Nothing in it is believed. Segments that lie outside of the address space, overlap others
 * there or in the file, or are no whole pages are left out and counted. So no byte of the file is
 * read as two different pages, and what is kept of it is bounded by its length. It is read by
 * position, because such a file may be larger than the memory.
 */
final class CoreFile implements AutoCloseable {
  private static final int HEADER_BYTES = 64;
  private static final int SEGMENT_BYTES = 56;
  private static final int ELF_MAGIC = 0x464c457f;
  private static final int ET_CORE = 4;
  private static final int PT_LOAD = 1;
  private static final int PT_NOTE = 4;
  private static final int COUNT_IN_FIRST_SECTION = 0xffff;
  private static final int PF_X = 1;
  private static final int PF_W = 2;
  private static final int PF_R = 4;

  private final Path path;
  private final FileChannel channel;
  private final long bytes;
  private final Instant modified;
  private final List<CoreSegment> segments = new ArrayList<>();
  private final CoreNotes notes = new CoreNotes();
  private int malformed;
  private boolean cutInHeaders;

  private CoreFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    this.bytes = channel.size();
    this.modified = Files.getLastModifiedTime(path).toInstant();
  }

  /** Whether a file of that name is there and begins as a core file does. */
  static boolean isOne(Path path) {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    try (FileChannel channel = SavedFile.given(path)) {
      ByteBuffer header = header(channel);
      return header.limit() == HEADER_BYTES
          && header.getInt(0) == ELF_MAGIC
          && header.getShort(16) == ET_CORE;
    } catch (IOException e) {
      return false; // What is wrong with it is said when it is opened by its path.
    }
  }

  /**
   * Opens one.
   *
   * @throws CommandFailure when it cannot be read, is no core, or one of another machine
   */
  static CoreFile open(Path path) {
    try {
      FileChannel channel = SavedFile.given(path);
      boolean kept = false;
      try {
        CoreFile core = new CoreFile(path, channel);
        core.read();
        kept = true;
        return core;
      } finally {
        if (!kept) {
          channel.close();
        }
      }
    } catch (IOException e) {
      throw SavedFile.failure(path.toString(), e);
    }
  }

  private static ByteBuffer header(FileChannel channel) throws IOException {
    return read(channel, 0, HEADER_BYTES);
  }

  private void read() throws IOException {
    ByteBuffer header = header(channel);
    String wrong = CoreRefusal.of(header);
    if (!wrong.isEmpty()) {
      throw CommandFailure.usage(path + ": " + wrong);
    }
    int count = header.getShort(56) & 0xffff;
    if (count == COUNT_IN_FIRST_SECTION) {
      ByteBuffer section = bytes(header.getLong(40), HEADER_BYTES);
      count = section.limit() == HEADER_BYTES ? section.getInt(44) : 0;
    }
    int known = Math.max(0, Math.min(count, MappingTable.ROWS_MAX_ALONE));
    ByteBuffer table = bytes(header.getLong(32), (long) known * SEGMENT_BYTES);
    cutInHeaders = table.remaining() < (long) known * SEGMENT_BYTES;
    malformed += known == count ? 0 : 1;
    while (table.remaining() >= SEGMENT_BYTES) {
      int kind = table.getInt();
      int flags = table.getInt();
      long offset = table.getLong();
      long address = table.getLong();
      table.getLong();
      long stated = table.getLong();
      long inMemory = table.getLong();
      table.getLong();
      if (kind == PT_LOAD) {
        add(address, inMemory, permissions(flags), offset, stated);
      } else if (kind == PT_NOTE) {
        notes.read(this, offset, stated);
      }
    }
    leaveOutOverlaps();
  }

  private static int permissions(int flags) {
    return ((flags & PF_R) != 0 ? MappingTable.READ : 0)
        | ((flags & PF_W) != 0 ? MappingTable.WRITE : 0)
        | ((flags & PF_X) != 0 ? MappingTable.EXECUTE : 0);
  }

  private void add(long address, long inMemory, int permissions, long offset, long stated) {
    long end = address + inMemory;
    boolean possible =
        inMemory > 0
            && ((address | inMemory) & PageSize.BYTES - 1) == 0
            && AddressRanges.isPossible(address, end, 0)
            && stated >= 0
            && stated <= inMemory
            && offset >= 0;
    if (!possible) {
      malformed++;
      return;
    }
    long held = Math.max(0, Math.min(stated, bytes - offset)) & -PageSize.BYTES;
    segments.add(new CoreSegment(address, end, permissions, offset, held, stated));
  }

  private void leaveOutOverlaps() {
    segments.sort(Comparator.comparingLong(CoreSegment::offset));
    long[] fileEnd = new long[1];
    leaveOut(
        segment -> {
          boolean overlaps = segment.heldBytes() > 0 && segment.offset() < fileEnd[0];
          fileEnd[0] =
              overlaps ? fileEnd[0] : Math.max(fileEnd[0], segment.offset() + segment.heldBytes());
          return overlaps;
        });
    segments.sort((one, other) -> Long.compareUnsigned(one.start(), other.start()));
    long[] end = new long[1];
    leaveOut(
        segment -> {
          boolean overlaps = Long.compareUnsigned(segment.start(), end[0]) < 0;
          end[0] = overlaps ? end[0] : segment.end();
          return overlaps;
        });
  }

  private void leaveOut(Predicate<CoreSegment> which) {
    int before = segments.size();
    segments.removeIf(which);
    malformed += before - segments.size();
  }

  /** Reads from an offset on; fewer bytes, or none, where the file has no more. */
  ByteBuffer bytes(long at, long count) throws IOException {
    long there = at < 0 || at >= bytes ? 0 : Math.min(count, bytes - at);
    return read(channel, at, (int) Math.max(0, there));
  }

  private static ByteBuffer read(FileChannel channel, long at, int count) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (into.hasRemaining() && channel.read(into, at + into.position()) > 0) {}
    return into.flip();
  }

  /** Reads up to the buffer's limit from an offset on, and returns how many bytes that were. */
  int read(long at, ByteBuffer into) throws IOException {
    int sum = 0;
    while (into.hasRemaining()) {
      int got = channel.read(into, at + sum);
      if (got <= 0) {
        break;
      }
      sum += got;
    }
    return sum;
  }

  Path path() {
    return path;
  }

  /** When it was written, as far as nobody has touched it since. */
  Instant modified() {
    return modified;
  }

  /** In the order of their addresses; none overlaps another. */
  List<CoreSegment> segments() {
    return segments;
  }

  CoreNotes notes() {
    return notes;
  }

  /** Bytes of memory that it ought to hold. */
  long statedBytes() {
    return segments.stream().mapToLong(CoreSegment::statedBytes).sum();
  }

  /** Bytes of them that lie behind its end. */
  long missingBytes() {
    return segments.stream()
        .mapToLong(segment -> segment.statedBytes() - segment.heldBytes())
        .sum();
  }

  /** Whether it ends before the table of what it holds does. */
  boolean isCutInHeaders() {
    return cutInHeaders;
  }

  /** Program headers that made no sense and were left out. */
  int malformed() {
    return malformed;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      assert e != null; // Nothing was written.
    }
  }
}
