package io.leakwatch.export.api;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.export.SeriesSource;
import io.leakwatch.export.http.Request;
import io.leakwatch.export.json.SeriesJson;
import io.leakwatch.sample.Change;
import io.leakwatch.text.ForeignText;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The recorded figures of a process in a range of time, no more points than a chart can show. */
final class SeriesAnswer {
  private static final double DEFAULT_SECONDS = 86_400;
  private static final int DEFAULT_POINTS = 400;
  private static final int POINTS_MAX = 1500;
  private static final double STEP_SECONDS_MIN = 1e-3;
  private static final Pattern DURATION =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|[smhdw])?");
  private static final Pattern SECONDS = Pattern.compile("-?\\d{1,12}(\\.\\d{1,9})?");
  private static final Map<String, Double> UNIT_SECONDS =
      Map.of("ms", 1e-3, "s", 1.0, "m", 60.0, "h", 3600.0, "d", 86_400.0, "w", 604_800.0);

  private SeriesAnswer() {}

  /**
   * The range that a request asks for: by default the last day, in steps that make 400 points; a
   * step that would make more than 1500 is made longer.
   *
   * @throws IllegalArgumentException with one line where a parameter is wrong
   */
  static SeriesSource.Range range(Request request, double nowSeconds) {
    double to = request.parameter("to").map(text -> time("to", text)).orElse(nowSeconds);
    double from =
        request.parameter("from").map(text -> time("from", text)).orElse(to - DEFAULT_SECONDS);
    if (from >= to) {
      throw new IllegalArgumentException("from is not before to: from=" + from + " to=" + to);
    }
    double step =
        request.parameter("step").map(SeriesAnswer::duration).orElse((to - from) / DEFAULT_POINTS);
    return new SeriesSource.Range(
        from, to, Math.max(Math.max(step, STEP_SECONDS_MIN), (to - from) / POINTS_MAX));
  }

  private static double time(String name, String text) {
    if (SECONDS.matcher(text).matches()) {
      return Double.parseDouble(text);
    }
    try {
      return Instant.parse(text).toEpochMilli() / 1e3;
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException(
          name
              + " is no time: "
              + ForeignText.harmless(text, 64)
              + "; give seconds since 1970 or a time like 2026-12-01T08:00:00Z");
    }
  }

  private static double duration(String text) {
    Matcher found = DURATION.matcher(text);
    double seconds =
        found.matches()
            ? Double.parseDouble(found.group(1))
                * UNIT_SECONDS.getOrDefault(String.valueOf(found.group(2)), 1.0)
            : 0;
    if (seconds <= 0) {
      throw new IllegalArgumentException(
          "step is no length of time: "
              + ForeignText.harmless(text, 64)
              + "; give seconds, or a number with ms, s, m, h, d or w");
    }
    return seconds;
  }

  static void write(
      JsonWriter json, String process, SeriesSource.Range range, SeriesSource.Recorded recorded)
      throws IOException {
    json.beginObject();
    json.name("process").value(ForeignText.harmless(process, 256));
    json.name("from").value(range.fromSeconds());
    json.name("to").value(range.toSeconds());
    json.name("step_seconds").value(range.stepSeconds());
    json.name("changes").beginArray();
    for (Change change : recorded.changes()) {
      json.beginObject();
      json.name("time").value(change.timeSeconds());
      json.name("kind").value(change.kind().wireName());
      json.name("what").value(change.what());
      json.name("before").value(change.before());
      json.endObject();
    }
    json.endArray();
    json.name("figures").beginObject();
    SeriesJson.writeFigures(json, recorded.samples());
    json.endObject().endObject();
  }
}
