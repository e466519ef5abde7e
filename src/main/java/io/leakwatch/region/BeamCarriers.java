package io.leakwatch.region;

import java.util.Arrays;

/**
 * The carriers that Erlang's BEAM maps for its allocators, by what lies in them.
 *
 * <p>A carrier (erts/emulator/beam/erl_alloc_util.h) begins with its size and two flags, two
 * neighbours in a list, and its allocator; one for a single block is made like one for many. An
 * allocator says its name: a few lower-case letters and an underscore, e.g. {@code eheap_}. Those
 * that come from malloc lack the first flag and are malloc's here.
 */
final class BeamCarriers implements RuntimePieces.Shape {
  private static final long MAPPED = 1;
  private static final long FLAGS = 7;
  private static final long CARRIER_MIN_BYTES = 16 << 10;
  private static final long CARRIER_UNIT = 4 << 10;
  private static final int NAME_OFFSET = 0x78;
  private static final int ALLOCATOR = 3;

  private final long[] head = new long[4];
  private final long[] word = new long[1];
  private final long[] known = new long[64];
  private int knownCount;

  /** Forgets what the last process had. */
  void reset() {
    Arrays.fill(known, 0);
    knownCount = 0;
  }

  @Override
  public long bytesMin() {
    return CARRIER_MIN_BYTES;
  }

  @Override
  public long bytes(long at, long end, MemoryProbe probe) {
    if (!probe.read(at, head)) {
      return 0;
    }
    long bytes = head[0] & ~FLAGS;
    boolean isLikely =
        (head[0] & MAPPED) != 0
            && bytes >= CARRIER_MIN_BYTES
            && bytes <= end - at
            && bytes % CARRIER_UNIT == 0
            && (head[1] & (CARRIER_UNIT - 1)) == 0
            && (head[2] & (CARRIER_UNIT - 1)) == 0;
    return isLikely && isAllocator(head[ALLOCATOR] & ~FLAGS, probe) ? bytes : 0;
  }

  private boolean isAllocator(long address, MemoryProbe probe) {
    for (int i = 0; i < knownCount; i++) {
      if (known[i] == address) {
        return true;
      }
    }
    boolean isOne =
        address > 0 && probe.read(address + NAME_OFFSET, word) && isName(word[0], probe);
    if (isOne && knownCount < known.length) {
      known[knownCount++] = address;
    }
    return isOne;
  }

  /** E.g. {@code sl_}, {@code binary_}. */
  private boolean isName(long address, MemoryProbe probe) {
    int letters = 0;
    for (long at = address; letters < 9; at++) {
      if (at <= 0 || !probe.read(at & -8L, word)) {
        return false;
      }
      int c = (int) (word[0] >>> (8 * (at & 7))) & 0xff;
      if (c < 'a' || c > 'z') {
        return c == '_' && letters > 1;
      }
      letters++;
    }
    return false;
  }
}
