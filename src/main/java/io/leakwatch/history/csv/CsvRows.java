package io.leakwatch.history.csv;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Rows of comma-separated values, one at a time, in buffers that are used again: series have tens
 * of thousands of rows and come by the thousand. Cells may be quoted. A line that is longer than
 * {@link #MAX_LINE_BYTES} or has an unfinished quote is broken: it has no cells.
 */
final class CsvRows {
  static final int MAX_LINE_BYTES = 1 << 16;
  private static final int MAX_CELLS = 1024;
  private static final int MAX_EXACT_DIGITS = 15;

  /** Powers of ten that a double holds exactly. */
  private static final double[] TENS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
  };

  private final InputStream in;
  private final byte[] chunk = new byte[1 << 16];
  private int chunkPosition;
  private int chunkLength;
  private final byte[] line = new byte[MAX_LINE_BYTES];
  private int length;
  private boolean broken;
  private final int[] starts = new int[MAX_CELLS];
  private final int[] ends = new int[MAX_CELLS];
  private int cells;
  private long lineNumber;

  CsvRows(InputStream in) {
    this.in = in;
  }

  /** Goes to the next line; false at the end. */
  boolean next() throws IOException {
    length = 0;
    cells = 0;
    broken = false;
    boolean any = false;
    boolean ended = false;
    while (!ended && (chunkPosition < chunkLength || fill())) {
      any = true;
      int end = chunkPosition;
      while (end < chunkLength && chunk[end] != '\n') {
        end++;
      }
      take(chunk, chunkPosition, end);
      ended = end < chunkLength;
      chunkPosition = end + 1;
    }
    if (!any) {
      return false;
    }
    lineNumber++;
    if (length > 0 && line[length - 1] == '\r') {
      length--;
    }
    if (!broken) {
      split();
    }
    return true;
  }

  private boolean fill() throws IOException {
    chunkPosition = 0;
    chunkLength = Math.max(0, in.read(chunk));
    return chunkLength > 0;
  }

  private void take(byte[] from, int start, int end) {
    int count = end - start;
    if (length + count > MAX_LINE_BYTES) {
      broken = true;
    } else if (!broken) {
      System.arraycopy(from, start, line, length, count);
      length += count;
    }
  }

  private void split() {
    int position = startsWithByteOrderMark() ? 3 : 0;
    while (true) {
      if (cells == MAX_CELLS) {
        return;
      }
      if (position < length && line[position] == '"') {
        position = quotedCell(position + 1);
        if (position < 0) {
          broken = true;
          cells = 0;
          return;
        }
      } else {
        int end = position;
        while (end < length && line[end] != ',') {
          end++;
        }
        cell(position, end);
        position = end;
      }
      if (position >= length) {
        return;
      }
      position++;
    }
  }

  private boolean startsWithByteOrderMark() {
    return lineNumber == 1
        && length >= 3
        && line[0] == (byte) 0xef
        && line[1] == (byte) 0xbb
        && line[2] == (byte) 0xbf;
  }

  /** Takes the quotes out in place; returns the position behind the cell, -1 when it has no end. */
  private int quotedCell(int start) {
    int to = start;
    int from = start;
    while (from < length) {
      if (line[from] != '"') {
        line[to++] = line[from++];
      } else if (from + 1 < length && line[from + 1] == '"') {
        line[to++] = '"';
        from += 2;
      } else if (from + 1 == length || line[from + 1] == ',') {
        cell(start, to);
        return from + 1;
      } else {
        return -1;
      }
    }
    return -1;
  }

  private void cell(int start, int end) {
    starts[cells] = start;
    ends[cells] = end;
    cells++;
  }

  /** Number of the current line, from 1. */
  long line() {
    return Math.max(1, lineNumber);
  }

  boolean isBroken() {
    return broken;
  }

  boolean isBlank() {
    return !broken && length == 0;
  }

  int cells() {
    return cells;
  }

  boolean isEmpty(int cell) {
    for (int i = starts[cell]; i < ends[cell]; i++) {
      if (line[i] != ' ' && line[i] != '\t') {
        return false;
      }
    }
    return true;
  }

  String text(int cell) {
    return new String(line, starts[cell], ends[cell] - starts[cell], StandardCharsets.UTF_8);
  }

  boolean equalsText(int cell, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Arrays.equals(line, starts[cell], ends[cell], bytes, 0, bytes.length);
  }

  /** The cell as a number, {@code NaN} when it is none. */
  double number(int cell) {
    int position = starts[cell];
    int end = ends[cell];
    boolean negative = position < end && line[position] == '-';
    if (negative) {
      position++;
    }
    long digits = 0;
    int count = 0;
    int fraction = 0;
    boolean point = false;
    for (; position < end; position++) {
      byte b = line[position];
      if (b >= '0' && b <= '9' && count < MAX_EXACT_DIGITS) {
        digits = digits * 10 + (b - '0');
        count++;
        fraction += point ? 1 : 0;
      } else if (b == '.' && !point) {
        point = true;
      } else {
        return slowNumber(cell);
      }
    }
    if (count == 0) {
      return slowNumber(cell);
    }
    double value = digits / TENS[fraction];
    return negative ? -value : value;
  }

  private double slowNumber(int cell) {
    String text = text(cell).strip();
    if (text.isEmpty() || "+-.0123456789".indexOf(text.charAt(0)) < 0) {
      return Double.NaN;
    }
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
