package io.leakwatch.proc.file;

import java.nio.charset.StandardCharsets;

/**
 * A text of {@code key: value} or {@code key value} lines, as /proc/PID/status, /proc/meminfo and
 * memory.stat are, asked by key. Absent or senseless values are -1.
 */
public final class KeyedText {
  private static final int DIGITS_MAX = 15;
  private static final int MASK_DIGITS_MAX = 16;

  /** More have no meaning but "no limit", which cgroup v1 writes as a number near 2^63. */
  private static final int LONE_DIGITS_MAX = 18;

  private final byte[] text;
  private final int length;

  public KeyedText(byte[] text, int length) {
    this.text = text;
    this.length = length;
  }

  public KeyedText(String text) {
    this(text.getBytes(StandardCharsets.UTF_8), text.getBytes(StandardCharsets.UTF_8).length);
  }

  /** The first number of a key's line. */
  public long number(String key) {
    int at = valueOf(key);
    if (at < 0) {
      return -1;
    }
    while (at < length && (text[at] == ' ' || text[at] == '\t')) {
      at++;
    }
    return digits(text, at, length, DIGITS_MAX);
  }

  /** The set of bits of a key's line, written in hexadecimal digits; 0 where there is none. */
  public long mask(String key) {
    int at = valueOf(key);
    if (at < 0) {
      return 0;
    }
    while (at < length && (text[at] == ' ' || text[at] == '\t')) {
      at++;
    }
    long bits = 0;
    int from = at;
    while (at < length && at - from <= MASK_DIGITS_MAX && Character.digit(text[at], 16) >= 0) {
      bits = bits << 4 | Character.digit(text[at++], 16);
    }
    return at - from > MASK_DIGITS_MAX ? 0 : bits;
  }

  /**
   * The number that a text begins with; -1 when it says something else, as {@code max}.
   *
   * @param length less than 0 for no text
   */
  public static long number(byte[] text, int length) {
    return digits(text, 0, length, LONE_DIGITS_MAX);
  }

  private static long digits(byte[] text, int from, int length, int digitsMax) {
    long value = 0;
    int at = from;
    while (at < length && text[at] >= '0' && text[at] <= '9' && at - from <= digitsMax) {
      value = value * 10 + (text[at++] - '0');
    }
    return at == from || at - from > digitsMax ? -1 : value;
  }

  /** A number that is reported in kB, as bytes. */
  public long kilobytes(String key) {
    long value = number(key);
    return value < 0 ? -1 : value << 10;
  }

  /** Where the text behind a key starts, -1 without such a line. */
  private int valueOf(String key) {
    int at = 0;
    while (at < length) {
      int i = 0;
      while (i < key.length() && at + i < length && text[at + i] == key.charAt(i)) {
        i++;
      }
      if (i == key.length() && at + i < length && isSeparator(text[at + i])) {
        return at + i + 1;
      }
      while (at < length && text[at] != '\n') {
        at++;
      }
      at++;
    }
    return -1;
  }

  private static boolean isSeparator(byte c) {
    return c == ':' || c == ' ' || c == '\t';
  }
}
