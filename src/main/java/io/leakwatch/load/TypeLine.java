package io.leakwatch.load;

import io.leakwatch.sample.LoadSeries.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What the newest {@code # HELP} and {@code # TYPE} lines say of the samples that follow them. */
final class TypeLine {
  private static final byte[] HELP = "# HELP ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TYPE = "# TYPE ".getBytes(StandardCharsets.US_ASCII);

  private byte[] family = {};
  private String type = "";
  private boolean hasHelp = true;
  private byte[] helped = {};
  private boolean helpText;

  void read(byte[] line, int from, int end) {
    boolean help = startsWith(HELP, line, from, end);
    if (!help && !startsWith(TYPE, line, from, end)) {
      return;
    }
    int name = from + HELP.length;
    int nameEnd = name;
    while (nameEnd < end && line[nameEnd] != ' ') {
      nameEnd++;
    }
    byte[] named = Arrays.copyOfRange(line, name, nameEnd);
    int rest = Math.min(end, nameEnd + 1);
    String text = new String(line, rest, Math.min(20, end - rest), StandardCharsets.US_ASCII);
    if (help) {
      helped = named;
      helpText = !text.isBlank();
    } else {
      family = named;
      type = text.strip();
      hasHelp = !Arrays.equals(helped, named) || helpText;
    }
  }

  /** The kind of a sample: the family's, where its name is that of the family or begins with it. */
  Kind kindOf(byte[] line, int from, int nameEnd) {
    boolean ofFamily =
        family.length > 0
            && nameEnd - from >= family.length
            && Arrays.equals(family, 0, family.length, line, from, from + family.length);
    if (!ofFamily) {
      return Kind.UNDECLARED;
    }
    String suffix =
        new String(
            line, from + family.length, nameEnd - from - family.length, StandardCharsets.US_ASCII);
    boolean sum = suffix.equals("_count") || suffix.equals("_sum") || suffix.equals("_bucket");
    return switch (type) {
      case "counter" ->
          suffix.isEmpty() || suffix.equals("_total") ? Kind.COUNTER : Kind.UNDECLARED;
      case "summary", "histogram" -> sum ? Kind.COUNTER : Kind.UNDECLARED;
      case "gauge" -> suffix.isEmpty() && hasHelp ? Kind.GAUGE : Kind.UNDECLARED;
      default -> Kind.UNDECLARED;
    };
  }

  private static boolean startsWith(byte[] prefix, byte[] line, int from, int end) {
    return end - from >= prefix.length
        && Arrays.equals(prefix, 0, prefix.length, line, from, from + prefix.length);
  }
}
