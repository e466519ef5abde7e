package io.leakwatch.heap;

import io.leakwatch.os.RemoteMemory;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcessMemory;
import io.leakwatch.proc.ReadMeter;
import io.leakwatch.proc.Residency;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;

/** A live process' memory as a walk reads it, through one page-aligned buffer that is reused. */
final class ProcessHeapMemory implements HeapMemory {
  private static final int HEADER_BYTES = 16;

  private final ProcessMemory process;
  private final ReadMeter meter;
  private final ByteBuffer buffer;
  private final LongBuffer longs;
  private final Residency residency = new Residency();
  private final long[] addresses = new long[RemoteMemory.RANGES_MAX];
  private final int[] lengths = new int[RemoteMemory.RANGES_MAX];
  private final int bufferBytes;

  ProcessHeapMemory(ProcessMemory process, ReadMeter meter, int bufferBytes) {
    this.process = process;
    this.meter = meter;
    this.bufferBytes = bufferBytes;
    this.buffer = RemoteMemory.allocate(bufferBytes + HEADER_BYTES);
    this.longs = buffer.asLongBuffer();
  }

  @Override
  public long present(long start, int pages, long[] bits) {
    Arrays.fill(bits, 0);
    Outcome<Residency> outcome =
        process.residency(start, start + (long) pages * PAGE_BYTES, residency, meter);
    if (outcome instanceof Outcome.Denied) {
      return DENIED;
    }
    if (outcome instanceof Outcome.Vanished) {
      return GONE;
    }
    for (int i = 0; i < residency.count(); i++) {
      int from = (int) ((residency.start(i) - start) >>> 12);
      int to = (int) ((residency.end(i) - start) >>> 12);
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
  public int read(long address, long[] into, int words) {
    return readPieces(address, into, words, process::readPresent);
  }

  @Override
  public int readWithHeader(
      long headerAddress, long[] header, long address, long[] into, int words) {
    int piece = Math.min(bufferBytes, words * 8);
    addresses[0] = headerAddress;
    lengths[0] = HEADER_BYTES;
    addresses[1] = address;
    lengths[1] = piece;
    buffer.clear().limit(HEADER_BYTES + piece);
    meter.before();
    int bytes = process.readPresent(addresses, lengths, 2, buffer);
    meter.after();
    if (bytes < 0) {
      return bytes == ProcessMemory.GONE ? GONE : DENIED;
    }
    if (bytes <= HEADER_BYTES) {
      return 0;
    }
    header[0] = longs.get(0);
    header[1] = longs.get(1);
    return take(bytes - HEADER_BYTES, 2, into, 0);
  }

  @Override
  public int peek(long address, long[] into, int words) {
    return readPieces(address, into, words, process::read);
  }

  /** One way to read memory into a buffer: knowing it to be present, or asking first. */
  private interface Reading {
    int read(long address, ByteBuffer into);
  }

  private int readPieces(long address, long[] into, int words, Reading reading) {
    int total = 0;
    while (total < words) {
      int piece = Math.min(bufferBytes, (words - total) * 8);
      buffer.clear().limit(piece);
      meter.before();
      int bytes = reading.read(address + total * 8L, buffer);
      meter.after();
      int got = take(bytes, 0, into, total);
      if (got < 0) {
        return total > 0 ? total : got;
      }
      total += got;
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
        return bytes == ProcessMemory.GONE ? GONE : DENIED;
      }
      int got = bytes / HEADER_BYTES;
      longs.get(0, into, 2 * done, 2 * got);
      done += got < n ? got + 1 : n; // The place behind the last one read could not be.
    }
    return 0;
  }

  private int take(int bytes, int fromWord, long[] into, int at) {
    if (bytes < 0) {
      return bytes == ProcessMemory.GONE ? GONE : DENIED;
    }
    longs.get(fromWord, into, at, bytes / 8);
    return bytes / 8;
  }
}
