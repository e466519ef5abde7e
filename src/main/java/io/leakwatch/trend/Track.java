package io.leakwatch.trend;

import io.leakwatch.history.Signal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One signal of one incarnation under all tests, and the growth that was found in it.
 *
 * <p>A growth that was found is kept until it has ceased: no new high for a while, or more than
 * half of the rise given back. So a leak that pauses over night stays one leak.
 */
final class Track {
  private static final double GIVEN_BACK = 0.5;
  private static final int SURGE_HOLD_FLOORS = 5;
  private static final double BEYOND_PLATEAU = 0.1;
  private static final int PLATEAU_CYCLES = 3;
  private static final int RETURNED_CYCLES = 1;

  private final Signal signal;
  private final TrendSettings settings;
  private final Floors floors;
  private final WatchedTime watched;
  private final Highest highest;
  private final SurgeTest surgeTest;
  private final MatchedTest matchedTest;
  private final FormerLives formerLives;
  private final SameSlopes sameSlopes;
  private final OnsetTest onsetTest;
  private final RecordTest recordTest;
  private final ChronicTest chronicTest;
  private final CycleRise cycleRise;
  private final BirthTest birthTest;
  private final ClimbTest climbTest;
  private final MeanRiseTest meanRiseTest;

  private Channel channel = Channel.NONE;
  private double sinceElapsed = Double.NaN;
  private double startLevel = Double.NaN;
  private double surgeRate = Double.NaN;
  private boolean steep;
  private double beyondPlateau = Double.NaN;
  private double rememberedUntilElapsed = Double.NaN;
  private double nextPointElapsed = Double.NEGATIVE_INFINITY;
  private double pointFloor = Double.NaN;
  private double newest = Double.NaN;
  private double newestLimit = Double.NaN;
  private double bendEvidence = Double.NEGATIVE_INFINITY;
  private @Nullable Growth growth;

  Track(Signal signal, TrendSettings settings) {
    this.signal = signal;
    this.settings = settings;
    this.floors =
        signal == Signal.IN_USE_BYTES
            ? new Floors(settings.capacity(), settings.floorsPerCycle(), settings.floorsPerCycle())
            : Floors.ofCycles(settings);
    this.watched = new WatchedTime(settings.floorSeconds());
    this.highest = new Highest(watched);
    this.surgeTest = new SurgeTest(settings);
    this.matchedTest = new MatchedTest(settings, signal == Signal.IN_USE_BYTES);
    this.formerLives = new FormerLives(settings);
    this.sameSlopes = new SameSlopes(settings);
    this.onsetTest =
        new OnsetTest(
            settings,
            signal == Signal.IN_USE_BYTES ? settings.inUseOnsetWindow() : settings.onsetWindow());
    this.recordTest = new RecordTest(settings);
    this.cycleRise = new CycleRise(settings);
    this.chronicTest = new ChronicTest(settings);
    this.birthTest = new BirthTest(settings);
    this.climbTest = new ClimbTest(settings);
    this.meanRiseTest = new MeanRiseTest(settings);
  }

  /**
   * @param pauseSeconds from the last sample of the former life to the first one of the next
   */
  void restart(double pauseSeconds) {
    formerLives.ended(floors.toArray());
    sameSlopes.ended(pauseSeconds);
    matchedTest.clear();
    floors.clear();
    watched.clear();
    surgeTest.clear();
    nextPointElapsed = Double.NEGATIVE_INFINITY;
    cease();
    rememberedUntilElapsed = Double.NaN;
    growth = null;
  }

  private void cease() {
    channel = Channel.NONE;
    steep = false;
    cycleRise.clear();
    sinceElapsed = Double.NaN;
    startLevel = Double.NaN;
    bendEvidence = Double.NEGATIVE_INFINITY;
  }

  Floors floors() {
    return floors;
  }

