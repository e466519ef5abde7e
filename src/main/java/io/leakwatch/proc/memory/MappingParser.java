package io.leakwatch.proc.memory;

import io.leakwatch.proc.memory.MappingTable.Field;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads the text of {@code maps} and {@code smaps} from a byte array, line by line, without making
 * an object per line.
 *
 * <p>A mapping's lines come in the same order for every mapping of one kernel, and the kernel pads
 * keys to 16 columns (fs/proc/task_mmu.c, {@code SEQ_PUT_DEC}). So the parser remembers the first
 * 16 bytes of the n-th line behind a header and, for the next mapping, compares them as two longs;
 * only a line that surprises is looked up by its key. Unknown keys are remembered as such. Names
 * may hold anything but a newline, which the kernel prints as {@code \012}.
 *
 * <p>A header line starts with a digit or a lower-case letter, a figure's line with an upper-case
 * one. What fits neither is counted and left out; figures behind a malformed header are left out
 * too, because they belong to no known mapping.
 */
final class MappingParser {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int KEY_COLUMNS = 16;
  private static final int LINES_PER_MAPPING_MAX = 64;
  private static final int UNKNOWN = -1;
  private static final int FLAGS = -2;
  private static final int DIGITS_MAX = 15;
  private static final Field[] FIELDS = Field.values();

  private final NameTable names = new NameTable();
  private final long[] learnedLow = new long[LINES_PER_MAPPING_MAX];
  private final long[] learnedHigh = new long[LINES_PER_MAPPING_MAX];
  private final int[] learnedMeaning = new int[LINES_PER_MAPPING_MAX];

  private MappingTable table = new MappingTable();
  private byte[] text = new byte[0];
  private int current = -1;
  private int line;
  private long lineOfText;
  private long lastEnd;
  private int at;
  private boolean bad;

  /** Starts a new look that fills the given table. */
  void begin(MappingTable into) {
    into.clear();
    names.begin();
    table = into;
    current = -1;
    line = 0;
    lineOfText = 0;
    lastEnd = 0;
  }

  /**
   * Takes the complete lines of {@code text[0, length)}.
   *
   * @return how many bytes were taken; the rest is the beginning of a line
   */
  int accept(byte[] text, int length) {
    this.text = text;
    int from = 0;
    while (from < length) {
      lineOfText++;
      byte first = text[from];
      int next = first >= 'A' && first <= 'Z' ? figure(from, length) : header(from, length);
      if (next < 0) {
        lineOfText--;
        break;
      }
      from = next;
    }
    return from;
  }

  /** Counts a line that is longer than any buffer. */
  void acceptEndlessLine() {
    lineOfText++;
    malformed();
    current = -1;
  }

  private int figure(int from, int length) {
    int slot = line;
    if (slot < LINES_PER_MAPPING_MAX && from + KEY_COLUMNS < length) {
      long low = (long) LONGS.get(text, from);
      long high = (long) LONGS.get(text, from + 8);
      if (learnedLow[slot] == low && learnedHigh[slot] == high) {
        return value(from, from + KEY_COLUMNS, length, learnedMeaning[slot]);
      }
    }
    int end = newline(from, length);
    if (end < 0) {
      return -1;
    }
    int colon = from;
    while (colon < end && text[colon] != ':') {
      colon++;
    }
    if (colon == end) {
      malformed();
      return end + 1;
    }
    int meaning = meaning(from, colon);
    if (slot < LINES_PER_MAPPING_MAX && end - from > KEY_COLUMNS && meaning != FLAGS) {
      learn(slot, from, colon, meaning);
    }
    return value(from, colon + 1, length, meaning);
  }

  private void learn(int slot, int from, int colon, int meaning) {
    for (int i = colon + 1; i < from + KEY_COLUMNS; i++) {
      if (text[i] != ' ') {
        return;
      }
    }
    if (colon < from + KEY_COLUMNS) {
      learnedLow[slot] = (long) LONGS.get(text, from);
      learnedHigh[slot] = (long) LONGS.get(text, from + 8);
      learnedMeaning[slot] = meaning;
    }
  }

