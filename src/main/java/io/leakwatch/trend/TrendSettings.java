package io.leakwatch.trend;

import java.time.Duration;

/**
 * Windows and thresholds of the {@link Detector}. All times hang on three of them, so that {@link
 * #paced} turns a month into a minute for a test of the whole program.
 *
 * @param floorWidth the "hour": the lowest value of each such stretch is kept
 * @param floorsPerCycle how many of them make the "day" after which load repeats
 * @param memoryCycles how many cycles of floors are remembered
 * @param pointWidth spacing of the points that the surge test looks at
 * @param surgeHistory floors that must have been seen before a surge can be one
 * @param surgeExhaustion a surge matters only when it would reach the limit within this time
 * @param onsetHistory floors that must have been seen before an onset can be one
 * @param onsetWindow floors over which a new growth must have lasted at least
 * @param inUseOnsetWindow the same for in-use bytes, which hold far less noise
 * @param onsetEdgeShare share of the rise that each end quarter of such a window must have
 * @param stretchesPerFloor parts of a floor that are compared with the same time of other cycles; 0
 *     turns that off, where cycles last seconds
 * @param significance standard deviations by which such a part must stand out, were it known how
 *     large they are
 * @param inUseRelativeRise smallest rise of in-use bytes that counts there, as a share of the level
 * @param recordFactor how far a rise must exceed the worst one this process ever had
 * @param cycleRecords whether a record of the lowest level of a cycle counts at once; where cycles
 *     last seconds a cache that fills looks like it
 * @param minimumRelativeRise smallest rise that counts, as a share of the level
 * @param minimumRelativeRate smallest growth per cycle that counts, as a share of the level
 * @param chronicCycles rising cycles in a row that make a chronic leak
 * @param birthCycles age from which growth that goes on after a warm-up counts, if no second stage
 *     of warming up explains it
 * @param settledCycles age from which such a second stage must explain it clearly better
 * @param fillCycles age from which growth since the start counts where no warm-up was seen: a cache
 *     that fills looks like it for days
 * @param minimumRiseBytes smallest rise that counts
 * @param minimumLimitShare smallest rise that counts, as a share of the limit
 */
public record TrendSettings(
    Duration floorWidth,
    int floorsPerCycle,
    int memoryCycles,
    Duration pointWidth,
    int surgeHistory,
    Duration surgeExhaustion,
    int onsetHistory,
    int onsetWindow,
    int inUseOnsetWindow,
    double onsetEdgeShare,
    int stretchesPerFloor,
    double significance,
    double inUseRelativeRise,
    double recordFactor,
    boolean cycleRecords,
    double minimumRelativeRise,
    double minimumRelativeRate,
    int chronicCycles,
    double birthCycles,
    double settledCycles,
    double fillCycles,
    double minimumRiseBytes,
    double minimumLimitShare) {

  public TrendSettings {
    if (floorsPerCycle < 4 || memoryCycles < 8 || chronicCycles < 3) {
      throw new IllegalArgumentException(
          "floors-per-cycle must be at least 4, memory-cycles 8 and chronic-cycles 3");
    }
  }

  /** For servers that are sampled every half minute to every hour. */
  public static TrendSettings defaults() {
    return new TrendSettings(
        Duration.ofHours(1),
        24,
        21,
        Duration.ofMinutes(2),
        72,
        Duration.ofHours(12),
        120,
        8,
        4,
        0,
        4,
        4.3,
        0.003,
        1.6,
        true,
        0.005,
        0.01,
        4,
        2,
        4.6,
        5.5,
        8 << 20,
        0.003);
  }

  /** For tests and demonstrations: seconds instead of days. */
  public static TrendSettings fast() {
    return new TrendSettings(
        Duration.ofMillis(500),
        12,
        42,
        Duration.ofMillis(500),
        48,
        Duration.ofSeconds(6),
        60,
        36,
        36,
        0.2,
        0,
        4.3,
        0.003,
        1.3,
        false,
        0.005,
        0.01,
        3,
        4.2,
        4.2,
        4.2,
        8 << 20,
        0);
  }

  /** These settings with all windows shortened by {@code factor}. */
  public TrendSettings paced(double factor) {
    return new TrendSettings(
        scale(floorWidth, factor),
        floorsPerCycle,
        memoryCycles,
        scale(pointWidth, factor),
        surgeHistory,
        scale(surgeExhaustion, factor),
        onsetHistory,
        onsetWindow,
        inUseOnsetWindow,
        onsetEdgeShare,
        stretchesPerFloor,
        significance,
        inUseRelativeRise,
        recordFactor,
        cycleRecords,
        minimumRelativeRise,
        minimumRelativeRate,
        chronicCycles,
        birthCycles,
        settledCycles,
        fillCycles,
        minimumRiseBytes,
        minimumLimitShare);
  }

  private static Duration scale(Duration duration, double factor) {
    return Duration.ofNanos(Math.max(1, Math.round(duration.toNanos() / factor)));
  }

  double floorSeconds() {
    return floorWidth.toNanos() / 1e9;
  }

  double cycleSeconds() {
    return floorSeconds() * floorsPerCycle;
  }

  int capacity() {
    return floorsPerCycle * memoryCycles;
  }
}
