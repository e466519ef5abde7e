package io.leakwatch.heap.memory;

/** Bytes that a walk may still read; each read is reported to the pace. */
public final class ByteBudget {
  private final ReadPace pace;
  private long leftBytes;
  private long readBytes;

  public ByteBudget(long bytesMax, ReadPace pace) {
    this.leftBytes = bytesMax;
    this.pace = pace;
  }

  public void spend(long bytes) {
    leftBytes -= bytes;
    readBytes += bytes;
    pace.read(bytes);
  }

  public boolean isExhausted() {
    return leftBytes <= 0;
  }

  long readBytes() {
    return readBytes;
  }
}
