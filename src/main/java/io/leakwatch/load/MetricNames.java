package io.leakwatch.load;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Which figures of an answer are wanted. A name with {@code *} in it wants all that fit, as one
 * series that is their sum: a server has a counter for each of its methods, and their number has no
 * bound. A name that begins with {@code !} keeps out what fits it. A name without braces is that of
 * a metric, whatever its labels; with braces it is compared with name and labels as they stand.
 */
public final class MetricNames {
  private final List<String> names;
  private final byte[][] wanted;
  private final byte[][] unwanted;

  private MetricNames(List<String> names, byte[][] wanted, byte[][] unwanted) {
    this.names = names;
    this.wanted = wanted;
    this.unwanted = unwanted;
  }

  /** Reads the names as the configuration has them. */
  public static MetricNames of(List<String> texts) {
    List<String> names = new ArrayList<>();
    List<byte[]> wanted = new ArrayList<>();
    List<byte[]> unwanted = new ArrayList<>();
    for (String text : texts) {
      boolean out = text.startsWith("!");
      String name = out ? text.substring(1) : text;
      if (name.isBlank() || name.length() > 128 || name.chars().anyMatch(c -> c < ' ')) {
        throw new IllegalArgumentException("`" + text + "` is not the name of a metric");
      }
      byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
      if (out) {
        unwanted.add(bytes);
      } else if (!names.contains(name)) {
        names.add(name);
        wanted.add(bytes);
      }
    }
    return new MetricNames(
        List.copyOf(names), wanted.toArray(byte[][]::new), unwanted.toArray(byte[][]::new));
  }

  /** The wanted names, without those that begin with {@code !}. */
  public List<String> names() {
    return names;
  }

  /**
   * The first wanted name that a metric fits, -1 for none.
   *
   * @param nameEnd where the name ends and the labels begin
   */
  int find(byte[] line, int from, int nameEnd, int labelsEnd) {
    for (byte[] pattern : unwanted) {
      if (fits(pattern, line, from, nameEnd, labelsEnd)) {
        return -1;
      }
    }
    for (int i = 0; i < wanted.length; i++) {
      if (fits(wanted[i], line, from, nameEnd, labelsEnd)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean fits(byte[] pattern, byte[] line, int from, int nameEnd, int labelsEnd) {
    boolean labels = false;
    for (byte b : pattern) {
      labels |= b == '{';
    }
    return globs(pattern, line, from, labels ? labelsEnd : nameEnd);
  }

  /** Whether the text fits the pattern, in time proportional to the product of their lengths. */
  static boolean globs(byte[] pattern, byte[] text, int from, int to) {
    int p = 0;
    int t = from;
    int star = -1;
    int retry = from;
    while (t < to) {
      if (p < pattern.length && pattern[p] == '*') {
        star = p++;
        retry = t;
      } else if (p < pattern.length && pattern[p] == text[t]) {
        p++;
        t++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++retry;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] == '*') {
      p++;
    }
    return p == pattern.length;
  }
}
