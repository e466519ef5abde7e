package io.leakwatch.heap.turnover;

import org.jspecify.annotations.Nullable;

/**
 * Addresses of objects, one bit for each place where one can start: a 64th of the heaps' size.
 *
 * <p>Where even that is more than the bound, only a random part of the blocks of 64 KiB is kept:
 * the same ones at every time, so that two readings see the same part of the heap, and an estimate
 * from them is fair. {@link #share} tells how large the part is.
 */
final class ObjectSet {
  private static final int BLOCK_SHIFT = 16;

  /** No object is smaller, so none shares its bit with another. */
  private static final int GRANULE_SHIFT = 3;

  private static final int BLOCK_WORDS = 1 << (BLOCK_SHIFT - GRANULE_SHIFT - 6);

  private final int blocksMax;
  private long[] keys = new long[1024];
  private long[] @Nullable [] blocks = new long[1024][];
  private int filled;
  private int thinned;

  private long lastKey = -1;
  private long @Nullable [] lastBlock;

  /**
   * An empty set.
   *
   * @param bytesMax for the bits
   */
  ObjectSet(long bytesMax) {
    this.blocksMax = (int) Math.max(16, Math.min(1 << 28, bytesMax / (BLOCK_WORDS * 8L)));
  }

  /** The part of all addresses that this set knows about, 1 or a power of a half. */
  double share() {
    return 1.0 / (1 << thinned);
  }

  /** Whether it would keep this address at all. */
  boolean covers(long address) {
    return isKept(address >>> BLOCK_SHIFT, thinned);
  }

  private static boolean isKept(long key, int thinned) {
    return thinned == 0 || hash(key) >>> (64 - thinned) == 0;
  }

  private static long hash(long key) {
    long h = key * 0x9E3779B97F4A7C15L;
    h = (h ^ (h >>> 32)) * 0xD6E8FEB86659FD93L;
    return h ^ (h >>> 32);
  }

  /** Adds an address; false when it was there, or is not covered. */
  boolean add(long address) {
    long key = address >>> BLOCK_SHIFT;
    long[] block = block(key, true);
    if (block == null) {
      return false;
    }
    int bit = (int) (address >>> GRANULE_SHIFT) & (BLOCK_WORDS * 64 - 1);
    long mask = 1L << bit;
    boolean added = (block[bit >>> 6] & mask) == 0;
    block[bit >>> 6] |= mask;
    return added;
  }

  boolean contains(long address) {
    long[] block = block(address >>> BLOCK_SHIFT, false);
    int bit = (int) (address >>> GRANULE_SHIFT) & (BLOCK_WORDS * 64 - 1);
    return block != null && (block[bit >>> 6] & (1L << bit)) != 0;
  }

  /** Removes an address; false when it was not there. */
  boolean remove(long address) {
    long[] block = block(address >>> BLOCK_SHIFT, false);
    if (block == null) {
      return false;
    }
    int bit = (int) (address >>> GRANULE_SHIFT) & (BLOCK_WORDS * 64 - 1);
    long mask = 1L << bit;
    boolean removed = (block[bit >>> 6] & mask) != 0;
    block[bit >>> 6] &= ~mask;
    return removed;
  }

  private long @Nullable [] block(long key, boolean make) {
    if (key == lastKey && (lastBlock != null || !make)) {
      return lastBlock;
    }
    lastKey = key;
    lastBlock = find(key, make);
    return lastBlock;
  }

  private long @Nullable [] find(long key, boolean make) {
    if (!isKept(key, thinned)) {
      return null;
    }
    int slot = slot(key);
    if (blocks[slot] != null || !make) {
      return blocks[slot];
    }
    while (filled >= blocksMax) {
      thinned++;
      rebuild(keys.length);
    }
    if (!isKept(key, thinned)) {
      return null;
    }
    if (filled >= keys.length / 4 * 3) {
      rebuild(keys.length * 2);
    }
    slot = slot(key);
    long[] made = new long[BLOCK_WORDS];
    keys[slot] = key;
    blocks[slot] = made;
    filled++;
    return made;
  }

  private int slot(long key) {
    int slot = (int) hash(key) & (keys.length - 1);
    while (blocks[slot] != null && keys[slot] != key) {
      slot = (slot + 1) & (keys.length - 1);
    }
    return slot;
  }

  private void rebuild(int capacity) {
    long[] oldKeys = keys;
    long[] @Nullable [] oldBlocks = blocks;
    keys = new long[capacity];
    blocks = new long[capacity][];
    filled = 0;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldBlocks[i] != null && isKept(oldKeys[i], thinned)) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        blocks[slot] = oldBlocks[i];
        filled++;
      }
    }
    lastKey = -1;
    lastBlock = null;
  }
}
