package io.leakwatch.heap.holders;

import io.leakwatch.heap.ObjectVisitor;
import java.util.Arrays;
import java.util.Collection;

/**
 * A map of every object in use of some sizes: one bit for each 16 bytes of memory around them, or
 * for each 8 where objects are that small, in blocks of 64 KiB that are only there where such
 * chunks are. Beside the first bytes and the extent of the chunks it has room for marks.
 */
final class KindMap implements ObjectVisitor {
  private static final int BLOCK_SHIFT = 16;
  private static final int GRANULE_SHIFT = 4;
  private static final int SMALL_GRANULE_SHIFT = 3;
  private static final int STARTS = 0;
  private static final int PLANES = 3;
  private static final int BLOCK_OVERHEAD_BYTES = 64;
  private static final int SMALL_BYTES = 4096;
  private static final int INDEX_MIN = 1 << 10;
  private static final long HASH = 0x9E3779B97F4A7C15L;
  private static final long[] NONE = new long[0];

  private final int granuleShift;

  /** Words of a plane; a block has one for first bytes, one for the extent, one for marks. */
  private final int planeWords;

  private final int extent;
  private final int marks;
  private final boolean[] small = new boolean[SMALL_BYTES];
  private final long[] large;
  private final long longest;
  private final long blocksMax;
  private final boolean hasTails;
  private long[] numbers = new long[INDEX_MIN];
  private long[][] blocks = new long[INDEX_MIN][];
  private int count;
  private boolean full;
  private long low = Long.MAX_VALUE;
  private long high;
  private long lastBlock = -1;
  private long[] last = NONE;

  /**
   * An empty map.
   *
   * @param usableBytes sizes of the objects
   * @param hasTails whether the word behind an object is its own, as with glibc's chunks
   */
  KindMap(Collection<Long> usableBytes, boolean hasTails, long bytesMax) {
    this.hasTails = hasTails;
    boolean tiny = usableBytes.stream().anyMatch(bytes -> bytes < 1L << GRANULE_SHIFT);
    this.granuleShift = tiny ? SMALL_GRANULE_SHIFT : GRANULE_SHIFT;
    this.planeWords = 1 << (BLOCK_SHIFT - granuleShift - 6);
    this.extent = planeWords;
    this.marks = 2 * planeWords;
    this.large = usableBytes.stream().mapToLong(b -> b).filter(b -> b >= SMALL_BYTES).toArray();
    Arrays.sort(large);
    usableBytes.stream().filter(b -> b < SMALL_BYTES).forEach(b -> small[b.intValue()] = true);
    this.longest = usableBytes.stream().mapToLong(b -> b).max().orElse(0);
    this.blocksMax = bytesMax / (8L * PLANES * planeWords + BLOCK_OVERHEAD_BYTES);
  }

  /** Bytes that tell two objects apart. */
  int alignment() {
    return 1 << granuleShift;
  }

  /** Whether the chunks lie in more memory than the map has room for. */
  boolean isFull() {
    return full;
  }

  boolean hasSize(long usableBytes) {
    return usableBytes < SMALL_BYTES
        ? usableBytes >= 0 && small[(int) usableBytes]
        : Arrays.binarySearch(large, usableBytes) >= 0;
  }

  @Override
  public void object(long address, long bytes, boolean inUse) {
    if (inUse && hasSize(bytes)) {
      put(address, bytes, true);
    }
  }

  @Override
  public void cached(long address, long bytes) {
    if (hasSize(bytes)) {
      put(address, bytes, false);
    }
  }

  private void put(long start, long usable, boolean set) {
    low = Math.min(low, start);
    high = Math.max(high, start + usable);
    flip(start, STARTS, set);
    for (long at = start; at < start + usable; at += 1L << granuleShift) {
      flip(at, extent, set);
    }
  }

  private void flip(long address, int plane, boolean set) {
    long[] block = block(address);
    if (block.length == 0) {
      if (!set) {
        return;
      }
      if (count >= blocksMax) {
        full = true;
        return;
      }
      block = new long[PLANES * planeWords];
      add(address >>> BLOCK_SHIFT, block);
      lastBlock = -1;
    }
    int granule = granule(address);
    if (set) {
      block[plane + (granule >>> 6)] |= 1L << granule;
    } else {
      block[plane + (granule >>> 6)] &= ~(1L << granule);
    }
  }

