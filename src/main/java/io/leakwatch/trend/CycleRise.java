package io.leakwatch.trend;

/**
 * What has risen beside the cycle or below the garbage, as it was last found.
 *
 * <p>While the load falls the level falls with it, and with each collection, and neither the level
 * nor a line through the floors shows such a rise; they do at the next trough. Until then what was
 * found counts.
 */
final class CycleRise {
  private final TrendSettings settings;
  private double bytes = Double.NaN;
  private double perSecond;
  private double foundWatched;
  private boolean besideLoad;

  CycleRise(TrendSettings settings) {
    this.settings = settings;
  }

  void clear() {
    bytes = Double.NaN;
    besideLoad = false;
  }

  void accept(Finding finding, double watchedSeconds) {
    besideLoad |= finding.besideLoad();
    if (!Double.isNaN(finding.besideCycleBytes())) {
      bytes = finding.besideCycleBytes();
      perSecond = bytes / Math.max(1, finding.to() - finding.from()) / settings.floorSeconds();
      foundWatched = watchedSeconds;
    }
  }

  /** Whether it was found within the last cycle. */
  boolean counts(double watchedSeconds) {
    return !Double.isNaN(bytes) && watchedSeconds - foundWatched <= settings.cycleSeconds();
  }

  /** Whether the load was taken from what was found, now or earlier in the same growth. */
  boolean isBesideLoad() {
    return besideLoad;
  }

  double bytesPerSecond() {
    return perSecond;
  }

  double bytes() {
    return bytes;
  }
}
