package io.leakwatch.proc.memory;

import io.leakwatch.proc.memory.MappingTable.Field;

/**
 * Where the figures of a mapping lie behind its header line in {@code smaps}, learned from one
 * mapping and held against each further one. A line of a figure has 28 bytes: 16 columns for the
 * key, 8 for the KiB, and the unit. Only a figure of 100 GB is longer, and it shifts the lines
 * behind it; so what begins and ends each wanted line, and the line of flags being where it was,
 * say that all of them are in their places.
 */
final class MappingFrame {
  private static final int VALUE_AT = 16;
  private static final int UNIT_AT = 24;
  private static final int LINE_BYTES = 28;
  private static final int FLAGS_KEY_BYTES = 8;
  private static final Field[] FIELDS = Field.values();

  private final int[] places = new int[FIELDS.length];
  private final Field[] fields = new Field[FIELDS.length];
  private final int[] kibibytes = new int[FIELDS.length];
  private int count;
  private int lines;
  private int flagsAt = -1;
  private int body = -1;

  /** Another text begins, maybe that of another kernel. */
  void forget() {
    flagsAt = -1;
    body = -1;
  }

  /** The lines of a mapping that were not yet seen lie elsewhere. */
  void interrupt() {
    body = -1;
  }

  /** The lines of a mapping begin, and are to be learned. */
  void begin(int from) {
    flagsAt = -1;
    body = from;
    count = 0;
    lines = 0;
  }

  /**
   * One of these lines.
   *
   * @param field the place of its {@link Field}, less than 0 for none
   */
  void line(int from, int end, int field, boolean isFlags) {
    if (body < 0) {
      return;
    }
    lines++;
    if (isFlags) {
      flagsAt = from - body;
      body = -1;
    } else if (field >= 0) {
      if (count == FIELDS.length || end + 1 - from != LINE_BYTES) {
        body = -1;
        return;
      }
      places[count] = from - body;
      fields[count++] = FIELDS[field];
    }
  }

  /** Lines of a mapping behind its header. */
  int lines() {
    return lines;
  }

  /** Where the line of flags begins, from the end of the header. */
  int flagsAt() {
    return flagsAt;
  }

  /** Reads the figures behind a header; false where a wanted line is not in its place. */
  boolean read(byte[] text, int from, int length) {
    int flags = from + flagsAt;
    if (flagsAt < 0
        || flags + FLAGS_KEY_BYTES > length
        || text[flags] != 'V'
        || text[flags + FLAGS_KEY_BYTES - 1] != ':'
        || text[flags - 1] != '\n') {
      return false;
    }
    for (int i = 0; i < count; i++) {
      kibibytes[i] = figure(text, from + places[i], fields[i].key());
      if (kibibytes[i] < 0) {
        return false;
      }
    }
    return true;
  }

  /** The figure of a line, -1 where it is not that of the key. */
  private static int figure(byte[] text, int from, String key) {
    int keyEnd = from + key.length();
    int end = from + UNIT_AT;
    if (text[from] != key.charAt(0)
        || text[keyEnd - 1] != key.charAt(key.length() - 1)
        || text[keyEnd] != ':'
        || text[end + 1] != 'k'
        || text[end + 3] != '\n') {
      return -1;
    }
    int at = from + VALUE_AT;
    while (at < end - 1 && text[at] == ' ') {
      at++;
    }
    int value = 0;
    for (; at < end; at++) {
      int digit = text[at] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /** Puts the figures that were read into a row. */
  void put(MappingTable into, int row) {
    for (int i = 0; i < count; i++) {
      into.set(row, fields[i], (long) kibibytes[i] << 10);
    }
  }
}
