package io.leakwatch.trend;

/**
 * Whether a rise leads higher than where the process has been and come back from.
 *
 * <p>A process that runs jobs switches between levels. When a job comes at an hour that has not
 * seen one, the tests that compare with the same time of the days before find it new, and it is
 * not: the process has been there, at another hour. So in a process that at least doubles between
 * its lowest and its highest a growth must lead beyond what it held before for as long, by a share
 * of that range. A load that repeats daily is left to the other tests, for a leak lifts its trough
 * first.
 */
final class FormerHeights {
  private static final int REMEMBERED_CYCLES = 14;
  private static final double SWITCHES = 2;
  private static final double RANGE_SHARE = 0.25;
  private static final int HELD_SHARE = 5;

  private FormerHeights() {}

  static boolean areExceeded(double[] floors, Finding finding, int cycle) {
    int now = floors.length;
    int window = finding.to() - finding.from();
    int held = Math.max(1, window / HELD_SHARE);
    int from = Math.max(0, now - REMEMBERED_CYCLES * cycle) + held - 1;
    int to = now - window;
    if (to - from < cycle) {
      return true;
    }
    double[] low = Envelope.trailingMin(floors, held);
    double highest = RobustStatistics.max(low, from, to);
    double lowest = RobustStatistics.min(low, from, to);
    return highest < SWITCHES * lowest
        || low[now - 1] > highest + RANGE_SHARE * (highest - lowest)
        || QuietPattern.isCyclic(floors, from, now, cycle);
  }
}
