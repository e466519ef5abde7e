package io.leakwatch.proc;

import java.nio.charset.StandardCharsets;

/**
 * A text of {@code key: value} or {@code key value} lines, as /proc/PID/status, /proc/meminfo and
 * memory.stat are, asked by key. Absent or senseless values are -1.
 */
final class KeyedText {
  private static final int DIGITS_MAX = 15;

  private final byte[] text;
  private final int length;

  KeyedText(byte[] text, int length) {
    this.text = text;
    this.length = length;
  }

  KeyedText(String text) {
    this(text.getBytes(StandardCharsets.UTF_8), text.getBytes(StandardCharsets.UTF_8).length);
  }

  /** The first number of a key's line. */
  long number(String key) {
    int at = valueOf(key);
    if (at < 0) {
      return -1;
    }
    while (at < length && (text[at] == ' ' || text[at] == '\t')) {
      at++;
    }
    long value = 0;
    int digits = 0;
    while (at < length && text[at] >= '0' && text[at] <= '9') {
      value = value * 10 + (text[at++] - '0');
      digits++;
    }
    return digits == 0 || digits > DIGITS_MAX ? -1 : value;
  }

  /** A number that is told in kB, as bytes. */
  long kilobytes(String key) {
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
