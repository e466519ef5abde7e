package io.leakwatch.replay;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.leakwatch.alert.Severity;
import io.leakwatch.text.CalendarTime;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Verdict;
import java.time.Instant;
import java.util.Locale;

/** The lines that {@code replay} prints, as JSON and for a person. */
public final class ReplayReport {
  private static final double DAY_SECONDS = 86_400;

  /** The year 9999. */
  private static final double LATEST_SECONDS = 253_402_300_799.0;

  /** What was watched for less than this tells no rate. */
  private static final double LEAST_DAYS = 1;

  private static final int LINE_CHARACTERS_MAX = 1000;

  private ReplayReport() {}

  /** One JSON object, without line end. */
  public static String changeJson(String file, Replay.Change change) {
    JsonObject line = new JsonObject();
    line.addProperty("file", file);
    add(line, "time", change.timeSeconds());
    line.addProperty("verdict", change.verdict().kind().wireName());
    line.addProperty("severity", change.severity().wireName());
    add(line, "growth_bytes_per_day", change.growthBytesPerDay());
    add(line, "exhaustion_seconds", change.exhaustionSeconds());
    JsonArray changes = new JsonArray();
    for (Verdict.NamedChange named : change.verdict().changes()) {
      JsonObject one = new JsonObject();
      add(one, "time", named.timeSeconds());
      one.addProperty("kind", named.kind());
      one.addProperty("text", named.text());
      changes.add(one);
    }
    line.add("changes", changes);
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

  /** One JSON object about all files, without line end. */
  public static String totalJson(ReplayTotal total) {
    JsonObject line = new JsonObject();
    line.addProperty("total", true);
    line.addProperty("files", total.files());
    line.addProperty("incomplete_files", total.incomplete());
    line.addProperty("fired_files", total.fired());
    line.addProperty("samples", total.samples());
    line.addProperty("episodes", total.rate().episodes());
    add(line, "days", total.rate().days());
    add(line, "alarms_per_month", total.rate().perMonth());
    add(line, "alarms_per_month_at_least", total.rate().perMonthAtLeast());
    add(line, "alarms_per_month_at_most", total.rate().perMonthAtMost());
    return line.toString();
  }

  /** A line for a person. */
  public static String changeText(String file, Replay.Change change) {
    String why =
        change.verdict().reasons().isEmpty()
            ? ""
            : "  " + String.join("; ", change.verdict().reasons());
    String severity = change.severity() == Severity.NONE ? "-" : change.severity().wireName();
    return line(
        "%s  %s  %-8s %-8s%s",
        file, time(change.timeSeconds()), severity, change.verdict().kind().wireName(), why);
  }

  /** A line for a person. */
  public static String summaryText(String file, Replay.Summary summary) {
    AlarmRate rate = new AlarmRate(summary.episodes(), summary.days());
    String fired =
        summary.fired()
            ? "fired first " + time(summary.firstFiredSeconds()) + ", " + summary.episodes() + "×"
            : "silent";
    return line(
        "%s  %s; at the end %s; %d samples over %s, %.2f alarms a month",
        file,
        fired,
        summary.finalVerdict().wireName(),
        summary.samples(),
        Quantity.duration(summary.days() * DAY_SECONDS),
        summary.days() > 0 ? rate.perMonth() : 0);
  }

  /** What to expect of alerts, for a person: a line about all files. */
  public static String totalText(ReplayTotal total) {
    AlarmRate rate = total.rate();
    String seen =
        line(
            "%d files, %.1f process-days: %d silent, %d fired, %d times in all",
            total.files(),
            rate.days(),
            total.judged() - total.fired(),
            total.fired(),
            rate.episodes());
    String unusable =
        total.incomplete() > 0
            ? ", " + total.incomplete() + " unusable, or usable only in part"
            : "";
    if (rate.days() < LEAST_DAYS) {
      return seen + unusable;
    }
    return seen
        + unusable
        + line(
            "; if none of them leaks: %.2f false alarms per month and process (95"
                + " %%: %.2f to %.2f), %.1f a month for %d such processes",
            rate.perMonth(),
            rate.perMonthAtLeast(),
            rate.perMonthAtMost(),
            rate.perMonth() * total.judged(),
            total.judged());
  }

  /** A problem of a file, in one line whatever its name is. */
  public static String problemText(String problem) {
    return ForeignText.harmless(problem, LINE_CHARACTERS_MAX);
  }

  private static String line(String format, Object... figures) {
    return ForeignText.harmless(String.format(Locale.ROOT, format, figures), LINE_CHARACTERS_MAX);
  }

  private static String time(double seconds) {
    return CalendarTime.isTooEarly(seconds)
        ? String.format(Locale.ROOT, "%.0f s", seconds)
        : Instant.ofEpochSecond((long) Math.min(LATEST_SECONDS, seconds)).toString();
  }

  private static void add(JsonObject line, String name, double value) {
    Number number = value;
    if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
      number = (long) value;
    }
    line.add(name, Double.isFinite(value) ? new JsonPrimitive(number) : JsonNull.INSTANCE);
  }
}
