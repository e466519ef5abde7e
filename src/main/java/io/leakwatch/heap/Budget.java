package io.leakwatch.heap;

/** Bytes that a walk may still read; each read is told to the pace. */
final class Budget {
  private final ReadPace pace;
  private long leftBytes;
  private long readBytes;

  Budget(long bytesMax, ReadPace pace) {
    this.leftBytes = bytesMax;
    this.pace = pace;
  }

  void spend(long bytes) {
    leftBytes -= bytes;
    readBytes += bytes;
    pace.read(bytes);
  }

  boolean isExhausted() {
    return leftBytes <= 0;
  }

  long readBytes() {
    return readBytes;
  }
}