  /** Takes a value; says whether the growth was judged anew. */
  boolean accept(long bin, double elapsed, double value, double limit, LoadCourse load) {
    int before = floors.size();
    long firstBefore = floors.firstBin();
    watched.accept(elapsed);
    floors.accept(bin, value);
    boolean judged = floors.size() != before || floors.firstBin() != firstBefore;
    boolean matched = matchedTest.accept(elapsed, value, load);
    sameSlopes.accept(elapsed, value, limit);
    pointFloor = Double.isNaN(pointFloor) ? value : Math.min(pointFloor, value);
    if (elapsed >= nextPointElapsed) {
      boolean ready = floors.size() >= settings.surgeHistory();
      SurgeTest.Surge surge = surgeTest.accept(elapsed, pointFloor, limit, ready);
      double width = settings.pointWidth().toNanos() / 1e9;
      nextPointElapsed = elapsed + 0.9 * width;
      pointFloor = Double.NaN;
      if (surge.found()) {
        begin(surge, elapsed, value);
        judged = true;
      }
    }
    newest = value;
    newestLimit = limit;
    boolean open = matched && channel != Channel.SURGE;
    Finding begun =
        open ? ifNews(matchedTest.find(floors.size(), value, smallestMatchedRise())) : null;
    if (judged || begun != null) {
      judge(elapsed, begun);
    }
    return judged || begun != null;
  }

  private void begin(SurgeTest.Surge surge, double elapsed, double value) {
    if (channel == Channel.NONE) {
      channel = Channel.SURGE;
      steep = true;
      sinceElapsed = surge.sinceElapsed();
      startLevel = value - surge.rise();
    }
    surgeRate = surge.bytesPerSecond();
    highest.reached(elapsed, value);
  }

  private double smallestRise() {
    double limit = Double.isNaN(newestLimit) ? 0 : newestLimit;
    return Math.max(settings.minimumRiseBytes(), settings.minimumLimitShare() * limit);
  }

  private double smallestMatchedRise() {
    return signal == Signal.IN_USE_BYTES
        ? Math.max(settings.minimumRiseBytes(), settings.inUseRelativeRise() * newest)
        : Math.max(smallestRise(), settings.minimumRelativeRise() * newest);
  }

  private @Nullable Finding ifNews(@Nullable Finding finding) {
    return finding != null
            && FormerHeights.areExceeded(floors.toArray(), finding, settings.floorsPerCycle())
        ? finding
        : null;
  }

  private @Nullable Finding slower(double[] z) {
    double smallestRise = smallestRise();
    Finding finding = onsetTest.find(z, smallestRise);
    if (finding == null || matchedTest.denies()) {
      finding = recordTest.find(z, smallestRise);
    }
    finding = ifNews(finding);
    if (finding == null) {
      finding = chronicTest.find(z, smallestRise);
    }
    boolean doubted = finding != null && !matchedTest.allows();
    if (finding == null || doubted) {
      finding = climbTest.find(z, smallestRise);
    }
    if (finding == null) {
      finding = meanRiseTest.find(z, smallestRise);
    }
    if (finding == null && !doubted) {
      finding = formerLives.find(z, smallestRise);
    }
    if (finding == null && !doubted && floors.firstBin() == 0) {
      finding = birthTest.find(z, newestLimit);
    }
    if (finding == null) {
      finding = sameSlopes.find(z, smallestRise);
    }
    return finding;
  }

  private void judge(double elapsed, @Nullable Finding begun) {
    double[] z = floors.toArray();
    int n = z.length;
    if (n == 0) {
      return;
    }
    Finding finding = begun == null ? slower(z) : begun;
    if (finding != null && !isRememberedRise(elapsed, z[n - 1])) {
      if (channel == Channel.NONE || channel == Channel.SURGE) {
        // The time counts in whole floors, so that a figure over it can be recomputed from them.
        sinceElapsed = (floors.firstBin() + finding.from()) * settings.floorSeconds();
        startLevel = z[finding.from()];
        highest.begin();
      }
      channel = finding.channel();
      cycleRise.accept(finding, watched.now());
      bendEvidence = finding.bendEvidence();
      highest.rising(elapsed);
    }
    if (channel != Channel.NONE) {
      keepOrCease(elapsed, z);
    }
    growth = describe(z);
  }

