package io.leakwatch.trend;

/** How high a growth has come, when that was, and how long it has made no new high since. */
final class Highest {
  private static final double NEW_HIGH_SHARE = 0.02;

  private final WatchedTime watched;
  private double level = Double.NEGATIVE_INFINITY;
  private double elapsed = Double.NaN;
  private double watchedSeconds = Double.NaN;

  Highest(WatchedTime watched) {
    this.watched = watched;
  }

  /** A growth begins now, whose height is seen later. */
  void begin() {
    level = Double.NEGATIVE_INFINITY;
  }

  /** What stands still makes new highs too, by a hair; only a part of the rise is news. */
  void accept(double now, double newLevel, double startLevel) {
    if (newLevel > level + NEW_HIGH_SHARE * (level - startLevel)) {
      reached(now, newLevel);
    }
  }

  void reached(double now, double newLevel) {
    level = newLevel;
    rising(now);
  }

  /** It was seen to rise now, though no higher than before. */
  void rising(double now) {
    elapsed = now;
    watchedSeconds = watched.now();
  }

  double level() {
    return level;
  }

  double elapsed() {
    return elapsed;
  }

  double silentSeconds() {
    return watched.now() - watchedSeconds;
  }
}
