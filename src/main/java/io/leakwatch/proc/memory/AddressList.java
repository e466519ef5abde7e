package io.leakwatch.proc.memory;

import java.util.Arrays;

/** Addresses, or words that hold one, in the order in which they came. */
public final class AddressList {
  private long[] addresses;
  private int count;

  /**
   * An empty list.
   *
   * @param room for how many there is room at once
   */
  public AddressList(int room) {
    this.addresses = new long[room];
  }

  public void add(long address) {
    if (count == addresses.length) {
      addresses = Arrays.copyOf(addresses, Math.max(8, count * 2));
    }
    addresses[count++] = address;
  }

  public int count() {
    return count;
  }

  public long get(int i) {
    return addresses[i];
  }

  public void set(int i, long address) {
    addresses[i] = address;
  }

  /** Takes the newest one away. */
  public long removeLast() {
    return addresses[--count];
  }

  public void clear() {
    count = 0;
  }

  public long[] toArray() {
    return Arrays.copyOf(addresses, count);
  }

  /** All of them, ascending. */
  public long[] sorted() {
    long[] sorted = toArray();
    Arrays.sort(sorted);
    return sorted;
  }
}
