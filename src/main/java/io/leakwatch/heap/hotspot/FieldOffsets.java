package io.leakwatch.heap.hotspot;

import java.nio.charset.StandardCharsets;

/**
 * Where the fields of a Java class lie, by what the JVM notes of them: six numbers of 16 bits a
 * field until JDK 20 ({@code fieldInfo.hpp}), a stream of numbers of one to five bytes since 21.
 */
final class FieldOffsets {
  private static final int FIELDS_MAX = 4096;
  private static final int NAME_BYTES_MAX = 128;
  private static final int ANCESTORS_MAX = 16;
  private static final int NUMBER_BYTES_MAX = 5;
  private static final int NUMBER_LOW = 191;
  private static final int NUMBER_SHIFT = 6;

  private final VmStructs structs;
  private final TargetWords words;

  FieldOffsets(VmStructs structs, TargetWords words) {
    this.structs = structs;
    this.words = words;
  }

  /** Of a field of a class or of one that it extends, in the object; -1 where it has none. */
  int of(long klass, String field) {
    int parent = structs.offset("Klass", "_super");
    long at = klass;
    for (int i = 0; i < ANCESTORS_MAX && at > 0; i++) {
      int offset = own(at, field);
      if (offset >= 0) {
        return offset;
      }
      at = parent < 0 ? 0 : words.word(at + parent);
    }
    return -1;
  }

  private int own(long klass, String field) {
    int constants = structs.offset("InstanceKlass", "_constants");
    long pool = constants < 0 ? 0 : words.word(klass + constants);
    int stream = structs.offset("InstanceKlass", "_fieldinfo_stream");
    int table = structs.offset("InstanceKlass", "_fields");
    if (pool <= 0) {
      return -1;
    }
    if (stream >= 0) {
      return ofStream(words.word(klass + stream), pool, field);
    }
    int count = structs.offset("InstanceKlass", "_java_fields_count");
    return table < 0 || count < 0
        ? -1
        : ofTable(words.word(klass + table), words.int16(klass + count), pool, field);
  }

  private int ofTable(long table, int count, long pool, String field) {
    long slots = structs.constant("FieldInfo::field_slots", 6);
    long tag = structs.constant("FIELDINFO_TAG_SIZE", 2);
    int data = structs.offset("Array<u2>", "_data");
    if (table <= 0 || data < 0 || slots <= 0 || slots > 16) {
      return -1;
    }
    for (int i = 0; i < Math.min(count, FIELDS_MAX); i++) {
      long at = table + data + 2 * slots * i;
      long name = 2 * structs.constant("FieldInfo::name_index_offset", 1);
      if (isNamed(pool, words.int16(at + name), field)) {
        long low = 2 * structs.constant("FieldInfo::low_packed_offset", 4);
        long high = 2 * structs.constant("FieldInfo::high_packed_offset", 5);
        int packed = words.int16(at + low) | words.int16(at + high) << 16;
        return packed >>> (tag & 31);
      }
    }
    return -1;
  }

  /** Reads numbers of one to five bytes (HotSpot's {@code unsigned5.hpp}). */
  private final class Numbers {
    private long at;

    private Numbers(long at) {
      this.at = at;
    }

    private int next() {
      int sum = 0;
      for (int i = 0; i < NUMBER_BYTES_MAX; i++) {
        int number = words.int8(at++) - 1;
        sum += number << (NUMBER_SHIFT * i);
        if (number < NUMBER_LOW) {
          break;
        }
      }
      return sum;
    }
  }

  private int ofStream(long stream, long pool, String field) {
    int data = structs.offset("Array<u1>", "_data");
    if (stream <= 0 || data < 0) {
      return -1;
    }
    long optional = // What only some fields have, each one more number.
        1L << structs.constant("FieldInfo::FieldFlags::_ff_initialized", 0)
            | 1L << structs.constant("FieldInfo::FieldFlags::_ff_generic", 2)
            | 1L << structs.constant("FieldInfo::FieldFlags::_ff_contended", 4);
    Numbers numbers = new Numbers(stream + data);
    int count = numbers.next();
    numbers.next();
    for (int i = 0; i < Math.min(count, FIELDS_MAX); i++) {
      int name = numbers.next();
      numbers.next();
      int offset = numbers.next();
      numbers.next();
      int flags = numbers.next();
      if (isNamed(pool, name, field)) {
        return offset;
      }
      for (int more = Long.bitCount(flags & optional); more > 0; more--) {
        numbers.next();
      }
    }
    return -1;
  }

  private boolean isNamed(long pool, int index, String field) {
    long symbol = words.word(pool + structs.bytes("ConstantPool") + 8L * index & -8L);
    int length = structs.offset("Symbol", "_length");
    int body = structs.offset("Symbol", "_body[0]", "_body");
    if (symbol <= 0 || length < 0 || body < 0) {
      return false;
    }
    int bytes = words.int16(symbol + length);
    if (bytes != field.length() || bytes > NAME_BYTES_MAX) {
      return false;
    }
    byte[] text = words.bytes(symbol + body, bytes);
    return text != null && field.equals(new String(text, StandardCharsets.UTF_8));
  }
}
