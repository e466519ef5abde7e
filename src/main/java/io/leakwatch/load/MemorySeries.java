package io.leakwatch.load;

import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a brpc server remembers of its own resident memory, as {@code
 * /vars/process_memory_resident?series} tells it: thirty days without anybody having watched.
 *
 * <p>Once a second bvar puts the value into a ring of 60. When that is full, the mean of the 60
 * goes into a ring of 60 minutes, the mean of those into a ring of 24 hours, and theirs into one of
 * 30 days (brpc's src/bvar/detail/series.h; the variable is an integer that can be added up, so
 * what is handed on is divided). The answer gives the days first, then hours, minutes and seconds,
 * each the oldest first; what is not filled yet is 0. It gives no times. Those follow from the
 * counting, which begins with the process: the newest minute ended when the process was a whole
 * number of minutes old, the newest day when it was a whole number of days old, and a ring that is
 * not full yet says by its filling how many. Without that a day would be taken to end now when it
 * ended up to a day ago, and a leak would seem to step where two rings meet.
 *
 * <p>Error of a time: the collector sleeps a second after each reading, so that it falls behind by
 * what waking up takes, some 0.1 ms to 1 ms of each second: up to 40 minutes after 30 days. A mean
 * stands in the middle of its window, which is right for what rises evenly.
 */
public final class MemorySeries {
  /** The variable, which is among those of every brpc server. */
  static final String VARIABLE = "process_memory_resident";

  private static final String UPTIME = "process_uptime";

  /** Asked at the endpoint's host and port. */
  public static final String PATH = "/vars/" + VARIABLE + "?series";

  /** Asked there for how long the counting has gone on: {@code process_uptime : 6.566035}. */
  public static final String UPTIME_PATH = "/vars/" + UPTIME;

  /** The series has 174 short pairs. */
  public static final int ANSWER_BYTES_MAX = 64 << 10;

  private static final double LATEST_END_WIDTHS = 1.1;

  private static final int[] RING_SIZES = {30, 24, 60, 60};
  private static final double[] RING_SECONDS = {86_400, 3_600, 60, 1};
  private static final int POINTS = 174;
  private static final Pattern UPTIME_ANSWER =
      Pattern.compile(UPTIME + " : (\\d{1,12}(\\.\\d{1,9})?)\\s*");

  private final double[] values;

  private MemorySeries(double[] values) {
    this.values = values;
  }

  /** Resident bytes at a time in seconds since 1970: seen then, or the mean of a window around. */
  public record Point(double timeSeconds, double bytes) {}

  /** Reads an answer; empty where it is anything else than such a series. */
  public static Optional<MemorySeries> parse(String answer) {
    double[] values = new double[POINTS];
    try (JsonReader json = new JsonReader(new StringReader(answer))) {
      boolean found = false;
      json.beginObject();
      while (json.hasNext()) {
        if (json.nextName().equals("data")) {
          found = true;
          data(json, values);
        } else {
          json.skipValue();
        }
      }
      json.endObject();
      return found ? Optional.of(new MemorySeries(values)) : Optional.empty();
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static void data(JsonReader json, double[] values) throws IOException {
    json.beginArray();
    for (int i = 0; i < values.length; i++) {
      json.beginArray();
      if (json.nextInt() != i) {
        throw new IOException("the points are not counted from 0");
      }
      values[i] = json.nextDouble();
      json.endArray();
    }
    json.endArray();
  }

  /** The seconds that an answer to {@link #UPTIME_PATH} tells, {@code NaN} where it tells none. */
  public static double uptimeSeconds(String answer) {
    Matcher uptime = UPTIME_ANSWER.matcher(answer);
    return uptime.matches() ? Double.parseDouble(uptime.group(1)) : Double.NaN;
  }

  /** The newest value, {@code NaN} where there is none. */
  public double newestBytes() {
    double newest = values[POINTS - 1];
    return isFigure(newest) ? newest : Double.NaN;
  }

  /**
   * The points in rising order of time: of each time the finest ring that still has it.
   *
   * @param answeredSeconds when the answer came, seconds since 1970
   * @param startSeconds when the counting began, with the process; nothing is older
   */
  public List<Point> points(double answeredSeconds, double startSeconds) {
    List<Point> points = new ArrayList<>();
    double finerSeconds = Double.POSITIVE_INFINITY;
    int end = POINTS;
    for (int ring = RING_SIZES.length - 1; ring >= 0; ring--) {
      int begin = end - RING_SIZES[ring];
      List<Point> found = ring(ring, begin, end, answeredSeconds, startSeconds);
      double before = finerSeconds;
      found.removeIf(point -> point.timeSeconds() >= before || point.timeSeconds() < startSeconds);
      if (!found.isEmpty()) {
        finerSeconds = found.get(0).timeSeconds();
      }
      points.addAll(0, found);
      end = begin;
    }
    return points;
  }

  private List<Point> ring(
      int ring, int begin, int end, double answeredSeconds, double startSeconds) {
    double width = RING_SECONDS[ring];
    int first = begin;
    while (first < end && !isFigure(values[first])) {
      first++;
    }
    int filled = end - first;
    double ended =
        filled < RING_SIZES[ring]
            ? startSeconds + filled * width
            : answeredSeconds - (answeredSeconds - startSeconds) % width;
    boolean seen = width == 1; // The seconds are no means.
    double latest = answeredSeconds - LATEST_END_WIDTHS * width; // Else the start is not right.
    double newestEnd = seen ? answeredSeconds : Math.min(answeredSeconds, Math.max(latest, ended));
    List<Point> points = new ArrayList<>();
    for (int i = first; i < end; i++) {
      if (isFigure(values[i])) {
        double back = (end - 1 - i) * width + (seen ? 0 : width / 2);
        points.add(new Point(newestEnd - back, values[i]));
      }
    }
    return points;
  }

  private static boolean isFigure(double value) {
    return value > 0 && value < Double.POSITIVE_INFINITY;
  }
}
