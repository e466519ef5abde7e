package io.leakwatch.heap.hotspot;

/**
 * A class and what was met of its objects.
 *
 * <p>HotSpot's {@code layoutHelper} tells how large they are: an instance's bytes, or of an array
 * the bytes before its elements and the logarithm of an element's. An object of {@code
 * java.lang.Class} has the class' static fields behind its own ones and tells its length itself; so
 * does a part of a virtual thread's stack.
 */
final class JavaClass {
  /** How long an object of it is. */
  enum Sizing {
    INSTANCE,
    ARRAY,
    MIRROR,
    STACK_CHUNK
  }

  private final String name;
  private final Sizing sizing;
  private final int layoutHelper;
  private final long address;

  private long objects;
  private long bytes;
  private long regionBytes;
  private double squaresOfRegions;

  JavaClass(long address, String internalName, int layoutHelper) {
    this.address = address;
    this.name = JavaNames.of(internalName);
    this.layoutHelper = layoutHelper;
    if (layoutHelper < 0) {
      sizing = Sizing.ARRAY;
    } else {
      sizing =
          switch (internalName) {
            case "java/lang/Class" -> Sizing.MIRROR;
            case "jdk/internal/vm/StackChunk" -> Sizing.STACK_CHUNK;
            default -> Sizing.INSTANCE;
          };
    }
  }

  String name() {
    return name;
  }

  /** The JVM's description of the class. */
  long address() {
    return address;
  }

  Sizing sizing() {
    return sizing;
  }

  /** Bytes of an instance, without what differs from one to another. */
  long instanceBytes() {
    return layoutHelper & ~7;
  }

  /** Bytes of an array of so many elements, before it is aligned. */
  long arrayBytes(long length) {
    return (layoutHelper >> 16 & 0xff) + (length << (layoutHelper & 0x3f));
  }

  /** Whether it fills a gap that a collector left. */
  boolean isFiller() {
    return name.startsWith("jdk.internal.vm.Filler");
  }

  void count(long objectBytes) {
    objects++;
    bytes += objectBytes;
    regionBytes += objectBytes;
  }

  /** Ends a region: how much of the class differs between regions tells how good a sample is. */
  void endRegion() {
    squaresOfRegions += (double) regionBytes * regionBytes;
    regionBytes = 0;
  }

  /** Takes what was counted so far for a sample of which the whole is so many times as much. */
  void scale(double factor) {
    objects = Math.round(objects * factor);
    bytes = Math.round(bytes * factor);
  }

  long objects() {
    return objects;
  }

  long bytes() {
    return bytes;
  }

  double squaresOfRegions() {
    return squaresOfRegions;
  }
}
