package io.leakwatch.trend;

import io.leakwatch.history.Resource;
import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  private static final double FOLLOWED_SHARE = 0.25;
  private static final double AGE_ERROR_SECONDS = 60;

  /** The anonymous working set has a track of its own. */
  private static final Set<Resource> BESIDE_MEMORY =
      EnumSet.complementOf(EnumSet.of(Resource.MEMORY));

  private final TrendSettings settings;
  private final Track anonymous;
  private final Track inUse;
  private final Map<Resource, ResourceTrack> resources = new EnumMap<>(Resource.class);
  private final Floors load = new Floors(TrendSettings.HOURS_KEPT);
  private final LoadTracks figures;
  private final Floors unused = new Floors(TrendSettings.HOURS_KEPT);
  private final double[] walked = new double[HELD_WALKS];
  private final Rates rates;

  private String incarnation = "";
  private int incarnations;
  private double lastSampleSeconds = Double.NaN;
  private double elapsed;
  private double birthElapsed;
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
    this.figures = new LoadTracks(settings);
    this.rates = new Rates(settings);
  }

  /** Takes the next sample and says how the process moves. */
  public Trend accept(Sample sample) {
    advance(sample);
    double hours = elapsed / settings.hourSeconds();
    double ageHours = (elapsed - birthElapsed) / settings.hourSeconds();
    long bin = (long) hours;
    boolean judged = false;
    double cores = sample.get(Signal.LOAD);
    if (isFigure(cores)) {
      load.accept(bin, cores);
    }
    double resident = resident(sample);
    if (isFigure(resident)) {
      judged = anonymous.accept(hours, resident, sample.get(Signal.LIMIT_BYTES), ageHours);
    }
    double used = sample.get(Signal.IN_USE_BYTES);
    if (isFigure(used)) {
      inUseSeen = true;
      judged |= inUse.accept(hours, used, Double.NaN, ageHours);
    }
    for (Resource resource : BESIDE_MEMORY) {
      judged |= follow(resource, sample, hours, ageHours);
    }
    followHeld(bin, sample, resident);
    figures.accept(bin, elapsed, resident, sample);
    rates.accept(bin, sample);
    if (judged) {
      judge();
    }
    return trend();
  }

  /** A resource is followed from where a quarter of it is used: before that nothing is near. */
  private boolean follow(Resource resource, Sample sample, double hours, double ageHours) {
    double used = sample.get(resource.used());
    double limit = sample.get(resource.limit());
    ResourceTrack track = resources.get(resource);
    if (!isFigure(used) || !isFigure(limit) || (track == null && used < FOLLOWED_SHARE * limit)) {
      return false;
    }
    if (track == null) {
      track = new ResourceTrack();
      resources.put(resource, track);
    }
    boolean before = track.danger() != null;
    track.accept(hours, used, limit, ageHours);
    return before != (track.danger() != null);
  }

  /** Bytes of state that this detector keeps, without object headers. */
  public long retainedBytes() {
    return anonymous.retainedBytes()
        + inUse.retainedBytes()
        + resources.values().stream().mapToLong(ResourceTrack::retainedBytes).sum()
        + load.retainedBytes()
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
      restart();
    } else if (Double.isFinite(sample.timeSeconds())) {
      elapsed += Math.max(0, sample.timeSeconds() - lastSampleSeconds);
    }
    if (Double.isFinite(sample.timeSeconds())) {
      lastSampleSeconds = sample.timeSeconds();
    }
    double age = sample.get(Signal.PROCESS_AGE_SECONDS);
    if (isFigure(age)) {
      if (age + AGE_ERROR_SECONDS < elapsed) {
        incarnations++;
        restart(); // It is younger than what was seen of it: another one of the same name.
      }
      birthElapsed = Math.min(birthElapsed, elapsed - age);
    }
  }

  private void restart() {
    elapsed = 0;
    birthElapsed = 0;
    anonymous.restart();
    inUse.restart();
    resources.clear();
    inUseSeen = false;
    load.clear();
    figures.restart();
    unused.clear();
    Arrays.fill(walked, 0);
    pinnedBytes = Double.NaN;
    rates.clear();
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
            ? settings.daySeconds()
            : elapsed - grows.sinceSeconds();
    long newestFloor = (long) (elapsed / settings.hourSeconds()) - 1;
    long firstFloor = Math.round((elapsed - window) / settings.hourSeconds());
    int back = (int) Math.max(1, newestFloor - firstFloor);
    rates.measure(newestFloor - back);
    explain(grows, window, back);
    judgeHeld();
  }

  private void explain(@Nullable Growth grows, double window, int back) {
    if (grows == null || !grows.found()) {
      loadShare = 0;
      explanations = List.of();
      explainedFloors = -1;
      return;
    }
    long floors = anonymous.course().hourCount();
    if (floors == explainedFloors && !grows.isQuick()) {
      return;
    }
    explainedFloors = floors;
    loadShare = LoadTracks.shareOf(load, anonymous.course(), back);
    if (inUseSeen) {
      loadShare = Math.max(loadShare, LoadTracks.shareOf(load, inUse.course(), back));
    }
    List<LoadExplanation> found =
        new ArrayList<>(figures.explain(anonymous.course(), window, grows.isQuick()));
    if (loadShare > 0) {
      found.add(new LoadExplanation("cpu_cores", false, loadShare, Double.NaN));
    }
    found.sort(Comparator.comparingDouble(LoadExplanation::explainedFraction).reversed());
    explanations = List.copyOf(found);
    for (LoadExplanation one : explanations) {
      loadShare = Math.max(loadShare, one.counter() ? 0 : one.explainedFraction());
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
    if (unused.size() < TrendSettings.HOURS_PER_DAY / 2) {
      return;
    }
    Course course = anonymous.course();
    if (course.hourCount() == 0) {
      return;
    }
    double excess = settledExcess(unused.toArray(), course.hour(course.hourCount() - 1));
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
    int from = Math.max(0, n - Math.max(3, TrendSettings.HOURS_PER_DAY / HELD_WINDOWS));
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
        dangers(),
        incarnations,
        judgements,
        settings.hourSeconds(),
        settings.daySeconds());
  }

  private List<Trend.Danger> dangers() {
    List<Trend.Danger> all = new ArrayList<>();
    resources.forEach(
        (resource, track) -> {
          DangerTest.Danger danger = track.danger();
          if (danger != null) {
            double since = track.sinceHours() * settings.hourSeconds();
            all.add(
                new Trend.Danger(
                    resource,
                    track.newest(),
                    track.limit(),
                    danger.slope() / settings.hourSeconds(),
                    lastSampleSeconds - elapsed + since,
                    danger.probability()));
          }
        });
    all.sort(Comparator.comparingDouble(Trend.Danger::seconds));
    return List.copyOf(all);
  }

  private @Nullable Growth dated(@Nullable Growth growth) {
    if (growth == null || Double.isNaN(growth.sinceSeconds())) {
      return growth;
    }
    return growth.since(lastSampleSeconds - elapsed + growth.sinceSeconds());
  }
}
