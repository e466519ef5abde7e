package io.leakwatch.proc.memory;

import io.leakwatch.os.Errno;
import io.leakwatch.os.PageScan;
import io.leakwatch.os.PageSize;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of a process are present or swapped, without touching one: by PAGEMAP_SCAN where the
 * kernel has it, else by reading eight bytes per page from /proc/PID/pagemap.
 *
 * <p>Either way the kernel walks page tables under the target's mmap_lock, so ranges are asked for
 * in windows of 2 MiB (0.3 ms at the most; one call over 8 GiB stalls an mmap of the target for 176
 * ms), and in larger ones where windows are empty: a call stops after 1,024 pages found. Without
 * CAP_SYS_ADMIN the pread way cannot tell the zero page from any other page: reading it is
 * harmless, it only counts as present.
 */
public final class Pagemap implements AutoCloseable {
  static final long WINDOW_BYTES = 2L << 20;
  private static final long EMPTY_WINDOW_BYTES_MAX = 256L << 20;

  private static final int PAGE_BYTES = PageSize.BYTES;
  private static final long PRESENT = 1L << 63;
  private static final long SWAPPED = 1L << 62;

  private final Path path;
  private final Path processDirectory;
  private final ReadBuffers buffers;
  private @Nullable PageScan scan;
  private @Nullable ProcFile file;

  /** Receives ranges in address order. */
  interface Receiver {
    /** Takes a range with a set of {@link PageScan}'s categories. */
    void range(long start, long end, int categories);
  }

  public Pagemap(Path processDirectory, ReadBuffers buffers) {
    this.processDirectory = processDirectory;
    this.buffers = buffers;
    this.path = processDirectory.resolve("pagemap");
  }

  /** Opens on first use; sampled with whether scans are possible. */
  public Outcome<Boolean> open() {
    if (scan != null || file != null) {
      return Outcome.sampled(scan != null);
    }
    PageScan.Opening opening = PageScan.open(path.toString(), buffers.scan());
    if (opening instanceof PageScan.Opening.Opened opened) {
      scan = opened.scan();
      return Outcome.sampled(true);
    }
    int errno = ((PageScan.Opening.Refused) opening).errno();
    if (errno != Errno.ENOTTY && errno != Errno.ENOSYS && errno != Errno.EINVAL) {
      return Refusal.of(errno, path.toString(), Refusal.READ_MEMORY);
    }
    try {
      file = ProcFile.open(path);
      return Outcome.sampled(false);
    } catch (IOException e) {
      return Refusal.of(e, path, processDirectory);
    }
  }

  /**
   * Hands over what is present or swapped in {@code [start, end)}, one window a time. An error
   * leaves what was handed over before incomplete.
   */
  Outcome<Boolean> walk(long start, long end, ReadMeter meter, Receiver receiver) {
    long from = start & -PAGE_BYTES;
    long to = end + PAGE_BYTES - 1 & -PAGE_BYTES;
    long bytes = WINDOW_BYTES;
    boolean[] found = new boolean[1];
    Receiver noting =
        (first, behind, categories) -> {
          found[0] = true;
          receiver.range(first, behind, categories);
        };
    while (from < to) {
      long window = Math.min(to, (from & -WINDOW_BYTES) + bytes);
      found[0] = false;
      Outcome<Boolean> outcome = walkWindow(from, window, meter, noting);
      if (!(outcome instanceof Outcome.Sampled)) {
        return outcome;
      }
      from = window;
      bytes = found[0] ? WINDOW_BYTES : Math.min(EMPTY_WINDOW_BYTES_MAX, 2 * bytes);
    }
    return Outcome.sampled(true);
  }

  /** The same in one window, which may span any range of mostly unmapped addresses. */
  Outcome<Boolean> walkWindow(long start, long end, ReadMeter meter, Receiver receiver) {
    Outcome<Boolean> opened = open();
    if (!(opened instanceof Outcome.Sampled)) {
      return opened;
    }
    if (start < 0) {
      // The kernel's half: a pointer of a heap that changes while it is read may lead anywhere.
      return Outcome.sampled(true);
    }
    PageScan scanning = scan;
    return scanning == null
        ? preadWindow(start, end, meter, receiver)
        : scanWindow(scanning, start, end, meter, receiver);
  }

  private Outcome<Boolean> scanWindow(
      PageScan scanning, long start, long end, ReadMeter meter, Receiver receiver) {
    long from = start;
    while (from < end) {
      meter.before();
      int regions = scanning.scan(from, end);
      meter.after();
      if (regions < 0) {
        if (regions == -Errno.EINTR) {
          continue;
        }
        return Refusal.of(-regions, path.toString(), Refusal.READ_MEMORY);
      }
      for (int i = 0; i < regions; i++) {
        receiver.range(scanning.start(i), scanning.end(i), scanning.categories(i));
      }
      long next = scanning.walkEnd();
      if (next <= from) {
        break;
      }
      from = next;
    }
    return Outcome.sampled(true);
  }

  private Outcome<Boolean> preadWindow(long start, long end, ReadMeter meter, Receiver receiver) {
    ProcFile pagemap = file;
    if (pagemap == null) {
      return Outcome.unable(path + " is not open");
    }
    ByteBuffer buffer = buffers.entries();
    long from = start;
    while (from < end) {
      int pages = (int) Math.min(buffer.capacity() / 8, (end - from) / PAGE_BYTES);
      buffer.clear().limit(pages * 8);
      meter.before();
      try {
        pagemap.read(buffer, from / PAGE_BYTES * 8);
      } catch (IOException e) {
        return Refusal.of(e, path, processDirectory);
      } finally {
        meter.after();
      }
      buffer.flip();
      if (buffer.remaining() < 8) {
        break;
      }
      from = deliver(buffer, from, receiver);
    }
    return Outcome.sampled(true);
  }

  private static long deliver(ByteBuffer buffer, long from, Receiver receiver) {
    long address = from;
    while (buffer.remaining() >= 8) {
      long entry = buffer.getLong();
      if ((entry & PRESENT) != 0) {
        receiver.range(address, address + PAGE_BYTES, PageScan.PRESENT);
      } else if ((entry & SWAPPED) != 0) {
        receiver.range(address, address + PAGE_BYTES, PageScan.SWAPPED);
      }
      address += PAGE_BYTES;
    }
    return address;
  }

  @Override
  public void close() {
    if (scan != null) {
      scan.close();
      scan = null;
    }
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
