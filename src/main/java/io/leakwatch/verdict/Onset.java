package io.leakwatch.verdict;

/**
 * When a growth began. All times in those of the samples.
 *
 * @param earliestSeconds it began not before this, as far as nine of ten times are far
 * @param timeSeconds the likeliest time
 * @param latestSeconds it began not after this
 * @param sinceStart whether it has gone on since the process began: what lies before the likeliest
 *     time is another incarnation, and warming up hides when within this one it began
 */
record Onset(double earliestSeconds, double timeSeconds, double latestSeconds, boolean sinceStart) {

  /** Half of what it is uncertain by. */
  double errorSeconds() {
    return (latestSeconds - earliestSeconds) / 2;
  }
}
