package io.leakwatch.trend;

/**
 * What is known of a process beside the figure that is judged.
 *
 * @param ageHours of the process, no less than what was watched of it
 * @param watchedHours since the first value of the figure
 * @param siblingDays that others of its build have lived and do not grow now; 0 where unknown
 * @param statedBytes the size that it says it will fill; 0 where it says none
 */
record Circumstances(double ageHours, double watchedHours, double siblingDays, double statedBytes) {
  static final Circumstances UNKNOWN = new Circumstances(0, 0, 0, 0);

  /** The rest of a process lies on top of what it fills. */
  private static final double BESIDE = 1.1;

  /** The same for a figure that has been watched for so long. */
  Circumstances watched(double hours) {
    return new Circumstances(Math.max(hours, ageHours), hours, siblingDays, statedBytes);
  }

  /** The same for a figure that the stated size says nothing about. */
  Circumstances withoutStatedSize() {
    return new Circumstances(ageHours, watchedHours, siblingDays, 0);
  }

  /** Age that nobody watched. */
  double unwatchedHours() {
    return unwatchedHours(watchedHours);
  }

  /** The same where no more than the first so many of the watched hours are judged. */
  double unwatchedHours(double judgedHours) {
    return Math.max(0, ageHours - judgedHours);
  }

  /** How many fills that were announced reach beyond a level: one or none. */
  int announcedFills(double level) {
    return level < BESIDE * statedBytes ? 1 : 0;
  }

  /** The same where the fill would end below a limit. */
  int announcedFills(double level, double limit) {
    return limit > BESIDE * statedBytes ? announcedFills(level) : 0;
  }
}
