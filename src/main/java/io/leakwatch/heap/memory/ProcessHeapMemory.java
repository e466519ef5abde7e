package io.leakwatch.heap.memory;

import io.leakwatch.os.PageSize;
import io.leakwatch.os.RemoteMemory;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.ProcessMemory;
import io.leakwatch.proc.memory.Residency;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;

/** A live process' memory as a walk reads it. */
public final class ProcessHeapMemory implements HeapMemory {
  private static final int HEADER_BYTES = 16;
  private static final int PIECE_BYTES = 1 << 16;
  private static final int PAGE_SHIFT = Integer.numberOfTrailingZeros(PageSize.BYTES);

  private final ProcessMemory process;
  private final ReadMeter meter;
  private final ByteBuffer buffer = RemoteMemory.allocate(PIECE_BYTES);
  private final LongBuffer longs = buffer.asLongBuffer();
  private final Residency residency = new Residency();
  private final long[] addresses = new long[RemoteMemory.RANGES_MAX];
  private final int[] lengths = new int[RemoteMemory.RANGES_MAX];

  public ProcessHeapMemory(ProcessMemory process, ReadMeter meter) {
    this.process = process;
    this.meter = meter;
  }

  @Override
  public int pageBytes() {
    return PageSize.BYTES;
  }

  @Override
  public long present(long start, int pages, long[] bits) {
    Arrays.fill(bits, 0);
    Outcome<Residency> outcome =
        process.residency(start, start + ((long) pages << PAGE_SHIFT), residency, meter);
    if (outcome instanceof Outcome.Vanished) {
      return GONE;
    }
    if (!(outcome instanceof Outcome.Sampled)) {
      return DENIED;
    }
    for (int i = 0; i < residency.count(); i++) {
      int from = (int) ((residency.start(i) - start) >>> PAGE_SHIFT);
      int to = (int) ((residency.end(i) - start) >>> PAGE_SHIFT);
      set(bits, Math.max(0, from), Math.min(pages, to));
    }
    return residency.swappedBytes();
  }

  private static void set(long[] bits, int from, int to) {
    int at = from;
    while (at < to) {
      int take = Math.min(to - at, 64 - (at & 63));
      long mask = take == 64 ? -1L : (1L << take) - 1;
      bits[at >>> 6] |= mask << at;
      at += take;
    }
  }

  @Override
  public int read(long address, ByteBuffer into) {
    meter.before();
    int bytes = process.readPresent(address, into);
    meter.after();
    return result(bytes);
  }

  @Override
  public int read(long headerAddress, long address, ByteBuffer into) {
    addresses[0] = headerAddress;
    lengths[0] = HEADER_BYTES;
    addresses[1] = address;
    lengths[1] = into.remaining() - HEADER_BYTES;
    meter.before();
    int bytes = process.readPresent(addresses, lengths, 2, into);
    meter.after();
    return result(bytes);
  }

  @Override
  public int peek(long address, long[] into, int words) {
    int total = 0;
    while (total < words) {
      int piece = Math.min(PIECE_BYTES, (words - total) * 8);
      buffer.clear().limit(piece);
      meter.before();
      int bytes = process.read(address + total * 8L, buffer);
      meter.after();
      if (bytes < 0) {
        return total > 0 ? total : result(bytes);
      }
      longs.get(0, into, total, bytes / 8);
      total += bytes / 8;
      if (bytes < piece) {
        break;
      }
    }
    return total;
  }

  @Override
  public int readHeaders(long[] places, int count, long[] into) {
    Arrays.fill(into, 0, 2 * count, 0);
    int done = 0;
    while (done < count) {
      int n = Math.min(count - done, RemoteMemory.RANGES_MAX);
      System.arraycopy(places, done, addresses, 0, n);
      Arrays.fill(lengths, 0, n, HEADER_BYTES);
      buffer.clear().limit(n * HEADER_BYTES);
      meter.before();
      int bytes = process.readPresent(addresses, lengths, n, buffer);
      meter.after();
      if (bytes < 0) {
        return result(bytes);
      }
      int got = bytes / HEADER_BYTES;
      longs.get(0, into, 2 * done, 2 * got);
      done += got < n ? got + 1 : n; // The place behind the last one read could not be.
    }
    return 0;
  }

  private static int result(int bytes) {
    return bytes >= 0 ? bytes : bytes == ProcessMemory.GONE ? GONE : DENIED;
  }
}
