package io.leakwatch.export.http;

import java.io.IOException;

/** What answers take in memory until clients have taken them, bounded in all. For any thread. */
public final class AnswerMemory {
  static final AnswerMemory UNBOUNDED = new AnswerMemory(Long.MAX_VALUE);

  private final long bytesMax;
  private long bytes;
  private long refused;

  public AnswerMemory(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** There is no room for an answer now. */
  public static final class Full extends IOException {
    private static final long serialVersionUID = 1;

    private Full() {
      super("no memory is left for this answer now");
    }
  }

  /** Takes so many bytes. */
  synchronized void take(long more) throws Full {
    if (more > bytesMax - bytes) {
      throw full();
    }
    bytes += more;
  }

  synchronized void give(long less) {
    bytes -= less;
  }

  /** Counts an answer that found no room. */
  public synchronized Full full() {
    refused++;
    return new Full();
  }

  /** Answers that found no room so far. */
  public synchronized long refused() {
    return refused;
  }
}
