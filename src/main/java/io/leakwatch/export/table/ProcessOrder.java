package io.leakwatch.export.table;

import java.util.Comparator;

/** By what the live view sorts. What is unknown comes last, equals by name. */
public enum ProcessOrder {
  /** The most severe first, of those the one that meets its limit first, then those that grow. */
  SEVERITY("severity"),
  GROWTH("growth"),
  RESIDENT("Rss"),
  NAME("name");

  private final String words;

  ProcessOrder(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }

  public Comparator<ProcessRow> comparator() {
    Comparator<ProcessRow> first =
        switch (this) {
          case SEVERITY ->
              Comparator.comparing((ProcessRow row) -> row.assessment().severity())
                  .reversed()
                  .thenComparingDouble(row -> lastWhenUnknown(row.exhaustionSeconds()))
                  .thenComparing(row -> !row.isAlarming());
          case GROWTH ->
              Comparator.comparingDouble(
                  row -> lastWhenUnknown(-row.assessment().growthBytesPerSecond()));
          case RESIDENT ->
              Comparator.comparingDouble(row -> lastWhenUnknown(-row.memory().residentBytes()));
          case NAME -> Comparator.comparing(ProcessRow::name);
        };
    return first.thenComparing(ProcessRow::name).thenComparingInt(ProcessRow::pid);
  }

  public ProcessOrder next() {
    return values()[(ordinal() + 1) % values().length];
  }

  private static double lastWhenUnknown(double value) {
    return Double.isNaN(value) ? Double.POSITIVE_INFINITY : value;
  }
}
