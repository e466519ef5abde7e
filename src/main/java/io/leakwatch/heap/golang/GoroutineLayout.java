package io.leakwatch.heap.golang;

/**
 * Where a release of Go keeps the facts of a goroutine: {@code g} of runtime/runtime2.go, the same
 * on amd64 and arm64. Offsets are bytes.
 */
enum GoroutineLayout {
  V1_12("1.12-1.16, 1.21, 1.22, 1.25", 144, 280, 296),
  V1_17("1.17-1.20", 144, 296, 312),
  V1_23("1.23, 1.24", 152, 288, 304),
  V1_26("1.26", 144, 288, 304);

  /** What every layout needs. */
  static final int WORDS = 40;

  private static final int SCANNED = 0x1000;

  /** _Gleaked and _Gdeadextra came with 1.26. */
  private static final int STATUS_MAX = 11;

  static final int DEAD = 6;

  private final String versions;
  private final int status;
  private final int createdAt;
  private final int startsAt;

  GoroutineLayout(String versions, int status, int createdAt, int startsAt) {
    this.versions = versions;
    this.status = status;
    this.createdAt = createdAt;
    this.startsAt = startsAt;
  }

  String versions() {
    return versions;
  }

  /** 1 runnable, 2 running, 3 in a system call, 4 waiting, 6 dead; see runtime2.go. */
  int status(long[] words) {
    return (int) words[status / 8] & ~SCANNED;
  }

  boolean hasStatus(long[] words) {
    int value = status(words);
    return value >= 0 && value <= STATUS_MAX;
  }

  long stackLow(long[] words) {
    return words[0];
  }

  long stackHigh(long[] words) {
    return words[1];
  }

  /** Number by which the runtime says what it waits for. */
  int waitReason(long[] words) {
    return (int) words[status / 8 + 4] & 0xff;
  }

  /** Behind the {@code go} statement that made it, 0 for the first ones. */
  long createdAt(long[] words) {
    return words[createdAt / 8];
  }

  /** The function that it runs. */
  long startsAt(long[] words) {
    return words[startsAt / 8];
  }
}
