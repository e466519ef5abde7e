package io.leakwatch.os;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory of another process, copied by process_vm_readv(2).
 *
 * <p>The call faults absent pages in and swapped pages back: whoever cares for the target asks the
 * pagemap first. It holds the target's mmap_lock only while it pins up to 1,024 pages and copies
 * without it. Buffers from {@link #allocate} start on a page, which makes Java as fast as C; 64 KiB
 * to 1 MiB per call is the fastest.
 *
 * <p>Results are the number of bytes read, or a negated errno: {@code -ESRCH} the process is gone,
 * {@code -EPERM} not allowed, {@code -EFAULT} not even the first byte could be read. A read that
 * meets an unreadable page behind its first one is short. One object serves one thread.
 */
public final class RemoteMemory {
  public static final int RANGES_MAX = 64;
  private static final int IOVEC_BYTES = 16;

  private final ByteBuffer vectors =
      ByteBuffer.allocateDirect((RANGES_MAX + 1) * IOVEC_BYTES).order(ByteOrder.nativeOrder());
  private final long vectorsAddress = addressOf(vectors);

  /** A page-aligned direct buffer in native byte order. */
  public static ByteBuffer allocate(int capacityBytes) {
    int pages = Math.addExact(capacityBytes, PageSize.BYTES - 1) / PageSize.BYTES;
    return ByteBuffer.allocateDirect((pages + 1) * PageSize.BYTES)
        .alignedSlice(PageSize.BYTES)
        .slice(0, capacityBytes)
        .order(ByteOrder.nativeOrder());
  }

  /**
   * Reads {@code into.remaining()} bytes from one address and advances the buffer's position.
   *
   * @param into a direct buffer
   */
  public long read(int pid, long address, ByteBuffer into) {
    vectors.putLong(IOVEC_BYTES, address).putLong(IOVEC_BYTES + 8, into.remaining());
    return transfer(pid, 1, into);
  }

  /**
   * Reads several ranges by one call, one behind the other into the buffer, and advances its
   * position. The ranges are copied in one go, so two headers at a window's edge fit together.
   *
   * @param count how many entries of the arrays to use, at most {@link #RANGES_MAX}
   */
  public long read(int pid, long[] addresses, int[] lengths, int count, ByteBuffer into) {
    if (count > RANGES_MAX) {
      throw new IllegalArgumentException(count + " ranges, at most " + RANGES_MAX);
    }
    for (int i = 0; i < count; i++) {
      int at = (i + 1) * IOVEC_BYTES;
      vectors.putLong(at, addresses[i]).putLong(at + 8, lengths[i]);
    }
    return transfer(pid, count, into);
  }

  private long transfer(int pid, int remoteCount, ByteBuffer into) {
    if (!NativeEdge.isAvailable()) {
      return -Errno.ENOSYS;
    }
    vectors.putLong(0, addressOf(into) + into.position()).putLong(8, into.remaining());
    long bytes =
        LibC.process_vm_readv(pid, vectorsAddress, 1, vectorsAddress + IOVEC_BYTES, remoteCount, 0);
    if (bytes < 0) {
      return -NativeEdge.errno();
    }
    into.position(into.position() + (int) bytes);
    return bytes;
  }

  static long addressOf(ByteBuffer direct) {
    return NativeEdge.isAvailable()
        ? Pointer.nativeValue(Native.getDirectBufferPointer(direct))
        : 0;
  }
}
