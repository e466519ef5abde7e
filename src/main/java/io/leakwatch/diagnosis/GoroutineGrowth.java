package io.leakwatch.diagnosis;

import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.golang.GoReport;
import io.leakwatch.heap.golang.GoroutineGroup;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which statements made more goroutines than ended between two readings, in sentences. */
final class GoroutineGrowth {
  private static final int SENTENCES_MAX = 3;
  private static final int NAME_CHARS_MAX = 160;

  /** Fewer come and go with each request. */
  private static final long LEAST = 20;

  private static final double LEAST_SHARE = 0.05;

  private GoroutineGrowth() {}

  private record Grown(GoroutineGroup group, long more) {}

  static List<String> between(OwnerReports before, OwnerReports after) {
    GoReport first = before.find(GoReport.class);
    GoReport second = after.find(GoReport.class);
    if (first == null || second == null) {
      return List.of();
    }
    Map<List<String>, Long> old = new HashMap<>();
    first.goroutines().groups().forEach(group -> old.merge(key(group), group.count(), Long::sum));
    List<Grown> grown = new ArrayList<>();
    for (GoroutineGroup group : second.goroutines().groups()) {
      long more = group.count() - old.getOrDefault(key(group), 0L);
      if (more >= LEAST && more >= LEAST_SHARE * group.count()) {
        grown.add(new Grown(group, more));
      }
    }
    return grown.stream()
        .sorted((one, other) -> Long.compare(other.more(), one.more()))
        .limit(SENTENCES_MAX)
        .map(GoroutineGrowth::sentence)
        .toList();
  }

  private static List<String> key(GoroutineGroup group) {
    return List.of(group.createdAt(), group.runs(), group.state(), group.waitReason());
  }

  private static String sentence(Grown grown) {
    GoroutineGroup group = grown.group();
    String doing =
        group.waitReason().isEmpty() ? group.state() : "waiting on " + group.waitReason();
    return grown.more()
        + " more goroutines created in "
        + ForeignText.harmless(group.createdAt(), NAME_CHARS_MAX)
        + ", "
        + doing
        + " (now "
        + group.count()
        + ", with "
        + Quantity.size(group.stackBytes())
        + " of stacks)";
  }
}
