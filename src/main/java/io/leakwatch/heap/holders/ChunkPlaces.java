package io.leakwatch.heap.holders;

import io.leakwatch.heap.ChunkVisitor;
import java.util.Arrays;

/**
 * Tells in which chunks of malloc some addresses lie, from one walk over the heaps. What a chunk's
 * owner uses begins 16 bytes behind the chunk's address and ends 8 bytes behind its end.
 */
final class ChunkPlaces implements ChunkVisitor {
  static final int HEADER_BYTES = 16;

  private static final long TAIL_BYTES = 8;
  private static final byte IN_USE = 1;
  private static final byte FREE = 2;

  private final long[] locations;
  private final long[] chunks;
  private final long[] sizes;
  private final byte[] states;
  private int next;
  private long last;

  /**
   * Prepares for a walk.
   *
   * @param locations ascending
   */
  ChunkPlaces(long[] locations) {
    this.locations = locations;
    this.chunks = new long[locations.length];
    this.sizes = new long[locations.length];
    this.states = new byte[locations.length];
  }

  @Override
  public void chunk(long address, long bytes, boolean inUse) {
    if (address < last) {
      next = from(address + TAIL_BYTES);
    }
    last = address;
    long end = address + bytes + TAIL_BYTES;
    if (next >= locations.length || locations[next] >= end) {
      return;
    }
    while (next < locations.length && locations[next] < address + TAIL_BYTES) {
      next++;
    }
    while (next < locations.length && locations[next] < end) {
      chunks[next] = address;
      sizes[next] = bytes;
      states[next++] = inUse ? IN_USE : FREE;
    }
  }

  @Override
  public void cached(long address, long bytes) {
    int i = from(address + TAIL_BYTES);
    while (i < locations.length && locations[i] < address + bytes + TAIL_BYTES) {
      if (chunks[i] == address) {
        states[i] = FREE;
      }
      i++;
    }
  }

  private int from(long location) {
    int at = Arrays.binarySearch(locations, location);
    return at >= 0 ? at : -at - 1;
  }

  private int indexOf(long location) {
    return Arrays.binarySearch(locations, location);
  }

  /** Whether a location lies in a chunk at all, free or not. */
  boolean isKnown(long location) {
    int i = indexOf(location);
    return i >= 0 && states[i] != 0;
  }

  boolean isInUse(long location) {
    int i = indexOf(location);
    return i >= 0 && states[i] == IN_USE;
  }

  /** Address of the chunk around a known location. */
  long chunk(long location) {
    return chunks[indexOf(location)];
  }

  long chunkBytes(long location) {
    return sizes[indexOf(location)];
  }
}
