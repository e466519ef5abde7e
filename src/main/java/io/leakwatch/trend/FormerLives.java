package io.leakwatch.trend;

import org.jspecify.annotations.Nullable;

/**
 * What the former incarnations of a process say of the present one.
 *
 * <p>A process that is restarted every few days never has a history long enough for the other
 * tests. But all its incarnations do the same work and come to the same plateau, each after its own
 * warming up. A present one that lies above the plateaus of the former ones, by more than their
 * noise, and goes on rising in a straight line, leaks. The highest of many plateaus is left out:
 * one incarnation that leaked without being found must not hide the next. A new release with
 * another plateau is a step, and steps do not go on rising.
 */
final class FormerLives {
  private static final int REMEMBERED = 8;
  private static final int PLATEAU_FLOORS = 3;
  private static final int SETTLED_PER_CYCLE = 2;
  private static final double MINIMUM_EXCESS = 0.015;
  private static final double DEVIATIONS = 4;
  private static final double RISE_SHARE = 0.4;
  private static final double LATE_SHARE = 0.5;
  private static final double MINIMUM_T = 5;
  private static final double MAXIMUM_STEP_SHARE = 0.6;

  private final TrendSettings settings;
  private final double[] plateaus = new double[REMEMBERED];
  private final double[] noises = new double[REMEMBERED];
  private int lives;

  FormerLives(TrendSettings settings) {
    this.settings = settings;
  }

  /** Remembers an incarnation that has ended; one too short to have settled says nothing. */
  void ended(double[] floors) {
    int n = floors.length;
    int settled = settings.floorsPerCycle() / SETTLED_PER_CYCLE;
    if (n < settled) {
      return;
    }
    double[] low = Envelope.trailingMin(floors, PLATEAU_FLOORS);
    int from = n / 2;
    double[] changes = new double[n - from];
    for (int i = from; i < n; i++) {
      changes[i - from] = floors[i] - floors[i - 1];
    }
    plateaus[lives % REMEMBERED] = RobustStatistics.max(low, PLATEAU_FLOORS - 1, n);
    noises[lives % REMEMBERED] = RobustStatistics.deviation(changes, 0, changes.length, 0);
    lives++;
  }

  @Nullable Finding find(double[] floors, double smallestRise) {
    int n = floors.length;
    int known = Math.min(lives, REMEMBERED);
    int cycle = settings.floorsPerCycle();
    if (known < 2 || n < cycle / 2 + PLATEAU_FLOORS) {
      return null;
    }
    double highest = Double.NEGATIVE_INFINITY;
    double second = Double.NEGATIVE_INFINITY;
    double noise = 0;
    for (int i = 0; i < known; i++) {
      second = Math.max(second, Math.min(highest, plateaus[i]));
      highest = Math.max(highest, plateaus[i]);
      noise = Math.max(noise, noises[i]);
    }
    double plateau = known == 2 ? highest : second;
    double excess = RobustStatistics.min(floors, n - PLATEAU_FLOORS, n) - plateau;
    double least = Math.max(MINIMUM_EXCESS * plateau, DEVIATIONS * noise);
    if (excess < Math.max(least, smallestRise)) {
      return null;
    }
    int from = Math.max(n / 3, n - cycle);
    int half = (from + n) / 2;
    RobustStatistics.Line line = RobustStatistics.line(floors, from, n);
    RobustStatistics.Line late = RobustStatistics.line(floors, half, n);
    Saturation.Bend bend = Saturation.bend(floors, from, n);
    if (line.slope() * (n - from) < RISE_SHARE * excess
        || line.slope() < MINIMUM_T * line.slopeError()
        || line.slope() * cycle < settings.minimumRelativeRate() * plateau
        || late.slope() < LATE_SHARE * line.slope()
        || Envelope.stepShare(floors, from, n, 2) > MAXIMUM_STEP_SHARE
        || bend.endsWithin(n - from)) {
      return null;
    }
    return new Finding(Channel.ONSET, from, n, bend.evidence());
  }

  long retainedBytes() {
    return 16L * REMEMBERED + 16;
  }
}
