package io.leakwatch.trend;

import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Watches the growth of one process through all its incarnations.
 *
 * <p>Time comes from the samples alone, so feeding recorded samples restores the state exactly. A
 * clock that steps back does not take time with it: such a sample counts as coming right after the
 * one before. State is bounded by the settings.
 */
public final class Detector {
  private static final double HELD_SHARE = 0.25;
  private static final int HELD_WINDOWS = 4;
  private static final int HELD_WALKS = 4;
  private static final double SETTLED_SHARE = 0.8;

  private final TrendSettings settings;
  private final Track anonymous;
  private final Track inUse;
  private final Floors load;
  private final LoadCourse loadCourse;
  private final LoadTracks figures;
  private final Floors unused;
  private final double[] walked = new double[HELD_WALKS];
  private final Rates rates;
  private final EvidenceProcess evidence;

  private String incarnation = "";
  private int incarnations;
  private double lastSampleSeconds = Double.NaN;
  private double elapsed;
  private long judgements;
  private boolean inUseSeen;
  private double heldSinceElapsed = Double.NaN;
  private double pinnedBytes = Double.NaN;
  private double loadShare;
  private long explainedFloors = -1;
  private List<LoadExplanation> explanations = List.of();
  private Trend.Held held = Trend.Held.NONE;

  public Detector(TrendSettings settings) {
    this.settings = settings;
    this.anonymous = new Track(Signal.RSS_ANON_BYTES, settings);
    this.inUse = new Track(Signal.IN_USE_BYTES, settings);
    this.load = Floors.ofCycles(settings);
    this.loadCourse = new LoadCourse(settings);
    this.figures = new LoadTracks(settings);
    this.evidence = new EvidenceProcess(settings.floorsPerCycle());
    this.unused = new Floors(settings.capacity(), settings.floorsPerCycle(), 0);
    this.rates = new Rates(settings);
  }

  /** Takes the next sample and says how the process moves. */
  public Trend accept(Sample sample) {
    advance(sample);
    long bin = (long) (elapsed / settings.floorSeconds());
    double limit = sample.get(Signal.LIMIT_BYTES);
    boolean judged = false;
    double cores = sample.get(Signal.LOAD);
    if (isFigure(cores)) {
      load.accept(bin, cores);
      loadCourse.accept(elapsed, cores);
    }
    double resident = resident(sample);
    if (isFigure(resident)) {
      judged = anonymous.accept(bin, elapsed, resident, limit, loadCourse);
    }
    double used = sample.get(Signal.IN_USE_BYTES);
    if (isFigure(used)) {
      inUseSeen = true;
      judged |= inUse.accept(bin, elapsed, used, limit, loadCourse);
    }
    followHeld(bin, sample, resident);
    figures.accept(bin, elapsed, resident, sample);
    rates.accept(bin, sample);
    if (judged) {
      judge();
    }
    return trend();
  }

  /** Bytes of state that this detector keeps, without object headers. */
  public long retainedBytes() {
    return anonymous.retainedBytes()
        + inUse.retainedBytes()
        + load.retainedBytes()
        + loadCourse.retainedBytes()
        + unused.retainedBytes()
        + figures.retainedBytes()
        + rates.retainedBytes();
  }

  static boolean isFigure(double value) {
    return value >= 0 && value < Double.POSITIVE_INFINITY;
  }

  private static double resident(Sample sample) {
    for (Signal signal :
        new Signal[] {Signal.RSS_ANON_BYTES, Signal.RSS_BYTES, Signal.IN_USE_BYTES}) {
      if (isFigure(sample.get(signal))) {
        return sample.get(signal);
      }
    }
    double kinds = Double.NaN;
    for (Signal signal : new Signal[] {Signal.BRK_HEAP_BYTES, Signal.ARENA_BYTES}) {
      if (isFigure(sample.get(signal))) {
        kinds = (Double.isNaN(kinds) ? 0 : kinds) + sample.get(signal);
      }
    }
    return kinds;
  }

  private void advance(Sample sample) {
    boolean first = incarnations == 0;
    if (first || !sample.incarnation().equals(incarnation)) {
      incarnation = sample.incarnation();
      incarnations++;
      restart(first ? 0 : sample.timeSeconds() - lastSampleSeconds);
    } else if (Double.isFinite(sample.timeSeconds())) {
      elapsed += Math.max(0, sample.timeSeconds() - lastSampleSeconds);
    }
    if (Double.isFinite(sample.timeSeconds())) {
      lastSampleSeconds = sample.timeSeconds();
    }
  }

  private void restart(double pauseSeconds) {
    elapsed = 0;
    double pause = Double.isFinite(pauseSeconds) ? Math.max(0, pauseSeconds) : 0;
    anonymous.restart(pause);
    inUse.restart(pause);
    inUseSeen = false;
    load.clear();
    loadCourse.clear();
    figures.restart();
    unused.clear();
    Arrays.fill(walked, 0);
    pinnedBytes = Double.NaN;
    rates.clear();
    evidence.restart();
    heldSinceElapsed = Double.NaN;
    held = Trend.Held.NONE;
    loadShare = 0;
    explainedFloors = -1;
    explanations = List.of();
  }

