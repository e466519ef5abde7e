package io.leakwatch.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One answer of /metrics in Prometheus' text format. */
public record Scrape(List<Series> series, String text) {
  private static final Pattern LINE = Pattern.compile("([a-zA-Z0-9_:]+)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** One series and its value. */
  public record Series(String name, Map<String, String> labels, double value) {
    public String label(String label) {
      return labels.getOrDefault(label, "");
    }
  }

  static Scrape parse(String text) {
    List<Series> series = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      Matcher matcher = LINE.matcher(line);
      if (!line.startsWith("#") && matcher.matches()) {
        Map<String, String> labels = new TreeMap<>();
        if (matcher.group(2) != null) {
          LABEL
              .matcher(matcher.group(2))
              .results()
              .forEach(l -> labels.put(l.group(1), l.group(2)));
        }
        String value = matcher.group(3).replace("Inf", "Infinity");
        series.add(new Series(matcher.group(1), labels, Double.parseDouble(value)));
      }
    }
    return new Scrape(List.copyOf(series), text);
  }

  /** The series of a name whose labels are as wanted. */
  public List<Series> find(String name, Predicate<Series> wanted) {
    return series.stream().filter(one -> one.name().equals(name)).filter(wanted).toList();
  }

  /** The series of a name that belong to a watched process. */
  public List<Series> of(String process, String name) {
    return find(name, one -> one.label("process").equals(process));
  }

  /** The value of a series that there is once; {@code NaN} when there is none. */
  public double value(String name) {
    return only(find(name, one -> true));
  }

  /** The value of a series that there is once for a process; {@code NaN} when there is none. */
  public double value(String process, String name) {
    return only(of(process, name));
  }

  private static double only(List<Series> found) {
    if (found.size() > 1) {
      throw new AssertionError("not one series but " + found);
    }
    return found.isEmpty() ? Double.NaN : found.get(0).value();
  }

  /** The present verdict on a process, {@code ""} when it is not watched. */
  public String verdict(String process) {
    return of(process, "leakwatch_process_verdict").stream()
        .filter(one -> one.value() == 1)
        .map(one -> one.label("verdict"))
        .findFirst()
        .orElse("");
  }

  /** The pid behind an instance name, {@code ""} when it is not watched. */
  public String pid(String process) {
    return of(process, "leakwatch_process_info").stream()
        .map(one -> one.label("pid"))
        .findFirst()
        .orElse("");
  }

  /** Whether anything at all is said of a process. */
  public boolean mentions(String process) {
    return series.stream().anyMatch(one -> one.label("process").equals(process));
  }

  @Override
  public String toString() {
    return text;
  }
}