  private int meaning(int from, int colon) {
    int length = colon - from;
    for (int f = 0; f < FIELDS.length; f++) {
      if (equal(FIELDS[f].key(), from, length)) {
        return f;
      }
    }
    return equal("VmFlags", from, length) ? FLAGS : UNKNOWN;
  }

  private boolean equal(String key, int from, int length) {
    if (key.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (key.charAt(i) != text[from + i]) {
        return false;
      }
    }
    return true;
  }

  private int value(int from, int valueFrom, int length, int meaning) {
    if (meaning < 0) {
      int end = newline(valueFrom, length);
      if (end >= 0) {
        line++;
        if (meaning == FLAGS && current >= 0) {
          flags(valueFrom, end);
        }
      }
      return end < 0 ? -1 : end + 1;
    }
    int i = valueFrom;
    while (i < length && text[i] == ' ') {
      i++;
    }
    int digits = i;
    long value = 0;
    while (i < length && text[i] >= '0' && text[i] <= '9') {
      value = value * 10 + (text[i] - '0');
      i++;
    }
    if (i + 3 < length
        && i > digits
        && i - digits <= DIGITS_MAX
        && text[i] == ' '
        && text[i + 1] == 'k'
        && text[i + 2] == 'B'
        && text[i + 3] == '\n') {
      line++;
      if (current >= 0) {
        table.set(current, FIELDS[meaning], value << 10);
      }
      return i + 4;
    }
    int end = newline(from, length);
    if (end < 0) {
      return -1;
    }
    malformed();
    line++;
    return end + 1;
  }

  private void flags(int from, int end) {
    int flags = 0;
    for (int i = from; i + 2 < end + 1; ) {
      if (text[i] == ' ') {
        i++;
        continue;
      }
      flags |= MappingTable.flag(text[i], text[i + 1]);
      i += 2;
    }
    table.setFlags(current, flags);
  }

  private int header(int from, int length) {
    int end = newline(from, length);
    if (end < 0) {
      return -1;
    }
    current = -1;
    line = 0;
    at = from;
    bad = false;
    long start = hex('-', end);
    long stop = hex(' ', end);
    int permissions = permissions(end);
    long offset = hex(' ', end);
    hex(':', end);
    hex(' ', end);
    long inode = decimal(end);
    while (at < end && text[at] == ' ') {
      at++;
    }
    if (bad || !AddressRanges.isPossible(start, stop, lastEnd)) {
      if (!bad && AddressRanges.isPossible(start, stop, 0)) {
        table.noteRestart(lineOfText);
      }
      malformed();
    } else {
      lastEnd = stop;
      current = table.add(start, stop, permissions, offset, inode, names.name(text, at, end));
    }
    return end + 1;
  }

  private long hex(char closing, int end) {
    long value = 0;
    int from = at;
    while (at < end) {
      int digit = hexDigit(text[at]);
      if (digit < 0) {
        break;
      }
      value = value << 4 | digit;
      at++;
    }
    bad |= at == from || at - from > 16 || at == end || text[at] != closing;
    at++;
    return value;
  }

  private static int hexDigit(byte c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }

  private long decimal(int end) {
    long value = 0;
    int from = at;
    while (at < end && text[at] >= '0' && text[at] <= '9') {
      value = value * 10 + (text[at] - '0');
      at++;
    }
    bad |= at == from || at - from > 20;
    return value;
  }

  private int permissions(int end) {
    if (at + 5 > end || text[at + 4] != ' ') {
      bad = true;
      return 0;
    }
    int set =
        (text[at] == 'r' ? MappingTable.READ : 0)
            | (text[at + 1] == 'w' ? MappingTable.WRITE : 0)
            | (text[at + 2] == 'x' ? MappingTable.EXECUTE : 0)
            | (text[at + 3] == 's' ? MappingTable.SHARED : 0);
    at += 5;
    return set;
  }

  private int newline(int from, int length) {
    for (int i = from; i < length; i++) {
      if (text[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private void malformed() {
    table.countMalformedLine(lineOfText);
  }
}
