package io.leakwatch.saved.core;

import io.leakwatch.os.PageSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which pages that a core file holds are not all zeros, found out for 64 pages at a time and kept
 * as bits. The kernel writes zeros, or a hole, for a page that was never touched, and gcore does
 * the same; a page that was filled with zeros looks alike and counts as never touched.
 */
final class Presence {
  private static final int PAGES = 64;
  private static final int PAGE_WORDS = PageSize.BYTES / 8;
  private static final int BLOCK = 4096;
  private static final long[] ZEROS = new long[PAGE_WORDS];

  private final CoreFile core;
  private final List<CoreSegment> segments;
  private final long[] firstStretch;
  private final long[] @Nullable [] bits;
  private final long[] @Nullable [] known;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(PAGES * PageSize.BYTES).order(ByteOrder.nativeOrder());
  private final LongBuffer longs = buffer.asLongBuffer();
  private final long[] words = new long[PAGE_WORDS];

  Presence(CoreFile core, List<CoreSegment> segments) {
    this.core = core;
    this.segments = segments;
    this.firstStretch = new long[segments.size()];
    long stretches = 0;
    for (int s = 0; s < segments.size(); s++) {
      firstStretch[s] = stretches;
      long pages = segments.get(s).heldBytes() / PageSize.BYTES;
      stretches += (pages + PAGES - 1) / PAGES;
    }
    int blocks = Math.toIntExact((stretches + BLOCK - 1) / BLOCK);
    this.bits = new long[blocks][];
    this.known = new long[blocks][];
  }

  /** Whether a page of a segment, counted from its start, holds anything but zeros. */
  boolean isPresent(int segment, long page) throws IOException {
    return (stretch(segment, page / PAGES) >>> (page % PAGES) & 1) != 0;
  }

  private long stretch(int segment, long number) throws IOException {
    long index = firstStretch[segment] + number;
    int block = (int) (index / BLOCK);
    int at = (int) (index % BLOCK);
    long[] values = bits[block];
    long[] read = known[block];
    if (values == null || read == null) {
      values = new long[BLOCK];
      read = new long[BLOCK / 64];
      bits[block] = values;
      known[block] = read;
    }
    if ((read[at >>> 6] >>> at & 1) == 0) {
      values[at] = look(segments.get(segment), number * PAGES * PageSize.BYTES);
      read[at >>> 6] |= 1L << at;
    }
    return values[at];
  }

  private long look(CoreSegment segment, long from) throws IOException {
    buffer.clear().limit((int) Math.min(buffer.capacity(), segment.heldBytes() - from));
    int bytes = core.read(segment.offset() + from, buffer);
    long found = 0;
    for (int page = 0; page < bytes / PageSize.BYTES; page++) {
      longs.get(page * PAGE_WORDS, words, 0, PAGE_WORDS);
      if (!isZero()) {
        found |= 1L << page;
      }
    }
    return found;
  }

  private boolean isZero() {
    return words[0] == 0 && Arrays.mismatch(words, ZEROS) < 0;
  }
}
