package io.leakwatch.heap.holders;

import io.leakwatch.heap.ObjectVisitor;
import java.util.Arrays;

/**
 * Tells in which objects some addresses lie, from one walk over the memory of their owners. The
 * word behind an object is its own, too, where no other object begins: glibc lets the application
 * use it.
 */
final class ObjectPlaces implements ObjectVisitor {
  private static final long TAIL_BYTES = 8;
  private static final byte IN_USE = 1;
  private static final byte FREE = 2;

  private final long[] locations;
  private final long[] objects;
  private final long[] sizes;
  private final byte[] states;
  private int next;
  private long last;

  /**
   * Prepares for a walk.
   *
   * @param locations ascending
   */
  ObjectPlaces(long[] locations) {
    this.locations = locations;
    this.objects = new long[locations.length];
    this.sizes = new long[locations.length];
    this.states = new byte[locations.length];
  }

  @Override
  public void object(long address, long bytes, boolean inUse) {
    if (address < last) {
      next = from(address);
    }
    while (next > 0 && locations[next - 1] >= address) {
      next--;
    }
    last = address;
    long end = address + bytes + TAIL_BYTES;
    if (next >= locations.length || locations[next] >= end) {
      return;
    }
    while (next < locations.length && locations[next] < address) {
      next++;
    }
    while (next < locations.length && locations[next] < end) {
      objects[next] = address;
      sizes[next] = bytes;
      states[next++] = inUse ? IN_USE : FREE;
    }
  }

  @Override
  public void cached(long address, long bytes) {
    int i = from(address);
    while (i < locations.length && locations[i] < address + bytes + TAIL_BYTES) {
      if (objects[i] == address) {
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

  /** Whether a location lies in an object at all, free or not. */
  boolean isKnown(long location) {
    int i = indexOf(location);
    return i >= 0 && states[i] != 0;
  }

  boolean isInUse(long location) {
    int i = indexOf(location);
    return i >= 0 && states[i] == IN_USE;
  }

  /** First byte of the object around a known location. */
  long object(long location) {
    return objects[indexOf(location)];
  }

  /** Bytes that the application can use of it. */
  long objectBytes(long location) {
    return sizes[indexOf(location)];
  }
}
