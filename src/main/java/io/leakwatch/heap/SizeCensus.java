package io.leakwatch.heap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * In-use chunks counted by chunk size, in fixed memory. Two censuses of one process, some minutes
 * apart, name the sizes that grow, and the size of a leaked object is half its name.
 *
 * <p>Sizes below 64 KiB, which nearly all chunks have, index an array. Larger ones go to an open
 * addressing table of fixed capacity (linear probing, three quarters full at most); a size that
 * finds no room there is counted under the power of two below it, so that no byte is lost and only
 * its name is blurred.
 */
public final class SizeCensus {
  /** Sizes are multiples of it. */
  private static final int UNIT_SHIFT = 3;

  private static final int SMALL = 8192;
  private static final int CAPACITY = 8192;
  private static final int FILL_MAX = CAPACITY / 4 * 3;

  private final long[] smallCounts = new long[SMALL];
  private final long[] keys = new long[CAPACITY];
  private final long[] counts = new long[CAPACITY];
  private final long[] blurredCounts = new long[64];
  private final long[] blurredBytes = new long[64];
  private int filled;

  /** Counts one chunk; its size is a positive multiple of 8. */
  public void add(long chunkBytes) {
    int unit = (int) Math.min(chunkBytes >>> UNIT_SHIFT, SMALL);
    if (unit < SMALL) {
      smallCounts[unit]++;
    } else {
      addLarge(chunkBytes, 1);
    }
  }

  /** Takes back a chunk that was counted and turned out to be free. */
  public void remove(long chunkBytes) {
    int unit = (int) Math.min(chunkBytes >>> UNIT_SHIFT, SMALL);
    if (unit < SMALL) {
      if (smallCounts[unit] > 0) {
        smallCounts[unit]--;
      }
    } else {
      addLarge(chunkBytes, -1);
    }
  }

  private void addLarge(long chunkBytes, int count) {
    int slot = (int) ((chunkBytes * 0x9E3779B97F4A7C15L) >>> 51);
    while (keys[slot] != chunkBytes) {
      if (keys[slot] == 0) {
        if (filled == FILL_MAX || count < 0) {
          int power = 63 - Long.numberOfLeadingZeros(chunkBytes);
          blurredCounts[power] = Math.max(0, blurredCounts[power] + count);
          blurredBytes[power] = Math.max(0, blurredBytes[power] + count * chunkBytes);
          return;
        }
        filled++;
        keys[slot] = chunkBytes;
        break;
      }
      slot = slot + 1 & CAPACITY - 1;
    }
    counts[slot] = Math.max(0, counts[slot] + count);
  }

  public void clear() {
    Arrays.fill(smallCounts, 0);
    Arrays.fill(keys, 0);
    Arrays.fill(counts, 0);
    Arrays.fill(blurredCounts, 0);
    Arrays.fill(blurredBytes, 0);
    filled = 0;
  }

  /**
   * The sizes that hold most bytes, most first.
   *
   * @param sizesMax entries of the list
   */
  public List<SizeClass> largest(int sizesMax) {
    List<SizeClass> all = new ArrayList<>();
    for (int unit = 0; unit < SMALL; unit++) {
      if (smallCounts[unit] > 0) {
        long chunkBytes = (long) unit << UNIT_SHIFT;
        all.add(new SizeClass(chunkBytes, smallCounts[unit], chunkBytes * smallCounts[unit]));
      }
    }
    for (int slot = 0; slot < CAPACITY; slot++) {
      if (counts[slot] > 0) {
        all.add(new SizeClass(keys[slot], counts[slot], keys[slot] * counts[slot]));
      }
    }
    for (int power = 0; power < 64; power++) {
      if (blurredCounts[power] > 0) {
        all.add(new SizeClass(1L << power, blurredCounts[power], blurredBytes[power]));
      }
    }
    all.sort(Comparator.comparingLong(SizeClass::bytes).reversed());
    return SizeClasses.of(all.subList(0, Math.min(sizesMax, all.size())));
  }

  /**
   * How a size grew between two censuses.
   *
   * @param count growth of the number of chunks, negative when it shrank
   */
  public record Growth(long chunkBytes, long count, long bytes) {}

  /**
   * What changed between two reports' censuses, strongest growth of bytes first. A report's census
   * holds its largest sizes only; one that is missing there counts as none, so a size that crosses
   * the edge of the list can look like growth of at most the smallest size listed.
   */
  public static List<Growth> difference(List<SizeClass> before, List<SizeClass> after) {
    Map<Long, SizeClass> old = new HashMap<>();
    before.forEach(size -> old.put(size.chunkBytes(), size));
    List<Growth> growths = new ArrayList<>();
    for (SizeClass now : after) {
      SizeClass then = old.remove(now.chunkBytes());
      long count = now.count() - (then == null ? 0 : then.count());
      long bytes = now.bytes() - (then == null ? 0 : then.bytes());
      if (count != 0 || bytes != 0) {
        growths.add(new Growth(now.chunkBytes(), count, bytes));
      }
    }
    old.values().forEach(t -> growths.add(new Growth(t.chunkBytes(), -t.count(), -t.bytes())));
    growths.sort(Comparator.comparingLong(Growth::bytes).reversed());
    return growths;
  }
}
