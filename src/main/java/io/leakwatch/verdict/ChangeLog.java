package io.leakwatch.verdict;

import io.leakwatch.sample.Change;
import io.leakwatch.sample.Change.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest changes of one process, so many of each kind: a neighbour that is restarted all day
 * must not push out when the build was replaced.
 */
final class ChangeLog {
  static final int PER_KIND_MAX = 6;

  private final Map<Kind, List<Change>> byKind = new EnumMap<>(Kind.class);
  private long additions;

  /** Takes a change; one of the same kind and time is known already. */
  void add(Change change) {
    List<Change> known = byKind.computeIfAbsent(change.kind(), kind -> new ArrayList<>());
    int at = known.size();
    while (at > 0 && known.get(at - 1).timeSeconds() > change.timeSeconds()) {
      at--;
    }
    boolean twice = at > 0 && isSameTime(known.get(at - 1), change);
    twice |= at < known.size() && isSameTime(known.get(at), change);
    if (twice || (known.size() == PER_KIND_MAX && at == 0)) {
      return;
    }
    known.add(at, change);
    if (known.size() > PER_KIND_MAX) {
      known.remove(0);
    }
    additions++;
  }

  /** The history keeps milliseconds. */
  private static boolean isSameTime(Change a, Change b) {
    return Math.abs(a.timeSeconds() - b.timeSeconds()) < 2e-3
        && (a.kind() != Kind.OTHER_RESTART || a.what().equals(b.what()));
  }

  /** Changes that are that, and not the begin of what is known, from a time to a time. */
  List<Change> between(double fromSeconds, double toSeconds) {
    return byKind.values().stream()
        .flatMap(List::stream)
        .filter(change -> !change.isFirst())
        .filter(change -> change.timeSeconds() >= fromSeconds && change.timeSeconds() <= toSeconds)
        .toList();
  }

  /** The newest of a kind after a time and not after another; null where there is none. */
  @Nullable Change newest(Kind kind, double afterSeconds, double toSeconds) {
    Change newest = null;
    for (Change change : byKind.getOrDefault(kind, List.of())) {
      if (change.timeSeconds() > afterSeconds && change.timeSeconds() <= toSeconds) {
        newest = change;
      }
    }
    return newest;
  }

  /** Since when had been so what a change ended, {@code NaN} where that is not known. */
  double formerSince(Change change) {
    double since = Double.NaN;
    for (Change earlier : byKind.getOrDefault(change.kind(), List.of())) {
      if (earlier.timeSeconds() < change.timeSeconds()) {
        since = earlier.timeSeconds();
      }
    }
    return since;
  }

  /** Rises with every change that was added. */
  long additions() {
    return additions;
  }
}
