package io.leakwatch.os;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * The C heap of this very process, for a demonstration that leaks through the real {@code malloc}
 * instead of pretending to. JNA calls libc's {@code malloc} on the calling thread, so that each
 * thread gets an arena of its own as in any multi-threaded server.
 */
public final class LibcHeap {
  private LibcHeap() {}

  /**
   * Allocates a block that nobody will free, and writes to all of it.
   *
   * @param bytes size asked of malloc
   * @param label written at its start, as an object would carry a name
   * @throws OutOfMemoryError when malloc has none
   */
  public static void leak(int bytes, byte[] label) {
    long address = Native.malloc(bytes);
    if (address == 0) {
      throw new OutOfMemoryError("malloc(" + bytes + ")");
    }
    Pointer block = new Pointer(address);
    block.setMemory(0, bytes, (byte) 0x2e);
    block.write(0, label, 0, Math.min(label.length, bytes));
  }
}
