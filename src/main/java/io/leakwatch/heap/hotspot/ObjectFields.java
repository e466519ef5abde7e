package io.leakwatch.heap.hotspot;

import java.util.HashMap;
import java.util.Map;

/**
 * The few fields of Java objects that a walk looks into: those that say how long an object is, and
 * those of the JDK's own count of direct buffers.
 */
final class ObjectFields {
  private static final int BITS_OF_WORD = 64;
  private static final long STACK_WORDS_MAX = 1 << 24;

  private final TargetWords words;
  private final ObjectLayout layout;
  private final FieldOffsets offsets;
  private final ClassTable classes;
  private final Map<String, Integer> known = new HashMap<>();
  private final int mirrorSize;
  private final int mirrorKlass;
  private final long referenceBase;
  private final int referenceShift;
  private long directBytes = -1;

  ObjectFields(VmStructs structs, TargetWords words, ObjectLayout layout, ClassTable classes) {
    this.words = words;
    this.layout = layout;
    this.classes = classes;
    this.offsets = new FieldOffsets(structs, words);
    this.mirrorSize = words.int32(structs.address("java_lang_Class._oop_size_offset"));
    this.mirrorKlass = words.int32(structs.address("java_lang_Class._klass_offset"));
    this.referenceBase =
        words.word(
            structs.address(
                "CompressedOops._base",
                "CompressedOops._narrow_oop._base",
                "Universe._narrow_oop._base"));
    this.referenceShift =
        words.int32(
                structs.address(
                    "CompressedOops._shift",
                    "CompressedOops._narrow_oop._shift",
                    "Universe._narrow_oop._shift"))
            & 7;
  }

  /** Bytes of a {@code java.lang.Class}, 0 where it does not tell. */
  long mirrorBytes(long at) {
    return mirrorSize <= 0 ? 0 : 8L * Math.max(0, words.int32(at + mirrorSize));
  }

  /**
   * Bytes of a part of a virtual thread's stack, 0 where it does not tell: the frames lie behind
   * its fields, and behind them a bit for each reference that may be in them.
   */
  long stackChunkBytes(long at, JavaClass chunk) {
    int size = offset(chunk, "size");
    long stack = size < 0 ? -1 : words.int32(at + size);
    if (stack < 0 || stack > STACK_WORDS_MAX) {
      return 0;
    }
    long bits = stack * (8 / layout.referenceBytes());
    return chunk.instanceBytes() + 8 * (stack + (bits + BITS_OF_WORD - 1) / BITS_OF_WORD);
  }

  /** Takes the count of direct buffers' bytes where a class keeps it. */
  void note(JavaClass found, long at) {
    if (directBytes < 0 && found.sizing() == JavaClass.Sizing.MIRROR && mirrorKlass > 0) {
      JavaClass mirrored = classes.find(words.word(at + mirrorKlass & -8L));
      if (mirrored != null && mirrored.name().equals("java.nio.Bits")) {
        directBytes = reservedBytes(mirrored, at);
      }
    }
  }

  private long reservedBytes(JavaClass bits, long mirror) {
    int field = offset(bits, "RESERVED_MEMORY");
    field = field < 0 ? offset(bits, "reservedMemory") : field; // Until 10.
    long counter = field < 0 ? -1 : reference(mirror + field);
    long[] header = new long[ObjectLayout.HEADER_WORDS];
    if (counter <= 0 || !words.read(counter, header, header.length)) {
      return counter == 0 ? 0 : -1;
    }
    JavaClass type = classes.find(layout.klass(header));
    int value = type == null ? -1 : offset(type, "value");
    return value < 0 ? -1 : Math.max(-1, words.word(counter + value & -8L));
  }

  private long reference(long at) {
    if (layout.referenceBytes() == 8) {
      return words.word(at & -8L);
    }
    long narrow = words.int32(at) & 0xffffffffL;
    return narrow == 0 ? 0 : referenceBase + (narrow << referenceShift);
  }

  private int offset(JavaClass type, String field) {
    return known.computeIfAbsent(
        type.name() + "." + field, name -> offsets.of(type.address(), field));
  }

  /** Bytes of direct buffers, as the JDK counts them; -1 where its count was not met. */
  long directBytes() {
    return directBytes;
  }
}
