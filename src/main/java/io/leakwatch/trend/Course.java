package io.leakwatch.trend;

/**
 * The course of one figure: the lowest value of each minute, of each twelfth of an hour and of each
 * hour, in rings. Garbage, bursts and batches vanish from a floor once its stretch is as long as
 * their period.
 *
 * <p>Hours are counted from the first value, which may come long after the first sample of the
 * process: an allocator's figures wait for a walk. A stretch without a sample repeats the floor
 * before it. Where samples are missing for clearly longer than they usually are apart, the hour
 * counts as unseen, and nothing is judged in it; what was growing is taken to have grown evenly
 * meanwhile.
 */
final class Course {
  static final int FINE_PER_HOUR = 12;
  static final int MINUTES = 32;
  static final int FINE = 160;
  private static final int MINUTES_PER_HOUR = 60;

  /** A high is kept of so many hours. */
  private static final int HIGH_HOURS = 6;

  /** What closes while a sample is taken, in the order of time. */
  interface Listener {
    void minute();

    void fine();

    /**
     * An hour has closed.
     *
     * @param seen whether a sample fell into it
     */
    void hour(boolean seen);
  }

  private final NewestSamples newest = new NewestSamples();
  private final float[] minutes = new float[MINUTES];
  private final float[] fine = new float[FINE];
  private final float[] fineMeans = new float[FINE];
  private final float[] hours;
  private final float[] highs;
  private final Gaps gaps = new Gaps();

  private double begin = Double.NaN;
  private double lastHours = Double.NaN;
  private double lastValue = Double.NaN;
  private long minuteOpen;
  private long minuteCount;
  private float minuteFloor = Float.POSITIVE_INFINITY;
  private long fineCount;
  private float fineFloor = Float.POSITIVE_INFINITY;
  private double fineSum;
  private int fineSamples;
  private float hourFloor = Float.POSITIVE_INFINITY;
  private float hourHigh = Float.NEGATIVE_INFINITY;
  private int hourFines;
  private long hourCount;
  private long unseenHour = Long.MIN_VALUE;

  /**
   * @param hoursKept how many hours are remembered, a multiple of {@link #HIGH_HOURS}
   */
  Course(int hoursKept) {
    hours = new float[hoursKept];
    highs = new float[hoursKept / HIGH_HOURS + 1];
  }

  void clear() {
    begin = Double.NaN;
    lastHours = Double.NaN;
    lastValue = Double.NaN;
    newest.clear();
    minuteOpen = 0;
    minuteCount = 0;
    minuteFloor = Float.POSITIVE_INFINITY;
    fineCount = 0;
    fineFloor = Float.POSITIVE_INFINITY;
    fineSum = 0;
    fineSamples = 0;
    hourFloor = Float.POSITIVE_INFINITY;
    hourHigh = Float.NEGATIVE_INFINITY;
    hourFines = 0;
    hourCount = 0;
    unseenHour = Long.MIN_VALUE;
    gaps.clear();
  }

  /**
   * The time of this course.
   *
   * @param elapsedHours since the first sample of the process, never falling
   * @return hours since the first value was about to be taken; begun hours count, so that the hours
   *     of all figures of a process close together
   */
  double time(double elapsedHours) {
    if (Double.isNaN(begin)) {
      begin = Math.floor(elapsedHours);
    }
    return elapsedHours - begin;
  }

  /** Whole hours from the first sample of the process to the begin of this course. */
  double begin() {
    return begin;
  }

  /**
   * Takes a value.
   *
   * @param elapsedHours since the first value, never falling
   * @param grows whether it is known to be growing
   */
  void accept(double elapsedHours, double value, boolean grows, Listener listener) {
    if (Double.isNaN(lastHours)) {
      lastValue = value;
    }
    boolean gap = !Double.isNaN(lastHours) && gaps.isOne((float) (elapsedHours - lastHours));
    long fineNow = (long) (elapsedHours * FINE_PER_HOUR);
    if (fineNow > fineCount && fineSamples > 0) {
      closeFine(fineFloor, (float) (fineSum / fineSamples), true, listener);
    }
    long first = Math.max(fineCount, fineNow - (long) hours.length * FINE_PER_HOUR);
    for (long i = first; i < fineNow; i++) { // What is older than all that is kept is left out.
      double way = gap && grows ? (i - first + 1.0) / (fineNow - first + 1) : 0;
      float between = (float) (lastValue + way * (value - lastValue));
      closeFine(between, between, !gap, listener);
    }
    newest.add(elapsedHours, (float) value);
    minute(elapsedHours, value, listener);
    fineFloor = Math.min(fineFloor, (float) value);
    fineSum += value;
    fineSamples++;
    lastHours = elapsedHours;
    lastValue = value;
  }

