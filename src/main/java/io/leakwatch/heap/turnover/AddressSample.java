package io.leakwatch.heap.turnover;

import io.leakwatch.proc.memory.AddressList;

/** A fair sample of addresses of unknown number (reservoir sampling, Vitter's algorithm R). */
final class AddressSample {
  private final int countMax;
  private final AddressList addresses;
  private long offered;
  private long random;

  AddressSample(int countMax, long seed) {
    this.countMax = countMax;
    this.addresses = new AddressList(Math.min(countMax, 8));
    this.random = seed * 0x9E3779B97F4A7C15L | 1;
  }

  void offer(long address) {
    offered++;
    if (addresses.count() < countMax) {
      addresses.add(address);
      return;
    }
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    long at = Math.floorMod(random, offered);
    if (at < countMax) {
      addresses.set((int) at, address);
    }
  }

  /** Takes back an address, if it is in the sample. */
  void withdraw(long address) {
    offered--;
    for (int i = 0; i < addresses.count(); i++) {
      if (addresses.get(i) == address) {
        long last = addresses.removeLast();
        if (i < addresses.count()) {
          addresses.set(i, last);
        }
        return;
      }
    }
  }

  long[] addresses() {
    return addresses.toArray();
  }
}