  private void judge() {
    judgements++;
    Growth grows = leading();
    double window =
        grows == null || Double.isNaN(grows.sinceSeconds())
            ? settings.cycleSeconds()
            : elapsed - grows.sinceSeconds();
    long newestFloor = (long) (elapsed / settings.floorSeconds()) - 1;
    long firstFloor = Math.round((elapsed - window) / settings.floorSeconds());
    int back = (int) Math.max(1, newestFloor - firstFloor);
    rates.measure(newestFloor - back, anonymous.floors());
    explain(grows, window, back);
    evidence.follow(anonymous.floors());
    judgeHeld();
  }

  private void explain(@Nullable Growth grows, double window, int back) {
    if (grows == null || !grows.found()) {
      loadShare = 0;
      explanations = List.of();
      explainedFloors = -1;
      return;
    }
    long floors = anonymous.floors().openBin();
    boolean surge = grows.channel() == Channel.SURGE;
    if (floors == explainedFloors && !surge) {
      return;
    }
    explainedFloors = floors;
    boolean besideLoad = anonymous.growsBesideLoad() || inUse.growsBesideLoad();
    loadShare = besideLoad ? 0 : LoadTracks.shareOf(load, anonymous.floors(), back);
    if (inUseSeen && !besideLoad) {
      loadShare = Math.max(loadShare, LoadTracks.shareOf(load, inUse.floors(), back));
    }
    List<LoadExplanation> found =
        new ArrayList<>(figures.explain(anonymous.floors(), window, surge));
    if (loadShare > 0) {
      found.add(new LoadExplanation("cpu_cores", false, loadShare, Double.NaN));
    }
    found.sort(Comparator.comparingDouble(LoadExplanation::explainedFraction).reversed());
    explanations = List.copyOf(found);
    for (LoadExplanation one : explanations) {
      loadShare = Math.max(loadShare, one.counter() || besideLoad ? 0 : one.explainedFraction());
    }
  }

  private @Nullable Growth leading() {
    Growth used = inUse.growth();
    Growth all = anonymous.growth();
    return used != null && used.found() && (all == null || !all.found()) ? used : all;
  }

  /**
   * What the allocator keeps without its being in use: the bytes free in the heaps where a walk saw
   * them, else what the working set is above the bytes in use. Both figures of a difference come
   * from one sample, for a walk is rarer than a sample and an old figure would make any growth
   * since look held.
   */
  private void followHeld(long bin, Sample sample, double resident) {
    if (isFigure(sample.get(Signal.PINNED_BYTES))) {
      pinnedBytes = sample.get(Signal.PINNED_BYTES);
    }
    double free = sample.get(Signal.HEAP_FREE_BYTES);
    if (!isFigure(free)) {
      free = Math.max(0, resident - sample.get(Signal.IN_USE_BYTES));
    }
    if (isFigure(free)) {
      unused.accept(bin, free);
      System.arraycopy(walked, 1, walked, 0, walked.length - 1);
      walked[walked.length - 1] = free;
    }
  }

  /** Whether it neither shrinks nor grows: what is reused again, as by a sawtooth, is not held. */
  private static boolean isSettled(double[] values, int from, int to) {
    double high = 0;
    for (int i = from; i < to; i++) {
      high = Math.max(high, values[i]);
    }
    return RobustStatistics.min(values, from, to) >= SETTLED_SHARE * high;
  }

  /** What is held now against the least that was held before. */
  private void judgeHeld() {
    if (unused.size() < settings.floorsPerCycle() / 2) {
      return;
    }
    int all = anonymous.floors().size();
    if (all == 0) {
      return;
    }
    double excess = settledExcess(unused.toArray(), anonymous.floors().get(all - 1));
    if (excess > settings.minimumRiseBytes()) {
      heldSinceElapsed = Double.isNaN(heldSinceElapsed) ? elapsed : heldSinceElapsed;
      held = new Trend.Held(excess, elapsed - heldSinceElapsed, pinnedBytes);
    } else {
      heldSinceElapsed = Double.NaN;
      held = Trend.Held.NONE;
    }
  }

  /** What lately was held beyond the least, 0 where it moves or is little beside the level. */
  private double settledExcess(double[] gap, double level) {
    int n = gap.length;
    int from = Math.max(0, n - Math.max(3, settings.floorsPerCycle() / HELD_WINDOWS));
    if (!isSettled(gap, from, n) || !isSettled(walked, 0, walked.length)) {
      return 0;
    }
    double lately = RobustStatistics.min(gap, from, n);
    double least = RobustStatistics.min(gap, 0, n);
    if (lately - least <= HELD_SHARE * level) {
      return 0;
    }
    double usual = RobustStatistics.median(gap, 0, Math.max(1, n / 4));
    double excess = lately - Math.min(usual, least + HELD_SHARE / 2 * level);
    return excess > HELD_SHARE * level ? excess : 0;
  }

  private Trend trend() {
    return new Trend(
        lastSampleSeconds,
        elapsed,
        dated(anonymous.growth()),
        inUseSeen ? dated(inUse.growth()) : null,
        rates.perSecond(),
        rates.before(),
        rates.inUseShare(),
        loadShare,
        explanations,
        held,
        evidence.value(),
        incarnations,
        judgements,
        settings.floorSeconds(),
        settings.cycleSeconds());
  }

  private @Nullable Growth dated(@Nullable Growth growth) {
    if (growth == null || Double.isNaN(growth.sinceSeconds())) {
      return growth;
    }
    return growth.since(lastSampleSeconds - elapsed + growth.sinceSeconds());
  }
}