  private void minute(double elapsedHours, double value, Listener listener) {
    long now = (long) (elapsedHours * MINUTES_PER_HOUR);
    if (now != minuteOpen) {
      if (now == minuteOpen + 1 && minuteFloor < Float.POSITIVE_INFINITY) {
        minutes[(int) (minuteCount++ % MINUTES)] = minuteFloor;
        listener.minute();
      } else {
        minuteCount = 0; // Minutes count only while there is a sample in each.
      }
      minuteOpen = now;
      minuteFloor = Float.POSITIVE_INFINITY;
    }
    minuteFloor = Math.min(minuteFloor, (float) value);
  }

  private void closeFine(float floor, float mean, boolean seen, Listener listener) {
    int at = (int) (fineCount % FINE);
    fine[at] = floor;
    fineMeans[at] = mean;
    fineCount++;
    fineFloor = Float.POSITIVE_INFINITY;
    fineSum = 0;
    fineSamples = 0;
    hourFloor = Math.min(hourFloor, floor);
    hourHigh = Math.max(hourHigh, mean);
    if (!seen) {
      unseenHour = hourCount;
    }
    listener.fine();
    if (++hourFines == FINE_PER_HOUR) {
      int hour = (int) (hourCount % hours.length);
      hours[hour] = hourFloor;
      int high = (int) (hourCount / HIGH_HOURS % highs.length);
      boolean first = hourCount % HIGH_HOURS == 0;
      highs[high] = first ? hourHigh : Math.max(highs[high], hourHigh);
      hourCount++;
      hourFines = 0;
      hourFloor = Float.POSITIVE_INFINITY;
      hourHigh = Float.NEGATIVE_INFINITY;
      listener.hour(unseenHour != hourCount - 1);
    }
  }

  /** Closed hours since the first sample. */
  long hourCount() {
    return hourCount;
  }

  /** The oldest hour that is kept. */
  long firstHour() {
    return Math.max(0, hourCount - hours.length);
  }

  /** Closed twelfths of an hour since the first sample. */
  long fineCount() {
    return fineCount;
  }

  /** Minutes in a row that had a sample each. */
  long minuteCount() {
    return minuteCount;
  }

  /** The newest hour in which nothing was seen; far in the past where there was none. */
  long unseenHour() {
    return unseenHour;
  }

  float hour(long index) {
    return hours[(int) (index % hours.length)];
  }

  /**
   * The highest mean of a twelfth of an hour among what ended before some twelfths ago; 0 where
   * nothing is known. What is older than half a day is known to six hours.
   */
  double highBefore(long finesAgo) {
    long end = fineCount - finesAgo;
    float high = 0;
    for (long i = Math.max(0, fineCount - FINE); i < end; i++) {
      high = Math.max(high, fineMeans[(int) (i % FINE)]);
    }
    for (long i = firstHour() / HIGH_HOURS;
        (i + 1) * HIGH_HOURS * FINE_PER_HOUR <= Math.min(end, hourCount * FINE_PER_HOUR);
        i++) {
      high = Math.max(high, highs[(int) (i % highs.length)]);
    }
    return high;
  }

  /** The mean of the newest closed twelfth of an hour. */
  double newestMean() {
    return fineMeans[(int) ((fineCount - 1) % FINE)];
  }

  /**
   * The newest samples themselves, where they are about equally far apart.
   *
   * @return the hours that they span, 0 where they are too few or not even
   */
  double newestSamples(double[] values) {
    return newest.even(values, lastHours);
  }

  /**
   * How fast the newest samples rise, where each is above the one before.
   *
   * @param samples that are read
   * @return per hour, 0 where one of them falls or there are fewer
   */
  double newestPace(int samples) {
    return newest.pace(samples, lastHours, lastValue);
  }

  /** Hours that the newest samples span, 0 where there are fewer. */
  double newestSpan(int samples) {
    return newest.span(samples, lastHours);
  }

  /** The newest value. */
  double newest() {
    return lastValue;
  }

  double[] hours(int most) {
    double[] floors = new double[(int) Math.min(most, hourCount - firstHour())];
    for (int i = 0; i < floors.length; i++) {
      floors[i] = hour(hourCount - floors.length + i);
    }
    return floors;
  }

  /** Lowest value of {@code count} twelfths of an hour from one on. */
  double fineFloor(long from, int count) {
    float least = Float.POSITIVE_INFINITY;
    int at = (int) (from % FINE);
    for (int i = 0; i < count; i++) {
      least = fine[at] < least ? fine[at] : least;
      at = at + 1 == FINE ? 0 : at + 1;
    }
    return least;
  }

  /** Lowest value of {@code count} minutes from one on. */
  double minuteFloor(long from, int count) {
    float least = Float.POSITIVE_INFINITY;
    for (long i = from; i < from + count; i++) {
      least = Math.min(least, minutes[(int) (i % MINUTES)]);
    }
    return least;
  }

  long retainedBytes() {
    return 4L * (MINUTES + 2 * FINE + hours.length + highs.length + Gaps.INTERVALS) + 120;
  }
}
