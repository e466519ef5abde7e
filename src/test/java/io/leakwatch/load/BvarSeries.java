package io.leakwatch.load;

import java.util.List;

/**
 * A series as bvar keeps it and tells it (brpc's src/bvar/detail/series.h), made of what a process
 * had each second of its life.
 */
public final class BvarSeries {
  private record Ring(double[] values, int[] next) {
    Ring(int size) {
      this(new double[size], new int[1]);
    }

    /** Whether it is full now. */
    boolean add(double value) {
      values[next[0]] = value;
      next[0] = (next[0] + 1) % values.length;
      return next[0] == 0;
    }

    double mean() {
      double sum = 0;
      for (double value : values) {
        sum += value;
      }
      return Math.round(sum / values.length);
    }
  }

  private final Ring seconds = new Ring(60);
  private final Ring minutes = new Ring(60);
  private final Ring hours = new Ring(24);
  private final Ring days = new Ring(30);

  /** Takes what it is in the next second. */
  public void add(double value) {
    if (seconds.add(value) && minutes.add(seconds.mean()) && hours.add(minutes.mean())) {
      days.add(hours.mean());
    }
  }

  /** The answer to {@code ?series}. */
  public String json() {
    StringBuilder text = new StringBuilder("{\"label\":\"trend\",\"data\":[");
    int count = 0;
    for (Ring ring : List.of(days, hours, minutes, seconds)) {
      for (int i = 0; i < ring.values().length; i++) {
        double value = ring.values()[(ring.next()[0] + i) % ring.values().length];
        text.append(count == 0 ? "" : ",").append('[').append(count++).append(',');
        text.append((long) value).append(']');
      }
    }
    return text.append("]}").toString();
  }
}
