package io.leakwatch.trend;

/** Which test found a growth. */
public enum Channel {
  /** Nothing grows. */
  NONE,
  /** Minutes: a steep, steady rise towards a limit. */
  SURGE,
  /** Hours: a process that used to be level has begun to rise. */
  ONSET,
  /** Days: the floor of each day lies above that of the day before. */
  CHRONIC,
  /** Days: it rises since its start, and warming up does not explain it. */
  BIRTH,
  /** Lives: it rises at the same pace after each restart. */
  LIVES
}
