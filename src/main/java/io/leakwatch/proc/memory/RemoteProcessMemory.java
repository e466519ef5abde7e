package io.leakwatch.proc.memory;

import io.leakwatch.os.Errno;
import io.leakwatch.os.PageScan;
import io.leakwatch.os.RemoteMemory;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.OwnPermissions;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Refusal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The memory of a live process, read without touching what is not there. A plain read of a page
 * that was never written makes the kernel build page tables for it, and one of a swapped page
 * brings it back into memory; so each read asks the pagemap first and stops before the first page
 * that is absent or swapped. Between the question and the read a page can still be swapped out:
 * that window is microseconds.
 *
 * <p>Reading needs the right to attach (PTRACE_MODE_ATTACH) and the pagemap, which is more than
 * smaps needs: see {@link #access}. One object serves one thread.
 */
public final class RemoteProcessMemory implements ProcessMemory {
  private final int pid;
  private final Path procRoot;
  private final Pagemap pagemap;
  private final RemoteMemory remote;
  private final ByteBuffer word;
  private final Residency asked;

  public RemoteProcessMemory(int pid, Path procRoot, Pagemap pagemap, ReadBuffers buffers) {
    this.procRoot = procRoot;
    this.pid = pid;
    this.pagemap = pagemap;
    this.remote = buffers.remote();
    this.word = buffers.word();
    this.asked = buffers.residency();
  }

  @Override
  public int read(long address, ByteBuffer into) {
    int wanted = into.remaining();
    if (address < 0 || address + wanted < 0) {
      return 0;
    }
    Outcome<Residency> outcome = residency(address, address + wanted, asked, ReadMeter.UNPACED);
    if (outcome instanceof Outcome.Vanished) {
      return GONE;
    }
    if (!(outcome instanceof Outcome.Sampled)) {
      return DENIED;
    }
    if (asked.count() == 0 || asked.start(0) > address) {
      return 0;
    }
    int readable = (int) Math.min(wanted, asked.end(0) - address);
    int limit = into.limit();
    into.limit(into.position() + readable);
    int bytes = readPresent(address, into);
    into.limit(limit);
    return bytes;
  }

  @Override
  public OptionalLong readLong(long address) {
    word.clear();
    return read(address, word) == Long.BYTES
        ? OptionalLong.of(word.getLong(0))
        : OptionalLong.empty();
  }

  @Override
  public int readPresent(long address, ByteBuffer into) {
    return result(remote.read(pid, address, into));
  }

  @Override
  public int readPresent(long[] addresses, int[] lengths, int count, ByteBuffer into) {
    return result(remote.read(pid, addresses, lengths, count, into));
  }

  @Override
  public Outcome<Residency> residency(long start, long end, Residency into, ReadMeter meter) {
    into.clear();
    Outcome<Boolean> outcome =
        pagemap.walk(
            start,
            end,
            meter,
            (from, to, categories) -> {
              if ((categories & PageScan.ZERO_PAGE) != 0) {
                into.addZeroPages(to - from);
              } else if ((categories & PageScan.PRESENT) != 0) {
                into.addPresent(from, to);
              } else {
                into.addSwapped(to - from);
              }
            });
    return outcome.map(done -> into);
  }

  @Override
  public Outcome<Long> presentBytes(long start, long end, ReadMeter meter) {
    long[] sum = new long[1];
    return pagemap
        .walk(
            start,
            end,
            meter,
            (from, to, categories) -> {
              if ((categories & (PageScan.ZERO_PAGE | PageScan.PRESENT)) == PageScan.PRESENT) {
                sum[0] += to - from;
              }
            })
        .map(done -> sum[0]);
  }

  /**
   * It asks for address 0, which no process has: the kernel checks the permission first, so no page
   * is touched. The pagemap has to open as well: its mode lets nobody in but the owner of the
   * process, so CAP_SYS_PTRACE is not enough for others.
   */
  @Override
  public Outcome<Boolean> access() {
    word.clear();
    long result = remote.read(pid, 0, word);
    OwnPermissions own = OwnPermissions.read(procRoot);
    if (result >= 0 || result == -Errno.EFAULT) {
      Outcome<Boolean> opened = pagemap.open();
      return opened instanceof Outcome.Denied<Boolean> denied
          ? Outcome.denied(denied.what(), own.missingToReadPagemap())
          : opened.map(scans -> true);
    }
    return Refusal.of((int) -result, "process_vm_readv of " + pid, own.missingToReadMemory());
  }

  private static int result(long bytes) {
    if (bytes >= 0) {
      return (int) bytes;
    }
    return switch ((int) -bytes) {
      case Errno.ESRCH -> GONE;
      case Errno.EFAULT -> 0;
      default -> DENIED;
    };
  }
}
