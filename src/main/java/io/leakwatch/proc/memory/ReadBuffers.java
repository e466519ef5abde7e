package io.leakwatch.proc.memory;

import io.leakwatch.os.PageScan;
import io.leakwatch.os.PageSize;
import io.leakwatch.os.RemoteMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The scratch memory that all readers of one thread share, so that a watched process costs its
 * descriptors and no buffers: 64 KiB for the kernel's text and as much for its lines, the names of
 * mappings, the regions of a page scan. What is in it is of the last read alone. For one thread.
 */
public final class ReadBuffers {
  public static final int TEXT_BYTES = 64 * 1024;

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(TEXT_BYTES);
  private final byte[] text = new byte[TEXT_BYTES];
  private final MappingParser parser = new MappingParser();
  private final ByteBuffer entries =
      ByteBuffer.allocateDirect((int) (Pagemap.WINDOW_BYTES / PageSize.BYTES) * Long.BYTES)
          .order(ByteOrder.nativeOrder());
  private final ByteBuffer scan = PageScan.allocate();
  private final RemoteMemory remote = new RemoteMemory();
  private final ByteBuffer word = RemoteMemory.allocate(8).order(ByteOrder.nativeOrder());
  private final Residency residency = new Residency();

  /** What read(2) fills. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** The bytes that are parsed. */
  public byte[] text() {
    return text;
  }

  MappingParser parser() {
    return parser;
  }

  /** For pagemap's entries of one window, eight bytes a page. */
  ByteBuffer entries() {
    return entries;
  }

  /** The argument and the answer of a page scan. */
  ByteBuffer scan() {
    return scan;
  }

  RemoteMemory remote() {
    return remote;
  }

  /** For eight bytes of a process' memory. */
  ByteBuffer word() {
    return word;
  }

  Residency residency() {
    return residency;
  }
}
