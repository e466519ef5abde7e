package io.leakwatch.diagnose;

import io.leakwatch.diagnose.Verdict.Exhaustion;
import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;
import io.leakwatch.trend.Channel;
import io.leakwatch.trend.Growth;
import io.leakwatch.trend.Trend;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The sentences under a verdict, each a figure that a person can check against the series. */
final class Reasons {
  private static final double DAY_SECONDS = 86400;
  private static final double EARLIEST_CALENDAR_SECONDS = 1e8;
  private static final DateTimeFormatter CALENDAR =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Reasons() {}

  static List<String> of(
      VerdictKind kind,
      Trend trend,
      Sample newest,
      @Nullable Growth leading,
      List<Exhaustion> exhaustion) {
    List<String> reasons = new ArrayList<>();
    if (leading == null) {
      return List.of("too few samples to judge");
    }
    if (leading.found()) {
      grown(trend, leading, reasons);
    } else {
      reasons.add(
          String.format(
              Locale.ROOT,
              "the lowest level of the last cycle is %s; %s",
              bytes(leading.level()),
              level(kind)));
    }
    if (trend.held().bytes() > 0) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "the allocator keeps %s more than it used to for what is in use, since %s",
              bytes(trend.held().bytes()),
              duration(trend.held().settledSeconds())));
    }
    if (kind == VerdictKind.PINNED) {
      reasons.add(
          bytes(trend.held().pinnedBytes())
              + " of free memory lie below chunks in use at the top of their heaps");
    }
    if (leading.found()) {
      counts(trend, newest, reasons);
      if (!exhaustion.isEmpty() && exhaustion.get(0).seconds() < 1000 * DAY_SECONDS) {
        Exhaustion soonest = exhaustion.get(0);
        reasons.add(
            String.format(
                Locale.ROOT,
                "reaches %s (%s) in %s",
                soonest.limitName(),
                bytes(soonest.limitBytes()),
                duration(soonest.seconds())));
      }
    }
    return List.copyOf(reasons);
  }

  private static void grown(Trend trend, Growth growth, List<String> reasons) {
    String what = growth.signal() == Signal.IN_USE_BYTES ? "in use" : "working set";
    reasons.add(
        String.format(
            Locale.ROOT,
            "%s %s%s since %s, %s in %s",
            what,
            rate(growth.bytesPerSecond()),
            Double.isFinite(growth.errorBytesPerSecond()) && growth.channel() != Channel.SURGE
                ? " (±" + rate(growth.errorBytesPerSecond()).substring(1) + ")"
                : "",
            when(growth.sinceSeconds()),
            signed(growth.rise()),
            duration(trend.timeSeconds() - growth.sinceSeconds())));
    Growth used = trend.inUse();
    if (used != null && growth.signal() != Signal.IN_USE_BYTES) {
      reasons.add(
          "in use "
              + rate(trend.ratesPerSecond().getOrDefault(Signal.IN_USE_BYTES, 0.0))
              + " over the same time");
    }
    if (growth.floors() > 0 && growth.channel() != Channel.SURGE) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "its floor rose in %d of %d stretches",
              growth.risingFloors(),
              growth.floors()));
    }
    if (Double.isFinite(growth.bendEvidence()) && growth.bendEvidence() < 0) {
      reasons.add(String.format(Locale.ROOT, "not saturating (ΔBIC %.0f)", -growth.bendEvidence()));
    }
    reasons.add(String.format(Locale.ROOT, "load explains %.0f %%", 100 * trend.loadShare()));
  }

  private static String level(VerdictKind kind) {
    return switch (kind) {
      case WARMING -> "it rises towards a plateau";
      case CYCLIC -> "it rises and falls with the cycle";
      case UNKNOWN -> "too early to say where that goes";
      default -> "it does not rise";
    };
  }

  private static void counts(Trend trend, Sample newest, List<String> reasons) {
    for (Signal signal :
        new Signal[] {Signal.ARENA_COUNT, Signal.THREAD_COUNT, Signal.MAPPING_COUNT}) {
      double before = trend.before().getOrDefault(signal, Double.NaN);
      double now = newest.get(signal);
      if (now > before) {
        String noun =
            switch (signal) {
              case ARENA_COUNT -> "arenas";
              case THREAD_COUNT -> "threads";
              default -> "mappings";
            };
        reasons.add(String.format(Locale.ROOT, "%.0f %s, were %.0f", now, noun, before));
      }
    }
  }

  private static String when(double seconds) {
    return seconds < EARLIEST_CALENDAR_SECONDS
        ? String.format(Locale.ROOT, "second %.0f", seconds)
        : CALENDAR.format(Instant.ofEpochSecond((long) seconds));
  }

  private static String rate(double bytesPerSecond) {
    double perDay = bytesPerSecond * DAY_SECONDS;
    return Math.abs(bytesPerSecond) >= 100_000
        ? signed(bytesPerSecond) + "/s"
        : signed(perDay) + "/day";
  }

  private static String signed(double bytes) {
    return (bytes < 0 ? "-" : "+") + bytes(Math.abs(bytes));
  }

  static String bytes(double bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    double value = bytes;
    int unit = 0;
    while (Math.abs(value) >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.3g %s", value, units[unit]);
  }

  static String duration(double seconds) {
    if (seconds < 120) {
      return String.format(Locale.ROOT, "%.0f s", seconds);
    }
    if (seconds < 7200) {
      return String.format(Locale.ROOT, "%.0f min", seconds / 60);
    }
    return seconds < 2 * DAY_SECONDS
        ? String.format(Locale.ROOT, "%.0f h", seconds / 3600)
        : String.format(Locale.ROOT, "%.1f days", seconds / DAY_SECONDS);
  }
}
