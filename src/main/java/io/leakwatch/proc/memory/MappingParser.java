package io.leakwatch.proc.memory;

import io.leakwatch.proc.memory.MappingTable.Field;
import java.util.Arrays;

/**
 * Reads the text of {@code maps} and {@code smaps} from a byte array, line by line, without making
 * an object per line.
 *
 * <p>A mapping's lines come in the same order for every mapping of one kernel, and the kernel pads
 * keys to 16 columns and figures to 8 (fs/proc/task_mmu.c, {@code SEQ_PUT_DEC}). So where the lines
 * of figures lie behind a header is learned from one mapping ({@link MappingFrame}), and of the
 * next one only those that are wanted are touched; a mapping that does not fit, as one of 100 GB,
 * is read line by line. Names may hold anything but a newline, which the kernel prints as {@code
 * \012}.
 *
 * <p>A header line starts with a digit or a lower-case letter, a figure's line with an upper-case
 * one. What fits neither is counted and left out; figures behind a malformed header are left out
 * too, because they belong to no known mapping.
 */
final class MappingParser {
  private static final int UNKNOWN = -1;
  private static final int FLAGS = -2;
  private static final int FLAGS_BYTES_MAX = 512;
  private static final int DIGITS_MAX = 15;
  private static final String FLAGS_KEY = "VmFlags";
  private static final Field[] FIELDS = Field.values();

  private final NameTable names = new NameTable();
  private final byte[][] flagTexts = new byte[64][0];
  private final int[] flagSets = new int[flagTexts.length];
  private final MappingFrame frame = new MappingFrame();

  private MappingTable table = new MappingTable();
  private byte[] text = new byte[0];
  private int current = -1;
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
    lineOfText = 0;
    lastEnd = 0;
    frame.forget();
  }

  /**
   * Takes the complete lines of {@code text[0, length)}.
   *
   * @return how many bytes were taken; the rest is the beginning of a line
   */
  int accept(byte[] text, int length) {
    this.text = text;
    int from = 0;
    frame.interrupt();
    while (from < length) {
      lineOfText++;
      byte first = text[from];
      boolean isFigure = first >= 'A' && first <= 'Z';
      int next = isFigure ? figure(from, length) : header(from, length);
      if (next < 0) {
        lineOfText--;
        break;
      }
      from = isFigure || current < 0 ? next : figures(next, length);
    }
    return from;
  }

  /** Counts a line that is longer than any buffer. */
  void acceptEndlessLine() {
    lineOfText++;
    malformed();
    current = -1;
  }

  /** Takes all figures of a mapping at once, if they lie where they are expected to. */
  private int figures(int from, int length) {
    if (!frame.read(text, from, length)) {
      frame.begin(from);
      return from;
    }
    int flags = from + frame.flagsAt();
    int end = newline(flags, length);
    if (end < 0) {
      return from;
    }
    frame.put(table, current);
    flags(flags + FLAGS_KEY.length() + 1, end);
    lineOfText += frame.lines();
    return end + 1;
  }

  private int figure(int from, int length) {
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
    frame.line(from, end, meaning, meaning == FLAGS);
    if (meaning >= 0) {
      value(colon + 1, end, meaning);
    } else if (meaning == FLAGS && current >= 0) {
      flags(colon + 1, end);
    }
    return end + 1;
  }

  private int meaning(int from, int colon) {
    int length = colon - from;
    for (int f = 0; f < FIELDS.length; f++) {
      if (equal(FIELDS[f].key(), from, length)) {
        return f;
      }
    }
    return equal(FLAGS_KEY, from, length) ? FLAGS : UNKNOWN;
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

  private void value(int from, int end, int meaning) {
    int i = from;
    while (i < end && text[i] == ' ') {
      i++;
    }
    int digits = i;
    long value = 0;
    while (i < end && text[i] >= '0' && text[i] <= '9') {
      value = value * 10 + (text[i] - '0');
      i++;
    }
    boolean isFigure =
        i + 3 == end
            && i > digits
            && i - digits <= DIGITS_MAX
            && text[i] == ' '
            && text[i + 1] == 'k'
            && text[i + 2] == 'B';
    if (!isFigure) {
      malformed();
    } else if (current >= 0) {
      table.set(current, FIELDS[meaning], value << 10);
    }
  }

  /** Mappings have few sets of flags in turn, so those of one length are held against the last. */
  private void flags(int from, int end) {
    int slot = end - from & flagTexts.length - 1;
    byte[] known = flagTexts[slot];
    if (!Arrays.equals(known, 0, known.length, text, from, end)) {
      flagTexts[slot] = Arrays.copyOfRange(text, from, Math.min(end, from + FLAGS_BYTES_MAX));
      flagSets[slot] = flagSet(from, end);
    }
    table.setFlags(current, flagSets[slot]);
  }

  private int flagSet(int from, int end) {
    int flags = 0;
    for (int i = from; i + 2 < end + 1; ) {
      if (text[i] == ' ') {
        i++;
        continue;
      }
      flags |= MappingTable.flag(text[i], text[i + 1]);
      i += 2;
    }
    return flags;
  }

  private int header(int from, int length) {
    at = from;
    bad = false;
    // None of these goes beyond a newline.
    long start = hex('-', length);
    long stop = hex(' ', length);
    int permissions = permissions(length);
    long offset = hex(' ', length);
    hex(':', length);
    hex(' ', length);
    long inode = decimal(length);
    while (at < length && text[at] == ' ') {
      at++;
    }
    int end = newline(bad ? from : at, length);
    if (end < 0) {
      return -1;
    }
    current = -1;
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
    if (bad) {
      return 0;
    }
    byte[] bytes = text;
    long value = 0;
    int i = at;
    while (i < end) {
      int c = bytes[i] - '0';
      if (c < 0 || c > 9) {
        c -= 'a' - '0' - 10;
        if (c < 10 || c > 15) {
          break;
        }
      }
      value = value << 4 | c;
      i++;
    }
    bad = i == at || i - at > 16 || i == end || bytes[i] != closing;
    at = i + 1;
    return value;
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
    if (bad || at + 5 > end || text[at + 4] != ' ') {
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
