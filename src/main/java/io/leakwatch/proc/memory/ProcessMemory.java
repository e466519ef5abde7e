package io.leakwatch.proc.memory;

import io.leakwatch.os.RemoteMemory;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * The memory of a process: of one that runs, or as it was saved. What is not there is never
 * touched. One object serves one thread.
 */
public interface ProcessMemory {
  /** The process is gone. */
  int GONE = -1;

  /** Reading is not allowed, or not possible on this node. */
  int DENIED = -2;

  /**
   * Reads from an address on into the buffer (direct, best from {@link RemoteMemory#allocate}), up
   * to its limit or to the first page that is not present, and advances its position.
   *
   * @return bytes read, 0 when the first page is not present, {@link #GONE} or {@link #DENIED}
   */
  int read(long address, ByteBuffer into);

  /** Reads eight bytes in native order; empty when they are not present or cannot be read. */
  OptionalLong readLong(long address);

  /**
   * Reads a range that {@link #residency} has just told to be present, without asking again, and
   * advances the buffer's position. A page that vanished meanwhile ends the read early.
   *
   * @return bytes read, {@link #GONE} or {@link #DENIED}
   */
  int readPresent(long address, ByteBuffer into);

  /**
   * Reads several present ranges by one call, one behind the other into the buffer: what was split
   * over two calls may not fit together.
   *
   * @param count entries of the arrays to use, at most {@link RemoteMemory#RANGES_MAX}
   * @return bytes read, {@link #GONE} or {@link #DENIED}
   */
  int readPresent(long[] addresses, int[] lengths, int count, ByteBuffer into);

  /**
   * Tells which pages of {@code [start, end)} are present, without touching them. Zero pages are
   * counted, but are no present range.
   *
   * @param into is emptied first
   */
  Outcome<Residency> residency(long start, long end, Residency into, ReadMeter meter);

  /**
   * Bytes of {@code [start, end)} that are present and no zero pages; unlike {@link #residency}
   * takes no memory however the pages are scattered.
   */
  Outcome<Long> presentBytes(long start, long end, ReadMeter meter);

  /** Whether memory can be read at all. */
  Outcome<Boolean> access();
}
