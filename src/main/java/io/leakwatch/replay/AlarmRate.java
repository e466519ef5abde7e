package io.leakwatch.replay;

/**
 * How often an alarm comes, as far as a time of watching can tell: no alarm within a month does not
 * mean that none comes in three.
 *
 * @param episodes alarms after at least a day of quiet
 * @param days process-days that were watched
 */
public record AlarmRate(long episodes, double days) {
  /** The days that count as a month. */
  public static final double MONTH_DAYS = 30;

  private static final double TAIL = 0.025;

  /** Alarms a month for one process; {@code NaN} where nothing was watched. */
  public double perMonth() {
    return per(MONTH_DAYS, (double) episodes);
  }

  /** The lower end of the exact 95 % interval of {@link #perMonth}. */
  public double perMonthAtLeast() {
    return per(MONTH_DAYS, bound(episodes, false));
  }

  /** The upper end of it. */
  public double perMonthAtMost() {
    return per(MONTH_DAYS, bound(episodes, true));
  }

  private double per(double span, double count) {
    return days > 0 ? span * count / days : Double.NaN;
  }

  /** Garwood's exact bounds on the mean of a Poisson count, by bisection. */
  public static double bound(long count, boolean upper) {
    if (count == 0 && !upper) {
      return 0;
    }
    double low = 0;
    double high = 10 + 4.0 * count;
    for (int k = 0; k < 100; k++) {
      double mean = (low + high) / 2;
      double atMost = atMost(upper ? count : count - 1, mean);
      boolean above = upper ? atMost > TAIL : 1 - atMost < TAIL;
      low = above ? mean : low;
      high = above ? high : mean;
    }
    return (low + high) / 2;
  }

  /** The chance of at most {@code count}, summed in logarithms: a mean of 1000 underflows else. */
  private static double atMost(long count, double mean) {
    double logTerm = -mean;
    double sum = Math.exp(logTerm);
    for (long k = 1; k <= count; k++) {
      logTerm += Math.log(mean / k);
      sum += Math.exp(logTerm);
    }
    return sum;
  }
}
