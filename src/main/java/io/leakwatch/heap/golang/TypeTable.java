package io.leakwatch.heap.golang;

import io.leakwatch.elf.ElfImage;
import io.leakwatch.text.ForeignText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The types of a Go program by the addresses of their descriptions ({@code internal/abi.Type}),
 * also where it is stripped: the runtime needs them itself. They are read from the file, where they
 * lie between the two ends that the {@code moduledata} tells.
 */
final class TypeTable {
  private static final int TYPE_BYTES = 48;
  private static final int POINTER_BYTES = 8;
  private static final int FLAGS = 20;
  private static final int NAME = 40;
  private static final int EXTRA_STAR = 2;
  private static final int NAME_BYTES_MAX = 1 << 14;
  private static final int NAME_CHARS_MAX = 160;
  private static final int REMEMBERED_MAX = 4096;
  private static final Type NONE = new Type("", 0);

  private final ElfImage image;
  private final long base;
  private final long start;
  private final long end;
  private final Map<Long, Type> remembered = new HashMap<>();

  /**
   * A type with pointers.
   *
   * @param name as Go writes it, with the last part of its package: {@code main.Session}
   * @param bytes of one object
   */
  record Type(String name, long bytes) {}

  /**
   * A table.
   *
   * @param base what the process adds to the file's addresses
   * @param start of the descriptions in the process, inclusive
   * @param end exclusive
   */
  TypeTable(ElfImage image, long base, long start, long end) {
    this.image = image;
    this.base = base;
    this.start = start;
    this.end = end;
  }

  /** The type that a word points to; null for none, or one without pointers. */
  @Nullable Type at(long address) {
    if (address <= start || address > end - TYPE_BYTES || (address & 7) != 0) {
      return null;
    }
    Type known = remembered.get(address);
    if (known == null) {
      try {
        known = read(address - base);
      } catch (IOException e) {
        known = NONE; // As good as unknown.
      }
      if (remembered.size() < REMEMBERED_MAX) {
        remembered.put(address, known);
      }
    }
    return known.bytes() == 0 ? null : known;
  }

  private Type read(long address) throws IOException {
    ByteBuffer words = image.bytesAt(address, TYPE_BYTES);
    if (words.remaining() < TYPE_BYTES) {
      return NONE;
    }
    long bytes = words.getLong(0);
    long pointerBytes = words.getLong(POINTER_BYTES);
    if (bytes <= 0 || pointerBytes <= 0 || pointerBytes > bytes || (pointerBytes & 7) != 0) {
      return NONE;
    }
    String name = name(start - base + words.getInt(NAME));
    boolean isOfPointer = (words.get(FLAGS) & EXTRA_STAR) != 0 && name.startsWith("*");
    return name.isEmpty() ? NONE : new Type(isOfPointer ? name.substring(1) : name, bytes);
  }

  /** A byte of flags, the length in sevens of bits, and so many bytes of UTF-8. */
  private String name(long address) throws IOException {
    if (address < start - base || address >= end - base) {
      return "";
    }
    ByteBuffer head = image.bytesAt(address, 4);
    int length = 0;
    int at = 1;
    boolean goesOn = true;
    for (int shift = 0; goesOn && at < head.remaining(); shift += 7, at++) {
      length |= (head.get(at) & 0x7f) << shift;
      goesOn = head.get(at) < 0;
    }
    if (goesOn || length > NAME_BYTES_MAX) {
      return "";
    }
    ByteBuffer text = image.bytesAt(address + at, length);
    if (text.remaining() < length) {
      return "";
    }
    return ForeignText.harmless(StandardCharsets.UTF_8.decode(text).toString(), NAME_CHARS_MAX);
  }
}
