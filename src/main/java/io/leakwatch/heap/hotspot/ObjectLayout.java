package io.leakwatch.heap.hotspot;

/**
 * What the first words of a Java object say: of which class it is, and how long where it is an
 * array. The class is an address, a distance of 32 bits from a base, or with compact headers (JDK
 * 24 and later) part of the mark word; the length of an array follows it.
 */
final class ObjectLayout {
  private enum ClassReference {
    FULL,
    COMPRESSED,
    COMPACT
  }

  /** So many words of an object hold its class and its length. */
  static final int HEADER_WORDS = 3;

  private static final int COMPACT_KLASS_SHIFT = 42;

  private final ClassReference reference;
  private final long base;
  private final int shift;
  private final int markShift;
  private final long alignment;
  private final boolean areReferencesCompressed;

  ObjectLayout(VmStructs structs, JvmFlags flags, TargetWords words) {
    boolean isCompact = flags.isOn("UseCompactObjectHeaders");
    // JDK 25 has the option still; later ones know no other way.
    boolean isCompressed = isCompact || flags.isOn("UseCompressedClassPointers");
    this.reference =
        isCompact
            ? ClassReference.COMPACT
            : isCompressed ? ClassReference.COMPRESSED : ClassReference.FULL;
    this.base =
        words.word(
            structs.address(
                "CompressedKlassPointers._base",
                "CompressedKlassPointers._narrow_klass._base",
                "Universe._narrow_klass._base"));
    this.shift =
        words.int32(
                structs.address(
                    "CompressedKlassPointers._shift",
                    "CompressedKlassPointers._narrow_klass._shift",
                    "Universe._narrow_klass._shift"))
            & 31;
    this.markShift = (int) structs.constant("markWord::klass_shift", COMPACT_KLASS_SHIFT) & 63;
    long unit = flags.number("ObjectAlignmentInBytes", 8) & 0xffff;
    this.alignment = Long.bitCount(unit) == 1 && unit >= 8 && unit <= 256 ? unit : 8;
    this.areReferencesCompressed = flags.isOn("UseCompressedOops");
  }

  /** The address of an object's class, by its first words. */
  long klass(long[] header) {
    return switch (reference) {
      case FULL -> header[1];
      case COMPRESSED -> narrow(header[1] & 0xffffffffL);
      case COMPACT -> narrow(header[0] >>> markShift);
    };
  }

  private long narrow(long klass) {
    return klass == 0 ? 0 : base + (klass << shift);
  }

  /** The number of elements that an array has. */
  long length(long[] header) {
    return switch (reference) {
      case FULL -> header[2] & 0xffffffffL;
      case COMPRESSED -> header[1] >>> 32;
      case COMPACT -> header[1] & 0xffffffffL;
    };
  }

  /** Bytes that objects start at a multiple of. */
  long alignment() {
    return alignment;
  }

  /** Bytes that a reference takes in an object. */
  int referenceBytes() {
    return areReferencesCompressed ? 4 : 8;
  }

  long aligned(long bytes) {
    return bytes + alignment - 1 & -alignment;
  }
}
