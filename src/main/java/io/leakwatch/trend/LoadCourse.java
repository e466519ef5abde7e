package io.leakwatch.trend;

/** How far the load of a process lies above what is usual at that time of its cycle. */
final class LoadCourse {
  private static final int REFERENCE_CYCLES = 7;
  private static final int BRIDGED_FLOORS = 2;
  private static final int WIDTH = 2;

  private final TrendSettings settings;
  private final int perFloor;
  private final Floors stretches;
  private final MatchedScale scale;
  private long newest = -1;

  LoadCourse(TrendSettings settings) {
    this.settings = settings;
    perFloor = settings.stretchesPerFloor();
    int remembered = perFloor * REFERENCE_CYCLES * settings.floorsPerCycle() + WIDTH;
    stretches =
        new Floors(
            Math.max(1, remembered),
            BRIDGED_FLOORS * perFloor,
            perFloor * settings.floorsPerCycle());
    scale = new MatchedScale(settings, WIDTH, new int[] {WIDTH});
  }

  void clear() {
    stretches.clear();
    scale.clear();
    newest = -1;
  }

  void accept(double elapsed, double load) {
    if (perFloor == 0) {
      return;
    }
    stretches.accept((long) (elapsed / settings.floorSeconds() * perFloor), load);
    long end = stretches.openBin();
    if (end - 1 <= newest) {
      return;
    }
    double[] floors = stretches.toArray();
    for (long bin = Math.max(newest + 1, stretches.firstBin()); bin < end; bin++) {
      scale.accept(floors, (int) (bin - stretches.firstBin()) + 1, bin);
    }
    newest = end - 1;
  }

  /** {@code NaN} where the load of that stretch, or what is usual then, is not known. */
  double deviation(long bin) {
    return bin <= newest && newest - bin < scale.available() ? scale.deviation(bin) : Double.NaN;
  }

  long retainedBytes() {
    return stretches.retainedBytes() + scale.retainedBytes() + 32;
  }
}
