package io.leakwatch.heap.python;

import io.leakwatch.heap.memory.Words;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads types ({@code PyTypeObject}, Include/cpython/object.h). What a word points to is one where
 * the type of its type is {@code type}, or leads there: a class has a metaclass. The types that are
 * kept are bounded.
 */
final class Types {
  private static final int TYPES_MAX = 1 << 16;
  private static final int OTHERS = 1 << 12;
  private static final long ADDRESS_MIN = 1 << 16;

  private static final int OB_TYPE = 1;
  private static final int NAME = 3;
  private static final int BASIC_SIZE = 4;
  private static final int FLAGS = 21;

  private static final int NAME_BYTES_MAX = 200;
  private static final int METATYPES_MAX = 4;
  private static final long BASIC_SIZE_MAX = 1 << 20;

  /** Py_TPFLAGS_READY, set once a type can have objects. */
  private static final long READY = 1 << 12;

  /** Py_TPFLAGS_HAVE_GC. */
  private static final long COLLECTED = 1 << 14;

  /** Py_TPFLAGS_MANAGED_WEAKREF (3.12) and Py_TPFLAGS_MANAGED_DICT (3.11). */
  private static final long MANAGED = (1 << 3) | (1 << 4);

  /**
   * A type.
   *
   * @param basicBytes of an object, at least
   * @param headerWords before an object: what the collector keeps there, and since 3.11 where an
   *     object's attributes and the references to it are
   */
  record Type(String name, long basicBytes, int headerWords) {
    /** No type. */
    static final Type NONE = new Type("", 0, -1);

    boolean isKnown() {
      return headerWords >= 0;
    }
  }

  private final Words words;
  private final Map<Long, Type> types = new HashMap<>();
  private final long[] others = new long[OTHERS];
  private final long[] head = new long[FLAGS + 1];
  private final long[] meta = new long[NAME + 1];

  Types(Words words) {
    this.words = words;
  }

  /** The type at an address, {@link Type#NONE} where there is none. */
  Type at(long address) {
    if ((address & 7) != 0 || address < ADDRESS_MIN) {
      return Type.NONE;
    }
    int slot = (int) ((address * 0x9E3779B97F4A7C15L) >>> 52);
    if (others[slot] == address) {
      return Type.NONE;
    }
    Type type = types.get(address);
    if (type == null) {
      type = read(address);
      if (!type.isKnown()) {
        others[slot] = address;
      } else if (types.size() < TYPES_MAX) {
        types.put(address, type);
      }
    }
    return type;
  }

  private Type read(long address) {
    if (!words.read(address, head, head.length)) {
      return Type.NONE;
    }
    long flags = head[FLAGS];
    long basic = head[BASIC_SIZE];
    boolean isLike = (flags & READY) != 0 && basic >= 16 && basic <= BASIC_SIZE_MAX;
    if (!isLike || !leadsToType(head[OB_TYPE])) {
      return Type.NONE;
    }
    String name = text(head[NAME]);
    int before = ((flags & COLLECTED) != 0 ? 2 : 0) + ((flags & MANAGED) != 0 ? 2 : 0);
    return new Type(name.isEmpty() ? "unnamed types" : name, basic, before);
  }

  private boolean leadsToType(long metatype) {
    long at = metatype;
    for (int i = 0; i < METATYPES_MAX; i++) {
      if (at < ADDRESS_MIN || !words.read(at, meta, meta.length)) {
        return false;
      }
      if (meta[OB_TYPE] == at) {
        return text(meta[NAME]).equals("type");
      }
      at = meta[OB_TYPE];
    }
    return false;
  }

  /** What a pointer to bytes that end with a zero says; {@code ""} where that is no text. */
  private String text(long pointer) {
    if (pointer < ADDRESS_MIN) {
      return "";
    }
    byte[] bytes = new byte[NAME_BYTES_MAX];
    int length = 0;
    while (length < bytes.length) {
      long at = pointer + length;
      int shift = 8 * (int) (at & 7);
      byte one = (byte) (words.at(at & -8L) >>> shift);
      if (one == 0) {
        break;
      }
      if (one > 0 && one < ' ') {
        return "";
      }
      bytes[length++] = one;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
