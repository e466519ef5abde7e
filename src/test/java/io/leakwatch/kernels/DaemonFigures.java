package io.leakwatch.kernels;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** What the daemon said of its processes at {@code /metrics}, as the guest wrote it down. */
record DaemonFigures(List<String> lines) {
  private static final Pattern LINE = Pattern.compile("leakwatch_(\\w+)\\{(.*)} (\\S+)");
  private static final String WALK = "source=\"heap_walk\"";

  /** The verdict on a process; {@code ""} where there is none yet. */
  String verdict(String process) {
    return matches("process_verdict", process)
        .map(match -> match.group(2).replaceAll(".*verdict=\"(\\w+)\".*", "$1"))
        .findFirst()
        .orElse("");
  }

  /** Resident bytes of one kind of mappings. */
  long residentBytes(String process, String kind) {
    return Math.round(
        values("process_resident_bytes", process, labels -> labels.contains("\"" + kind + "\""))
            .sum());
  }

  /** How long the mappings of a process were read in all, heap walks left out. */
  double readSeconds(String process) {
    return values("sample_duration_seconds_sum", process, labels -> !labels.contains(WALK)).sum();
  }

  /** The longest of these reads. */
  double longestSeconds(String process) {
    return values("read_longest_seconds", process, labels -> !labels.contains(WALK))
        .max()
        .orElse(0);
  }

  private DoubleStream values(String family, String process, Predicate<String> labels) {
    return matches(family, process)
        .filter(match -> labels.test(match.group(2)))
        .mapToDouble(match -> Double.parseDouble(match.group(3)));
  }

  private Stream<Matcher> matches(String family, String process) {
    return lines.stream()
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .filter(match -> match.group(1).equals(family))
        .filter(match -> match.group(2).contains("process=\"" + process + "\""));
  }
}
