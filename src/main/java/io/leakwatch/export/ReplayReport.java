package io.leakwatch.export;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.leakwatch.alert.Replay;
import io.leakwatch.alert.Severity;
import java.time.Instant;
import java.util.Locale;

/** The lines that {@code replay} prints, as JSON and for a person. */
public final class ReplayReport {
  private static final double EARLIEST_CALENDAR_SECONDS = 1e8;
  private static final double MONTH_DAYS = 30;

  private ReplayReport() {}

  /** One JSON object, without line end. */
  public static String changeJson(String file, Replay.Change change) {
    JsonObject line = new JsonObject();
    line.addProperty("file", file);
    add(line, "time", change.timeSeconds());
    line.addProperty("verdict", change.verdict().wireName());
    line.addProperty("severity", change.severity().wireName());
    add(line, "growth_bytes_per_day", change.growthBytesPerDay());
    add(line, "exhaustion_seconds", change.exhaustionSeconds());
    return line.toString();
  }

  /** One JSON object, without line end. */
  public static String summaryJson(String file, Replay.Summary summary) {
    JsonObject line = new JsonObject();
    line.addProperty("file", file);
    line.addProperty("summary", true);
    line.addProperty("fired", summary.fired());
    add(line, "first_fired", summary.firstFiredSeconds());
    line.addProperty("final_verdict", summary.finalVerdict().wireName());
    line.addProperty("samples", summary.samples());
    line.addProperty("episodes", summary.episodes());
    add(line, "days", summary.days());
    return line.toString();
  }

  /** A line for a person. */
  public static String changeText(String file, Replay.Change change) {
    String why = change.reasons().isEmpty() ? "" : "  " + String.join("; ", change.reasons());
    String severity = change.severity() == Severity.NONE ? "-" : change.severity().wireName();
    return String.format(
        Locale.ROOT,
        "%s  %s  %-8s %-8s%s",
        file,
        time(change.timeSeconds()),
        severity,
        change.verdict().wireName(),
        why);
  }

  /** A line for a person. */
  public static String summaryText(String file, Replay.Summary summary) {
    String fired =
        summary.fired()
            ? "fired first " + time(summary.firstFiredSeconds()) + ", " + summary.episodes() + "×"
            : "silent";
    return String.format(
        Locale.ROOT,
        "%s  %s; at the end %s; %d samples over %.1f days, %.2f alarms a month",
        file,
        fired,
        summary.finalVerdict().wireName(),
        summary.samples(),
        summary.days(),
        summary.days() > 0 ? summary.episodes() * MONTH_DAYS / summary.days() : 0);
  }

  private static String time(double seconds) {
    return seconds < EARLIEST_CALENDAR_SECONDS
        ? String.format(Locale.ROOT, "%.0f s", seconds)
        : Instant.ofEpochSecond((long) seconds).toString();
  }

  private static void add(JsonObject line, String name, double value) {
    line.add(name, Double.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE);
  }
}
