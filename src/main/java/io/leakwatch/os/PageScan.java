package io.leakwatch.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The PAGEMAP_SCAN ioctl on one process' pagemap (Linux 6.7; fs/proc/task_mmu.c): ranges of pages
 * that are present or swapped, found without touching them. One call holds the target's mmap_lock
 * for the range it is asked for, so callers ask in small windows. Asking for more categories than
 * these costs several times as much, because the kernel then reads each page's struct.
 *
 * <p>Results are counts or negated errnos. One object serves one thread.
 */
public final class PageScan implements AutoCloseable {
  public static final int FILE = 1 << 2;
  public static final int PRESENT = 1 << 3;
  public static final int SWAPPED = 1 << 4;
  public static final int ZERO_PAGE = 1 << 5;

  /** Regions that one call can return; the kernel's own buffer holds as many. */
  public static final int REGIONS_MAX = 512;

  /** Pages that one call may find before it stops, which bounds its time under the lock. */
  private static final int PAGES_MAX = 1024;

  private static final long REQUEST = 0xC0606610L; // _IOWR('f', 16, struct pm_scan_arg)
  private static final int ARGUMENT_BYTES = 96;
  private static final int REGION_BYTES = 24;
  private static final int AT_START = 16;
  private static final int AT_END = 24;
  private static final int AT_WALK_END = 32;

  private final int descriptor;
  private final ByteBuffer memory;
  private final long address;
  private boolean closed;

  private PageScan(int descriptor, ByteBuffer memory) {
    this.descriptor = descriptor;
    this.memory = memory;
    this.address = RemoteMemory.addressOf(memory);
    memory.putLong(0, ARGUMENT_BYTES);
    memory.putLong(40, address + ARGUMENT_BYTES); // vec
    memory.putLong(48, REGIONS_MAX); // vec_len
    memory.putLong(56, PAGES_MAX); // max_pages
    memory.putLong(80, PRESENT | SWAPPED); // category_anyof_mask
    memory.putLong(88, PRESENT | SWAPPED | ZERO_PAGE); // return_mask
  }

  /** What came of {@link #open}: a scan, or the errno that says why there is none. */
  public sealed interface Opening {
    record Opened(PageScan scan) implements Opening {}

    record Refused(int errno) implements Opening {}
  }

  /** Memory for the argument and the answer of scans; those of one thread may share it. */
  public static ByteBuffer allocate() {
    return ByteBuffer.allocateDirect(ARGUMENT_BYTES + REGIONS_MAX * REGION_BYTES)
        .order(ByteOrder.nativeOrder());
  }

  /**
   * Opens a pagemap for scanning.
   *
   * @param pagemap path of {@code /proc/PID/pagemap}
   * @param memory from {@link #allocate}; what a scan found is in it until the next scan
   * @return refused with ENOTTY where the kernel has no such ioctl, ENOSYS without native calls
   */
  public static Opening open(String pagemap, ByteBuffer memory) {
    if (!NativeEdge.isAvailable()) {
      return new Opening.Refused(Errno.ENOSYS);
    }
    int descriptor = LibC.open(pagemap, LibC.O_RDONLY | LibC.O_CLOEXEC);
    if (descriptor < 0) {
      return new Opening.Refused(NativeEdge.errno());
    }
    PageScan scan = new PageScan(descriptor, memory);
    int probe = scan.scan(0, 0);
    if (probe < 0) {
      scan.close();
      return new Opening.Refused(-probe);
    }
    return new Opening.Opened(scan);
  }

  /**
   * Scans {@code [start, end)}, page-aligned. It may stop early: go on at {@link #walkEnd}.
   *
   * @return number of regions found, to be asked for by index, or a negated errno
   */
  public int scan(long start, long end) {
    memory.putLong(AT_START, start).putLong(AT_END, end).putLong(AT_WALK_END, start);
    int found = LibC.ioctl(descriptor, REQUEST, address);
    return found < 0 ? -NativeEdge.errno() : found;
  }

  /** How far the last scan came. */
  public long walkEnd() {
    return memory.getLong(AT_WALK_END);
  }

  public long start(int region) {
    return memory.getLong(ARGUMENT_BYTES + region * REGION_BYTES);
  }

  public long end(int region) {
    return memory.getLong(ARGUMENT_BYTES + region * REGION_BYTES + 8);
  }

  /** A set of {@link #PRESENT}, {@link #SWAPPED}, {@link #ZERO_PAGE}. */
  public int categories(int region) {
    return (int) memory.getLong(ARGUMENT_BYTES + region * REGION_BYTES + 16);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LibC.close(descriptor);
    }
  }
}
