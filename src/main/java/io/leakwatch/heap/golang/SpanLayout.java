package io.leakwatch.heap.golang;

/**
 * Where a release of Go keeps the facts of a span, a run of whole pages: {@code mspan} of
 * runtime/mheap.go, the same on amd64 and arm64. Offsets are bytes.
 */
enum SpanLayout {
  V1_12("1.12", 88, 104, 120),
  V1_13("1.13-1.20", 88, 104, 112),
  V1_21("1.21", 96, 112, 120),
  V1_22("1.22-1.26", 88, 104, 112);

  /** What every layout needs. */
  static final int WORDS = 20;

  private static final int START = 24;
  private static final int PAGES = 32;
  private static final int FREE_INDEX = 48;
  private static final int LARGE_TYPE = 152;

  private final String versions;
  private final int sweepgen;
  private final int elementBytes;
  private final int limit;

  SpanLayout(String versions, int sweepgen, int elementBytes, int limit) {
    this.versions = versions;
    this.sweepgen = sweepgen;
    this.elementBytes = elementBytes;
    this.limit = limit;
  }

  /** The releases, as reported. */
  String versions() {
    return versions;
  }

  long start(long[] words) {
    return words[START / 8];
  }

  long pages(long[] words) {
    return words[PAGES / 8];
  }

  /** Objects before it have been handed out since the span was swept. */
  long freeIndex(long[] words) {
    return count(words, FREE_INDEX);
  }

  /** Objects that the span has room for. */
  long elements(long[] words) {
    return count(words, this == V1_22 ? 50 : 56);
  }

  private long count(long[] words, int offset) {
    long word = words[offset / 8];
    return this == V1_22 ? (word >>> (8 * (offset % 8))) & 0xffff : word; // Two bytes since 1.22.
  }

  /** Address of the bits of objects that survived the last collection, of a swept span. */
  long allocBits(long[] words) {
    return words[(this == V1_22 ? 64 : 72) / 8];
  }

  /** The same of one that is not swept yet. */
  long markBits(long[] words) {
    return words[(this == V1_22 ? 72 : 80) / 8];
  }

  int sweepgen(long[] words) {
    return (int) words[sweepgen / 8];
  }

  /** Objects handed out; the collection takes off what it has swept. */
  int allocated(long[] words) {
    return (int) words[sweepgen / 8 + 1] & 0xffff;
  }

  /** Twice the size class, and whether objects are free of pointers. */
  int spanClass(long[] words) {
    return (int) (words[sweepgen / 8 + 1] >>> 16) & 0xff;
  }

  /** 0 dead, 1 in use by objects, 2 by the runtime itself, mostly stacks; 3 free up to 1.13. */
  int state(long[] words) {
    return (int) (words[sweepgen / 8 + 1] >>> 24) & 0xff;
  }

  long elementBytes(long[] words) {
    return words[elementBytes / 8];
  }

  /** The type of a span's only object, where it has one; 0 for none, and before 1.22. */
  long largeType(long[] words) {
    boolean isLarge = this == V1_22 && spanClass(words) == 0 && state(words) == SpanTable.IN_USE;
    return isLarge ? words[LARGE_TYPE / 8] : 0;
  }

  /** Whether objects with pointers have types. */
  boolean hasTypes() {
    return this == V1_22;
  }

  /** Behind the last object. */
  long limit(long[] words) {
    return words[limit / 8];
  }
}
