package io.leakwatch.diagnose;

import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;
import io.leakwatch.trend.Channel;
import io.leakwatch.trend.Growth;
import io.leakwatch.trend.Trend;
import io.leakwatch.trend.TrendSettings;
import org.jspecify.annotations.Nullable;

/**
 * Dates the begin of a growth, and says how well.
 *
 * <p>The detector says that a process grows as soon as it is sure, and from where on it was sure.
 * What caused the growth is asked for at its begin, which is often hours away from there. So the
 * begin is looked for again with what came after, for one cycle (a day), by a {@link KinkFit} of
 * the lows of each stretch (an hour); from then on it stays, for a growth that bends later would
 * draw it along. Where the fit leaves more than a cycle open, as under a load that swings by more
 * than the growth, the detector's time is taken, with a quarter of a cycle to either side.
 *
 * <p>A surge is dated by the detector's own closer points. Growth that was found because it has
 * gone on since the start of the process, or in every life, began with the life, or while it warmed
 * up.
 */
final class OnsetDating {
  private static final int CYCLES_BEFORE = 5;

  /** A growth that is found after more than so many cycles is dated by the detector alone. */
  private static final int CYCLES_KEPT = 16;

  private static final double OF_CYCLE_WITHOUT_FIT = 0.25;

  /** A tenth of the time since: what rises for an hour may have begun some minutes before. */
  private static final double OF_SURGE = 0.1;

  private final TrendSettings settings;
  private final double width;
  private final int cycle;
  private final LowRing anonymous;
  private final LowRing inUse;
  private double sinceSeconds = Double.NaN;
  private Channel channel = Channel.NONE;
  private long foundBin;
  private long fittedBin = -1;
  private @Nullable Onset onset;

  /** The lows of the newest stretches of a life. */
  private static final class LowRing {
    private final float[] lows;
    private long newest = -1;
    private long first;

    LowRing(int size) {
      lows = new float[size];
    }

    void clear() {
      newest = -1;
    }

    void accept(long bin, double value) {
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
      lows[at] = bin == newest ? Math.min(lows[at], (float) value) : (float) value;
      newest = bin;
    }

    /** The first stretch that is still known. */
    long first() {
      return Math.max(first, newest - lows.length + 1);
    }

    /** From a stretch to before another, both known. */
    double[] slice(long from, long to) {
      double[] slice = new double[(int) (to - from)];
      for (int i = 0; i < slice.length; i++) {
        slice[i] = lows[(int) ((from + i) % lows.length)];
      }
      return slice;
    }
  }

  OnsetDating(TrendSettings settings) {
    this.settings = settings;
    this.width = settings.floorWidth().toNanos() / 1e9;
    this.cycle = settings.floorsPerCycle();
    int size = Math.min(CYCLES_KEPT, settings.memoryCycles()) * cycle;
    this.anonymous = new LowRing(size);
    this.inUse = new LowRing(size);
  }

  /** The sample that comes next is the first of another incarnation. */
  void restart() {
    anonymous.clear();
    inUse.clear();
    forget();
  }

  private void forget() {
    sinceSeconds = Double.NaN;
    channel = Channel.NONE;
    onset = null;
  }

  /** Takes a sample, and how the process moves with it. */
  void accept(Trend trend, Sample sample) {
    long bin = (long) (trend.observedSeconds() / width);
    double resident = sample.get(Signal.RSS_ANON_BYTES);
    anonymous.accept(bin, Double.isNaN(resident) ? sample.get(Signal.RSS_BYTES) : resident);
    inUse.accept(bin, sample.get(Signal.IN_USE_BYTES));
  }

  /**
   * When a growth began.
   *
   * @param growth that was found, its times in those of the samples
   * @param lifeSeconds when the process began, as far as that is known
   */
  @Nullable Onset date(Trend trend, Growth growth, double lifeSeconds) {
    double firstSeconds = trend.timeSeconds() - trend.observedSeconds();
    long bin = (long) (trend.observedSeconds() / width);
    boolean news =
        growth.channel() != channel || Math.abs(growth.sinceSeconds() - sinceSeconds) > width / 2;
    if (news) {
      forget();
      sinceSeconds = growth.sinceSeconds();
      channel = growth.channel();
      foundBin = bin;
      fittedBin = -1;
    }
    if (onset != null && (bin == fittedBin || bin > foundBin + cycle)) {
      return onset;
    }
    fittedBin = bin;
    onset =
        switch (growth.channel()) {
          case NONE -> null;
          case SURGE -> surge(trend);
          case BIRTH, LIVES -> new Onset(lifeSeconds, lifeSeconds, sinceSeconds, true);
          case ONSET, CHRONIC -> fitted(trend, growth, firstSeconds, lifeSeconds, bin);
        };
    return onset;
  }

  private Onset surge(Trend trend) {
    double error =
        Math.max(
            2 * settings.pointWidth().toNanos() / 1e9,
            OF_SURGE * (trend.timeSeconds() - sinceSeconds));
    return new Onset(sinceSeconds - error, sinceSeconds, sinceSeconds + error, false);
  }

  private Onset fitted(
      Trend trend, Growth growth, double firstSeconds, double lifeSeconds, long bin) {
    long since = Math.round((sinceSeconds - firstSeconds) / width);
    boolean used = growth.signal() == Signal.IN_USE_BYTES;
    Growth other = trend.inUse();
    used |= other != null && other.found() && inUse.first() <= anonymous.first();
    LowRing ring = used ? inUse : anonymous;
    long from = Math.max(ring.first(), since - (long) CYCLES_BEFORE * cycle);
    long to = Math.min(bin, ring.newest + 1);
    KinkFit.Place place =
        ring.newest < 0 || to <= from
            ? KinkFit.Place.UNKNOWN
            : KinkFit.find(ring.slice(from, to), (int) Math.max(0, since - from), cycle);
    if (!place.isKnown() || place.latest() - place.earliest() > cycle) {
      double error = OF_CYCLE_WITHOUT_FIT * cycle * width;
      return within(lifeSeconds, sinceSeconds - error, sinceSeconds, sinceSeconds + error);
    }
    double zero = firstSeconds + from * width;
    boolean fromStart = from == 0 && place.earliest() == 0;
    return within(
        lifeSeconds,
        fromStart ? lifeSeconds : zero + place.earliest() * width,
        zero + place.best() * width,
        zero + place.latest() * width);
  }

  private static Onset within(double lifeSeconds, double earliest, double time, double latest) {
    return new Onset(
        Math.max(lifeSeconds, earliest),
        Math.max(lifeSeconds, time),
        Math.max(lifeSeconds, latest),
        false);
  }
}
