package io.leakwatch.load;

import io.leakwatch.sample.LoadSeries.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads metrics out of an answer as its bytes come, in memory of a fixed size.
 *
 * <p>Two forms are known, distinguished by line: Prometheus' text ({@code name{labels} value time}
 * with {@code # HELP} and {@code # TYPE} before it) and brpc's variables ({@code name : value}).
 * brpc ends its lines by CR LF and puts text into quotes without masking what is in it: a command
 * line may hold line ends, and whole lines that look like metrics. So a quoted value goes on until
 * a quote stands before the line end that this answer uses. brpc's own {@code /metrics} calls every
 * figure a gauge, counters too, and gives none of them a help text; so without one a gauge counts
 * as undeclared.
 *
 * <p>Everything else is passed over: an answer may be anything.
 */
public final class AnswerReader {
  private static final int LINE_BYTES_MAX = 16 << 10;
  private static final byte[] BROKEN_MEMORY = ascii("iobuf_block_memory");
  private static final byte[] BLOCK_COUNT = ascii("iobuf_block_count");
  private static final byte[] BRPC_MEMORY = ascii(MemorySeries.VARIABLE);

  private final MetricNames names;
  private final FigureSums sums;
  private final TypeLine type = new TypeLine();
  private final byte[] line = new byte[LINE_BYTES_MAX];
  private int length;
  private boolean overlong;
  private boolean quoted;
  private boolean carriageReturns;
  private boolean begun;
  private long lines;
  private long overlongLines;
  private boolean brpc;
  private String refusal = "";

  /**
   * @param names what is wanted
   * @param seriesMax figures that are kept of one answer
   */
  public AnswerReader(MetricNames names, int seriesMax) {
    this.names = names;
    this.sums = new FigureSums(names, seriesMax);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Takes the next bytes.
   *
   * @return false when nothing that follows can make metrics of it
   */
  public boolean accept(byte[] bytes, int from, int to) {
    for (int i = from; i < to && refusal.isEmpty(); i++) {
      byte b = bytes[i];
      if (b == '\n') {
        endLine();
      } else if (b == 0) {
        refusal = "it is binary";
      } else if (length < LINE_BYTES_MAX) {
        line[length++] = b;
      } else {
        overlong = true;
      }
    }
    return refusal.isEmpty();
  }

  /** Ends the answer. */
  public Answer finish() {
    if (refusal.isEmpty() && (length > 0 || overlong)) {
      endLine();
    }
    if (!refusal.isEmpty()) {
      return new Answer.Refused(refusal);
    }
    if (lines == 0) {
      return new Answer.Refused("there is no metric in it");
    }
    return new Answer.Figures(sums.figures(), lines, overlongLines, brpc);
  }

  private void endLine() {
    boolean carriageReturn = length > 0 && line[length - 1] == '\r';
    int end = carriageReturn ? length - 1 : length;
    if (overlong) {
      overlongLines++;
    } else if (quoted) {
      quoted = !endsValue(0, end, carriageReturn);
    } else {
      readLine(end, carriageReturn);
    }
    length = 0;
    overlong = false;
  }

  private boolean endsValue(int from, int end, boolean carriageReturn) {
    return end > from && line[end - 1] == '"' && (carriageReturn || !carriageReturns);
  }

  private void readLine(int end, boolean carriageReturn) {
    int from = skipBlanks(0, end);
    if (from == end) {
      return;
    }
    if (!begun) {
      begun = true;
      if (line[from] == '<') {
        refusal = "it is a page of HTML or XML";
        return;
      }
    }
    if (line[from] == '#') {
      type.read(line, from, end);
      return;
    }
    int nameEnd = from;
    while (nameEnd < end && isNameByte(line[nameEnd])) {
      nameEnd++;
    }
    if (nameEnd == from) {
      return;
    }
    if (end - nameEnd >= 3 && line[nameEnd] == ' ' && line[nameEnd + 1] == ':') {
      readVariable(from, nameEnd, end, carriageReturn);
    } else {
      readSample(from, nameEnd, end);
    }
  }

  /** {@code name : value} of brpc. */
  private void readVariable(int from, int nameEnd, int end, boolean carriageReturn) {
    carriageReturns |= carriageReturn;
    lines++;
    int value = skipBlanks(nameEnd + 2, end);
    if (value < end && line[value] == '"') {
      quoted = !endsValue(value + 1, end, carriageReturn);
      return;
    }
    take(from, nameEnd, nameEnd, number(value, end), Kind.UNDECLARED);
  }

  /** {@code name{labels} value time} of Prometheus. */
  private void readSample(int from, int nameEnd, int end) {
    int labelsEnd = nameEnd;
    if (nameEnd < end && line[nameEnd] == '{') {
      labelsEnd = labelsEnd(nameEnd + 1, end);
      if (labelsEnd < 0) {
        return;
      }
    }
    int value = skipBlanks(labelsEnd, end);
    int valueEnd = value;
    while (valueEnd < end && line[valueEnd] > ' ') {
      valueEnd++;
    }
    if ((value == labelsEnd && labelsEnd == nameEnd) || value == valueEnd) {
      return;
    }
    double figure = number(value, valueEnd);
    if (!Double.isNaN(figure)) {
      lines++;
      take(from, nameEnd, labelsEnd, figure, type.kindOf(line, from, nameEnd));
    }
  }

  /** The place after the closing brace, -1 where there is none. */
  private int labelsEnd(int from, int end) {
    boolean inValue = false;
    for (int i = from; i < end; i++) {
      if (inValue && line[i] == '\\') {
        i++;
      } else if (line[i] == '"') {
        inValue = !inValue;
      } else if (line[i] == '}' && !inValue) {
        return i + 1;
      }
    }
    return -1;
  }

  private void take(int from, int nameEnd, int labelsEnd, double figure, Kind kind) {
    if (Double.isNaN(figure) || Double.isInfinite(figure)) {
      return;
    }
    if (equalsName(BROKEN_MEMORY, from, nameEnd)) {
      sums.blockMemory(figure);
    } else if (equalsName(BLOCK_COUNT, from, nameEnd)) {
      sums.blockCount(figure);
    } else {
      brpc |= equalsName(BRPC_MEMORY, from, nameEnd);
    }
    int name = names.find(line, from, nameEnd, labelsEnd);
    if (name >= 0) {
      sums.add(name, figure, kind);
    }
  }

  private boolean equalsName(byte[] name, int from, int to) {
    return Arrays.equals(name, 0, name.length, line, from, to);
  }

  private int skipBlanks(int from, int end) {
    int i = from;
    while (i < end && (line[i] == ' ' || line[i] == '\t')) {
      i++;
    }
    return i;
  }

  private static boolean isNameByte(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || b == '_'
        || b == ':'
        || b == '.'
        || b == '-';
  }

  private double number(int from, int end) {
    int to = end;
    while (to > from && line[to - 1] <= ' ' && line[to - 1] >= 0) {
      to--;
    }
    if (to - from < 1 || to - from > 40) {
      return Double.NaN;
    }
    for (int i = from; i < to; i++) {
      byte b = line[i];
      if (!(b >= '0' && b <= '9') && "+-.eE".indexOf(b) < 0) {
        return Double.NaN;
      }
    }
    try {
      return Double.parseDouble(new String(line, from, to - from, StandardCharsets.US_ASCII));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
