package io.leakwatch.heap.memory;

import java.nio.ByteBuffer;

/**
 * Memory that a walk reads: a live process', or an array in a test. Reads may be torn; what is not
 * present is never read.
 */
public interface HeapMemory {
  /** The process is gone. */
  int GONE = -1;

  /** Reading is not allowed. */
  int DENIED = -2;

  /** Bytes of a page, a power of two. */
  int pageBytes();

  /**
   * Tells which pages are present and worth reading.
   *
   * @param start page-aligned
   * @param bits bit {@code i % 64} of element {@code i / 64} is set when page {@code i} is present;
   *     overwritten
   * @return swapped bytes among them, or {@link #GONE} or {@link #DENIED}
   */
  long present(long start, int pages, long[] bits);

  /**
   * Reads pages that were just reported present, without asking again, into what remains of a
   * buffer.
   *
   * @param address a multiple of 8
   * @return bytes read, which may be fewer, or {@link #GONE} or {@link #DENIED}
   */
  int read(long address, ByteBuffer into);

  /**
   * Reads one chunk's header of 16 bytes and, behind it, a range by one call, so that they fit
   * together; both present.
   *
   * @return bytes read, header included, or {@link #GONE} or {@link #DENIED}
   */
  int read(long headerAddress, long address, ByteBuffer into);

  /** Reads a few words anywhere, up to the first page that is not present: it asks first. */
  int peek(long address, long[] into, int words);

  /**
   * Reads two words at each of several present places by as few calls as possible.
   *
   * @param into two words per place; those of a place that could not be read are 0
   * @return 0, or {@link #GONE} or {@link #DENIED}
   */
  int readHeaders(long[] addresses, int count, long[] into);
}