  private void keepOrCease(double elapsed, double[] z) {
    double level = channel == Channel.SURGE ? newest : z[z.length - 1];
    highest.accept(elapsed, level, startLevel);
    boolean silent = highest.silentSeconds() > hold() * settings.floorSeconds();
    double half = startLevel + GIVEN_BACK * (highest.level() - startLevel);
    boolean returned = level < half && (channel == Channel.SURGE || stayedBelow(half, z));
    boolean slow = channel == Channel.CHRONIC || channel == Channel.BIRTH;
    if (silent || (returned && !slow && !cycleRise.counts(watched.now()))) {
      if (steep) {
        beyondPlateau = highest.level() + BEYOND_PLATEAU * (highest.level() - startLevel);
        int cycles = returned ? RETURNED_CYCLES : PLATEAU_CYCLES;
        rememberedUntilElapsed = elapsed + cycles * settings.cycleSeconds();
      }
      cease();
    }
  }

  /** Garbage that was collected gathers again; what is freed for good stays away. */
  private boolean stayedBelow(double level, double[] z) {
    int from = Math.max(0, z.length - Math.max(1, matchedTest.gathering()));
    return RobustStatistics.max(z, from, z.length) < level;
  }

  /** What rose within minutes or hours has ended when it has stood still for as long as it rose. */
  private double hold() {
    double longest = settings.floorsPerCycle() * 1.25;
    double rose = (highest.elapsed() - sinceElapsed) / settings.floorSeconds();
    return steep ? Math.max(SURGE_HOLD_FLOORS, Math.min(longest, rose)) : longest;
  }

  /**
   * Whether what was found is a surge that has ended, seen again by slower tests: they look at lows
   * of hours, which go on rising for as long after it.
   */
  private boolean isRememberedRise(double elapsed, double level) {
    return steep
        ? highest.silentSeconds() > settings.floorSeconds()
        : elapsed < rememberedUntilElapsed && level < beyondPlateau;
  }

  private Growth describe(double[] z) {
    int n = z.length;
    double width = settings.floorSeconds();
    double level = z[n - 1];
    if (channel == Channel.NONE) {
      int from = Math.max(0, n - settings.floorsPerCycle());
      double[] daily = Envelope.trailingMin(z, settings.floorsPerCycle());
      double rate = n > 1 ? (daily[n - 1] - daily[from]) / Math.max(1, n - 1 - from) / width : 0;
      return Growth.none(signal, QuietPattern.of(z, settings), rate, level);
    }
    long sinceFloor = Math.round(sinceElapsed / width) - floors.firstBin();
    int from = (int) Math.max(0, Math.min(n - 2, sinceFloor));
    int window = n - from;
    RobustStatistics.Line line = RobustStatistics.line(z, from, n);
    double rate = channel == Channel.SURGE ? surgeRate : line.slope() / width;
    double rise = (channel == Channel.SURGE ? newest : level) - startLevel;
    if (cycleRise.counts(watched.now())) {
      rate = Math.max(rate, cycleRise.bytesPerSecond());
      rise = Math.max(rise, cycleRise.bytes());
    }
    int rising = 0;
    for (int i = Math.max(1, from); i < n; i++) {
      rising += z[i] > z[i - 1] ? 1 : 0;
    }
    return new Growth(
        signal,
        Pattern.GROWING,
        channel,
        sinceElapsed,
        rate,
        line.slopeError() / width,
        level,
        rise,
        rising,
        window,
        bendEvidence,
        channel == Channel.LIVES ? sameSlopes.slopes() : List.of());
  }

  /** Whether it grows by what the load does not explain. */
  boolean growsBesideLoad() {
    return cycleRise.isBesideLoad();
  }

  @Nullable Growth growth() {
    return growth;
  }

  long retainedBytes() {
    return floors.retainedBytes()
        + surgeTest.retainedBytes()
        + matchedTest.retainedBytes()
        + formerLives.retainedBytes()
        + sameSlopes.retainedBytes()
        + 256;
  }
}
