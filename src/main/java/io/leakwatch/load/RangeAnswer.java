package io.leakwatch.load;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import io.leakwatch.text.ForeignText;
import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The answer to a range query: a matrix of one series. It is foreign, and may be anything: what is
 * kept of it is bounded, and what does not fit the question is refused.
 *
 * <p>Form: {@code {"status":"success","data":{"resultType":"matrix","result":[{"metric":{LABEL:
 * TEXT},"values":[[SECONDS,"NUMBER"],…]},…]},"warnings":[TEXT]}} (prometheus.io, HTTP API, range
 * queries).
 */
final class RangeAnswer {
  private static final String OTHER = "its answer is not from a Prometheus server";
  private static final int SERIES_NAMED_MAX = 5;
  private static final int SERIES_CHARS_MAX = 300;
  private static final int LABELS_MAX = 64;
  private static final int TEXT_CHARS_MAX = 400;

  private final double fromSeconds;
  private final double toSeconds;
  private final int pointsMax;
  private final List<String> series = new ArrayList<>();
  private int seriesBegun;
  private boolean more;
  private double[] times = {};
  private double[] values = {};
  private int points;
  private String warning = "";

  /**
   * @param fromSeconds nothing earlier was asked for
   * @param toSeconds nothing later was asked for
   */
  RangeAnswer(double fromSeconds, double toSeconds, int pointsMax) {
    this.fromSeconds = fromSeconds;
    this.toSeconds = toSeconds;
    this.pointsMax = pointsMax;
  }

  /**
   * Reads it to its end.
   *
   * @throws IOException with one line, where it is no such answer
   */
  void read(Reader text) throws IOException {
    String status = "";
    String error = "";
    boolean matrix = false;
    try (JsonReader json = new JsonReader(text)) {
      json.beginObject();
      while (json.hasNext()) {
        switch (json.nextName()) {
          case "status" -> status = text(json);
          case "error" -> error = text(json);
          case "data" -> matrix = data(json);
          case "warnings" -> warning = first(json);
          default -> json.skipValue();
        }
      }
      json.endObject();
    } catch (EOFException e) {
      throw new IOException("its answer ends too early", e);
    } catch (MalformedJsonException | IllegalStateException | NumberFormatException e) {
      throw new IOException(OTHER, e); // Their messages are for programmers, and of several lines.
    }
    if (!status.equals("success") || !matrix) {
      throw new IOException(
          error.isEmpty() ? OTHER : "it refuses: " + ForeignText.harmless(error, TEXT_CHARS_MAX));
    }
  }

  /** What an answer says of its error, {@code ""} where nothing. */
  static String error(JsonReader json) throws IOException {
    json.beginObject();
    while (json.hasNext()) {
      if (json.nextName().equals("error")) {
        return text(json);
      }
      json.skipValue();
    }
    return "";
  }

  private static String text(JsonReader json) throws IOException {
    if (json.peek() != JsonToken.STRING) {
      json.skipValue();
      return "";
    }
    return json.nextString();
  }

  private static String first(JsonReader json) throws IOException {
    String first = "";
    json.beginArray();
    while (json.hasNext()) {
      String next = ForeignText.harmless(text(json), TEXT_CHARS_MAX);
      first = first.isEmpty() ? next : first;
    }
    json.endArray();
    return first;
  }

  /** Whether it is a matrix. */
  private boolean data(JsonReader json) throws IOException {
    boolean matrix = false;
    if (json.peek() != JsonToken.BEGIN_OBJECT) {
      json.skipValue();
      return false;
    }
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "resultType" -> matrix = text(json).equals("matrix");
        case "result" -> {
          json.beginArray();
          while (json.hasNext()) {
            one(json);
          }
          json.endArray();
        }
        default -> json.skipValue();
      }
    }
    json.endObject();
    return matrix;
  }

  private void one(JsonReader json) throws IOException {
    seriesBegun++;
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "metric" -> name(labels(json));
        case "values" -> {
          if (seriesBegun > 1) {
            json.skipValue();
          } else {
            values(json);
          }
        }
        case "histograms" ->
            throw new IOException("the query gives histograms; it must give numbers");
        default -> json.skipValue();
      }
    }
    json.endObject();
  }

  private void name(String labels) {
    if (series.size() < SERIES_NAMED_MAX) {
      series.add(labels);
    } else {
      more = true;
    }
  }

  private static String labels(JsonReader json) throws IOException {
    TreeMap<String, String> labels = new TreeMap<>();
    json.beginObject();
    while (json.hasNext()) {
      String label = json.nextName();
      String value = json.nextString();
      if (labels.size() < LABELS_MAX) {
        labels.put(label, value);
      }
    }
    json.endObject();
    StringBuilder text = new StringBuilder();
    String metric = labels.remove("__name__");
    text.append(metric == null ? "" : metric).append('{');
    labels.forEach(
        (label, value) ->
            text.append(text.charAt(text.length() - 1) == '{' ? "" : ", ")
                .append(label)
                .append("=\"")
                .append(value)
                .append('"'));
    return text.append('}').toString();
  }

  private void values(JsonReader json) throws IOException {
    json.beginArray();
    while (json.hasNext()) {
      json.beginArray();
      double time = json.nextDouble();
      double value = number(json.nextString());
      json.endArray();
      if (time < fromSeconds - 1 || time > toSeconds + 1) {
        throw new IOException("its answer has a time that was not asked for");
      }
      if (points > 0 && time <= times[points - 1]) {
        throw new IOException("the times of its answer do not rise");
      }
      add(time, value);
    }
    json.endArray();
  }

  private void add(double time, double value) throws IOException {
    if (points == pointsMax) {
      throw new IOException("its answer has more points than were asked for");
    }
    if (points == times.length) {
      int room = Math.min(pointsMax, Math.max(256, 2 * points));
      times = Arrays.copyOf(times, room);
      values = Arrays.copyOf(values, room);
    }
    times[points] = time;
    values[points++] = value;
  }

  /** A number as Prometheus writes it; {@code NaN} for everything else. */
  private static double number(String text) {
    return switch (text) {
      case "+Inf", "Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> text.matches("[-+]?[0-9][0-9.eE+-]{0,39}") ? Double.parseDouble(text) : Double.NaN;
    };
  }

  /** The labels of the one series, empty where there is none. */
  Optional<String> series() {
    return series.stream().findFirst();
  }

  /** What came along, {@code ""} where nothing did. */
  String warning() {
    return warning;
  }

  /** The error of an answer with several series, as far as it was read. */
  Optional<IOException> severalSeries() {
    return series.size() < 2 ? Optional.empty() : Optional.of(several(series, more));
  }

  static IOException several(List<String> series, boolean more) {
    List<String> shown =
        series.stream().map(one -> ForeignText.harmless(one, SERIES_CHARS_MAX)).toList();
    return new IOException(
        "the query gives several series, "
            + String.join(" and ", shown)
            + (more ? " and more" : "")
            + ": narrow it to one process, or make one of them, as max by (job) (…) does");
  }

  /** Gives the points on. */
  void give(RangeQuery.Sink sink) throws IOException {
    for (int i = 0; i < points; i++) {
      sink.accept(times[i], values[i]);
    }
  }
}
