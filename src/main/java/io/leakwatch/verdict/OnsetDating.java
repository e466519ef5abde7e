package io.leakwatch.verdict;

import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.trend.Growth;
import io.leakwatch.trend.Trend;
import org.jspecify.annotations.Nullable;

/**
 * Dates the begin of a growth, and says how well.
 *
 * <p>The detector says that a process grows as soon as it is sure, and from where on it was sure.
 * What caused the growth is asked for at its begin, which is often hours away from there. So the
 * begin is searched for again with what came after, for one day, by a {@link KinkFit} of the lows
 * of each hour; from then on it stays, for a growth that bends later would draw it along. A rise
 * that may have begun with the process, as far as the fit can tell, is one that warming up hides:
 * its begin lies between the start and the latest time of the fit. Where the fit leaves more than a
 * day open, as under a load that swings by more than the growth, the detector's time is taken, with
 * a quarter of a day to either side.
 *
 * <p>A growth of minutes is dated by the detector's own closer points.
 */
final class OnsetDating {
  private static final int DAYS_BEFORE = 5;

  /** A growth that is found after more than so many days is dated by the detector alone. */
  private static final int DAYS_KEPT = 12;

  private static final double OF_DAY_WITHOUT_FIT = 0.25;

  /** A tenth of the time since: what rises for an hour may have begun some minutes before. */
  private static final double OF_QUICK = 0.1;

  /** Of an hour: the detector's points of a quick growth are two minutes apart. */
  private static final double QUICK_ERROR_OF_HOUR = 1 / 15.0;

  private final Days days;
  private final LowRing anonymous;
  private final LowRing inUse;
  private double sinceSeconds = Double.NaN;
  private boolean quick;
  private long foundHour;
  private long fittedHour = -1;
  private @Nullable Onset onset;

  /** The lows of the newest hours of an incarnation, and when in its hour each was seen. */
  private static final class LowRing {
    private static final int PARTS = 1 << Byte.SIZE;

    private final float[] lows;
    private final byte[] parts;
    private long newest = -1;
    private long first;

    LowRing(int size) {
      lows = new float[size];
      parts = new byte[size];
    }

    void clear() {
      newest = -1;
    }

    void accept(double hours, double value) {
      long bin = (long) hours;
      if (!(value >= 0 && value < Double.POSITIVE_INFINITY) || bin < newest) {
        return;
      }
      if (newest < 0) {
        first = bin;
      }
      for (long i = Math.max(newest + 1, bin - lows.length + 1); newest >= 0 && i < bin; i++) {
        lows[(int) (i % lows.length)] = Float.NaN;
      }
      int at = (int) (bin % lows.length);
      if (bin != newest || value < lows[at]) {
        lows[at] = (float) value;
        parts[at] = (byte) ((hours - bin) * PARTS);
      }
      newest = bin;
    }

    /** The hour after the newest. */
    long end() {
      return newest + 1;
    }

    /** The first hour that is still known. */
    long first() {
      return Math.max(first, newest - lows.length + 1);
    }

    /** From an hour to before another, both known. */
    double[] slice(long from, long to) {
      double[] slice = new double[(int) (to - from)];
      for (int i = 0; i < slice.length; i++) {
        slice[i] = lows[(int) ((from + i) % lows.length)];
      }
      return slice;
    }

    /** When each of a slice was seen, in hours after its own began. */
    double[] seen(long from, long to) {
      double[] seen = new double[(int) (to - from)];
      for (int i = 0; i < seen.length; i++) {
        seen[i] = Byte.toUnsignedInt(parts[(int) ((from + i) % parts.length)]) / (double) PARTS;
      }
      return seen;
    }
  }

  OnsetDating(Days days) {
    this.days = days;
    this.anonymous = new LowRing(DAYS_KEPT * days.hoursPerDay());
    this.inUse = new LowRing(DAYS_KEPT * days.hoursPerDay());
  }

  /** The sample that comes next is the first of another incarnation. */
  void restart() {
    anonymous.clear();
    inUse.clear();
    sinceSeconds = Double.NaN;
    onset = null;
  }

  /** Takes a sample, and how the process moves with it. */
  void accept(Trend trend, Sample sample) {
    double hours = hours(trend);
    double resident = sample.get(Signal.RSS_ANON_BYTES);
    anonymous.accept(hours, Double.isNaN(resident) ? sample.get(Signal.RSS_BYTES) : resident);
    inUse.accept(hours, sample.get(Signal.IN_USE_BYTES));
  }

  private double hours(Trend trend) {
    return trend.observed().seconds() / days.hourSeconds();
  }

  /**
   * When a growth began.
   *
   * @param growth that was found, its times in those of the samples
   * @param lifeSeconds when the process began, as far as that is known
   */
  Onset date(Trend trend, Growth growth, double lifeSeconds) {
    long hour = (long) hours(trend);
    boolean same =
        growth.isQuick() == quick
            && Math.abs(growth.sinceSeconds() - sinceSeconds) <= days.hourSeconds() / 2;
    Onset known = same ? onset : null;
    if (!same) {
      sinceSeconds = growth.sinceSeconds();
      quick = growth.isQuick();
      foundHour = hour;
    }
    if (known == null || (hour != fittedHour && hour <= foundHour + days.hoursPerDay())) {
      known = quick ? quick(trend) : fitted(trend, growth, lifeSeconds);
      onset = known;
      fittedHour = hour;
    }
    return known;
  }

  private Onset quick(Trend trend) {
    double error =
        Math.max(
            QUICK_ERROR_OF_HOUR * days.hourSeconds(),
            OF_QUICK * (trend.observed().timeSeconds() - sinceSeconds));
    return new Onset(sinceSeconds - error, sinceSeconds, sinceSeconds + error, false);
  }

  private Onset fitted(Trend trend, Growth growth, double lifeSeconds) {
    double width = days.hourSeconds();
    double firstSeconds = trend.observed().timeSeconds() - trend.observed().seconds();
    long since = Math.round((sinceSeconds - firstSeconds) / width);
    LowRing ring = ring(trend, growth);
    long from = Math.max(ring.first(), since - (long) DAYS_BEFORE * days.hoursPerDay());
    long to = Math.min((long) hours(trend), ring.end());
    KinkFit.Place place =
        to <= from
            ? KinkFit.Place.UNKNOWN
            : KinkFit.find(
                ring.slice(from, to),
                ring.seen(from, to),
                (int) Math.max(0, since - from),
                days.hoursPerDay());
    double zero = firstSeconds + from * width;
    if (place.isKnown() && from == 0 && place.earliest() == 0) {
      double latest = Math.max(lifeSeconds, zero + place.latest() * width);
      return place.best() <= 1
          ? new Onset(lifeSeconds, lifeSeconds, latest, true)
          : new Onset(lifeSeconds, zero + place.best() * width, latest, false);
    }
    if (!place.isKnown() || place.latest() - place.earliest() > days.hoursPerDay()) {
      double error = OF_DAY_WITHOUT_FIT * days.daySeconds();
      return new Onset(
          Math.max(lifeSeconds, sinceSeconds - error), sinceSeconds, sinceSeconds + error, false);
    }
    return new Onset(
        zero + place.earliest() * width,
        zero + place.best() * width,
        zero + place.latest() * width,
        false);
  }

  /** What is in use has less noise, but it is read more rarely, and not in every process. */
  private LowRing ring(Trend trend, Growth growth) {
    Growth used = trend.inUse();
    boolean asWell = used != null && used.found() && inUse.first() <= anonymous.first();
    return growth.signal() == Signal.IN_USE_BYTES || asWell ? inUse : anonymous;
  }
}
