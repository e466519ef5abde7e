package io.leakwatch.heap.turnover;

import java.util.Arrays;

/** A fair sample of addresses of unknown number (reservoir sampling, Vitter's algorithm R). */
final class AddressSample {
  private final int countMax;
  private long[] addresses;
  private int count;
  private long offered;
  private long random;

  AddressSample(int countMax, long seed) {
    this.countMax = countMax;
    this.addresses = new long[Math.min(countMax, 8)];
    this.random = seed * 0x9E3779B97F4A7C15L | 1;
  }

  void offer(long address) {
    offered++;
    if (count < countMax) {
      if (count == addresses.length) {
        addresses = Arrays.copyOf(addresses, Math.min(countMax, count * 2));
      }
      addresses[count++] = address;
      return;
    }
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    long at = Math.floorMod(random, offered);
    if (at < countMax) {
      addresses[(int) at] = address;
    }
  }

  /** Takes back an address, if it is in the sample. */
  void withdraw(long address) {
    offered--;
    for (int i = 0; i < count; i++) {
      if (addresses[i] == address) {
        addresses[i] = addresses[--count];
        return;
      }
    }
  }

  long[] addresses() {
    return Arrays.copyOf(addresses, count);
  }
}