  private int granule(long address) {
    return (int) (address >>> granuleShift) & ((1 << (BLOCK_SHIFT - granuleShift)) - 1);
  }

  private long[] block(long address) {
    long number = address >>> BLOCK_SHIFT;
    if (number != lastBlock) {
      long[] found = blocks[slot(number)];
      last = found == null ? NONE : found;
      lastBlock = number;
    }
    return last;
  }

  /** Where a block's number is or would be: open addressing, and at least half is empty. */
  private int slot(long number) {
    int mask = blocks.length - 1;
    int at = (int) ((number * HASH) >>> 32) & mask;
    while (blocks[at] != null && numbers[at] != number) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private void add(long number, long[] block) {
    if (2 * count >= blocks.length) {
      long[] oldNumbers = numbers;
      long[][] oldBlocks = blocks;
      numbers = new long[2 * oldNumbers.length];
      blocks = new long[2 * oldBlocks.length][];
      for (int i = 0; i < oldBlocks.length; i++) {
        if (oldBlocks[i] != null) {
          put(oldNumbers[i], oldBlocks[i]);
        }
      }
    }
    put(number, block);
    count++;
  }

  private void put(long number, long[] block) {
    int at = slot(number);
    numbers[at] = number;
    blocks[at] = block;
  }

  private boolean is(long address, int plane) {
    long[] block = block(address);
    int granule = granule(address);
    return block.length != 0 && (block[plane + (granule >>> 6)] >>> granule & 1) != 0;
  }

  /** Whether an address is that of a byte that one of the chunks' owners uses. */
  boolean isInside(long address) {
    return address >= low && address < high && is(address, extent);
  }

  /** The same for a word's place; it may be an object's last one, which lies behind its end. */
  boolean holds(long location) {
    return isInside(location) || (hasTails && (location & 8) == 0 && isInside(location - 16));
  }

  /** Whether an address lies between the first and the last of the chunks, or so near to them. */
  boolean isNear(long address, long bytes) {
    return address >= low - bytes && address < high + bytes;
  }

  /** First byte of the chunk that an address lies in, 0 for none. */
  long startOf(long address) {
    if (!isInside(address)) {
      return 0;
    }
    long at = address & -(1L << granuleShift);
    int granule = granule(at);
    long[] block = block(at);
    long below = -1L >>> (63 - (granule & 63));
    long starts = block[STARTS + (granule >>> 6)] & below;
    if (starts != 0) {
      int bit = 63 - Long.numberOfLeadingZeros(starts);
      long needed = (-1L << bit) & below;
      boolean isWhole = (block[extent + (granule >>> 6)] & needed) == needed;
      return isWhole ? at - ((long) ((granule & 63) - bit) << granuleShift) : 0;
    }
    for (long least = at - longest; at >= least; at -= 1L << granuleShift) {
      if (!is(at, extent)) {
        return 0;
      }
      if (is(at, STARTS)) {
        return at;
      }
    }
    return 0;
  }

  /**
   * Words of an object as far as the map tells: up to the next one, or to where none is.
   *
   * @param most that are asked for
   */
  long wordsOf(long start, long most) {
    long at = start + (1L << granuleShift);
    while (at - start < Math.min(8 * most, longest) && is(at, extent) && !is(at, STARTS)) {
      at += 1L << granuleShift;
    }
    return (at - start) / 8 + (hasTails ? 1 : 0);
  }

  /** Marks a chunk by its first byte; false when it was marked before. */
  boolean mark(long start) {
    if (is(start, marks)) {
      return false;
    }
    flip(start, marks, true);
    return true;
  }

  boolean isMarked(long start) {
    return is(start, marks);
  }

  /** Takes marked chunks out of the map. */
  void removeMarked() {
    for (long[] block : blocks) {
      for (int i = 0; block != null && i < planeWords; i++) {
        block[STARTS + i] &= ~block[marks + i];
      }
    }
    clearMarks();
  }

  void clearMarks() {
    for (long[] block : blocks) {
      if (block != null) {
        Arrays.fill(block, marks, marks + planeWords, 0);
      }
    }
  }
}
