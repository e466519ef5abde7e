package io.leakwatch.trend;

import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.trend.load.LoadExplanation;
import io.leakwatch.trend.load.LoadTracks;
import io.leakwatch.trend.load.Stretch;
import io.leakwatch.trend.statistics.Floors;
import java.util.ArrayList;
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
  private static final int LOAD_HOURS = 240;
  private static final double FOLLOWED_SHARE = 1 / 16.0;
  private static final double AGE_ERROR_SECONDS = 60;
  private static final double DAY_SECONDS = 86_400;

  /** The anonymous working set has a track of its own. */
  private static final Set<Resource> BESIDE_MEMORY =
      EnumSet.complementOf(EnumSet.of(Resource.MEMORY));

  private final TrendSettings settings;
  private final Floors load = new Floors(LOAD_HOURS);
  private final Track anonymous;
  private final Track inUse;
  private final Map<Resource, ResourceTrack> resources = new EnumMap<>(Resource.class);
  private final Map<Resource, Double> little = new EnumMap<>(Resource.class);
  private final LoadTracks figures;
  private final HeldMemory held;
  private final Rates rates;

  private String incarnation = "";
  private int incarnations;
  private double lastSampleSeconds = Double.NaN;
  private double elapsed;
  private double birthElapsed;
  private boolean ageSeen;
  private long judgements;
  private boolean inUseSeen;
  private long explainedFloors = -1;
  private Trend.Explained explained = Trend.Explained.NOTHING;

  public Detector(TrendSettings settings) {
    this.settings = settings;
    this.anonymous = new Track(Signal.RSS_ANON_BYTES, settings, load);
    this.inUse = new Track(Signal.IN_USE_BYTES, settings, load);
    this.figures = new LoadTracks(settings.hourSeconds());
    this.held = new HeldMemory(settings.minimumRiseBytes());
    this.rates = new Rates(settings);
  }

  /** Takes the next sample and says how the process moves. */
  public Trend accept(Sample sample) {
    advance(sample);
    double hours = elapsed / settings.hourSeconds();
    Circumstances known = circumstances(sample);
    long bin = (long) hours;
    boolean judged = false;
    double cores = sample.get(Signal.LOAD);
    if (isFigure(cores)) {
      load.accept(bin, cores);
    }
    double resident = resident(sample);
    if (isFigure(resident)) {
      judged = anonymous.accept(hours, resident, sample.get(Signal.LIMIT_BYTES), known);
    }
    double used = sample.get(Signal.IN_USE_BYTES);
    if (isFigure(used)) {
      inUseSeen = true;
      judged |= inUse.accept(hours, used, Double.NaN, known);
    }
    for (Resource resource : BESIDE_MEMORY) {
      judged |= follow(resource, sample, hours, known);
    }
    held.accept(bin, sample, resident);
    figures.accept(bin, elapsed, resident, sample);
    rates.accept(bin, sample);
    if (judged) {
      judge();
    }
    return trend();
  }

  private Circumstances circumstances(Sample sample) {
    double ageHours = (elapsed - birthElapsed) / settings.hourSeconds();
    double siblingDays = sample.get(Signal.SIBLING_DAYS) * DAY_SECONDS / settings.daySeconds();
    double statedBytes = sample.get(Signal.STATED_BYTES);
    return new Circumstances(
        ageHours,
        elapsed / settings.hourSeconds(),
        isFigure(siblingDays) ? siblingDays : 0,
        isFigure(statedBytes) ? statedBytes : 0);
  }

  /**
   * A resource is followed from where a sixteenth of it is used. Before that nothing is near, and
   * most resources of most processes never get so far; all that is kept is what it was last.
   */
  private boolean follow(Resource resource, Sample sample, double hours, Circumstances known) {
    double used = sample.get(resource.used());
    double limit = sample.get(resource.limit());
    ResourceTrack track = resources.get(resource);
    if (!isFigure(used) || !isFigure(limit)) {
      return false;
    }
    if (track == null) {
      if (used < FOLLOWED_SHARE * limit) {
        little.put(resource, used);
        return false;
      }
      track = new ResourceTrack(settings, resource.isCounted() ? null : anonymous.course());
      resources.put(resource, track);
      Double before = little.remove(resource);
      if (before != null) {
        track.wasLevel(before, hours, limit, known.withoutStatedSize());
      }
    }
    boolean holdsIt = resource == Resource.CGROUP; // What the process fills is counted there.
    return track.accept(hours, used, limit, holdsIt ? known : known.withoutStatedSize());
  }

  /** Bytes of state that this detector keeps, without object headers. */
  public long retainedBytes() {
    return anonymous.retainedBytes()
        + inUse.retainedBytes()
        + resources.values().stream().mapToLong(ResourceTrack::retainedBytes).sum()
        + load.retainedBytes()
        + held.retainedBytes()
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
    double age = sample.get(Signal.PROCESS_AGE_SECONDS);
    boolean first = incarnations == 0;
    if (first || !sample.incarnation().equals(incarnation)) {
      incarnation = sample.incarnation();
      incarnations++;
      restart();
    } else if (Double.isFinite(sample.timeSeconds())) {
      elapsed = elapsed(sample.timeSeconds(), age);
    }
    if (Double.isFinite(sample.timeSeconds())) {
      lastSampleSeconds = sample.timeSeconds();
    }
    if (isFigure(age)) {
      if (incarnation.isEmpty() && age + AGE_ERROR_SECONDS < elapsed) {
        incarnations++;
        restart(); // It is younger than what was seen of it: another one of the same name.
      }
      birthElapsed = Math.min(birthElapsed, elapsed - age);
      ageSeen = true;
    }
  }

  /**
   * How long this incarnation has been watched by a sample. Somebody may have set the clock,
   * forward or back; the age of a process that is known to be the same is on a clock that nobody
   * sets, so where both differ the age is right.
   */
  private double elapsed(double timeSeconds, double age) {
    double byClock = elapsed + Math.max(0, timeSeconds - lastSampleSeconds);
    if (incarnation.isEmpty() || !ageSeen || !isFigure(age)) {
      return byClock;
    }
    double byAge = age + birthElapsed;
    return byClock - byAge > AGE_ERROR_SECONDS ? Math.max(elapsed, byAge) : byClock;
  }

  private void restart() {
    elapsed = 0;
    birthElapsed = 0;
    ageSeen = false;
    anonymous.restart();
    inUse.restart();
    resources.values().forEach(ResourceTrack::restart);
    little.clear();
    inUseSeen = false;
    load.clear();
    figures.restart();
    held.clear();
    rates.clear();
    explainedFloors = -1;
    explained = Trend.Explained.NOTHING;
  }

  private void judge() {
    judgements++;
    Growth grows = Growth.leading(anonymous.growth(), inUse.growth());
    double window =
        grows == null || Double.isNaN(grows.sinceSeconds())
            ? settings.daySeconds()
            : elapsed - grows.sinceSeconds();
    long newestFloor = (long) (elapsed / settings.hourSeconds()) - 1;
    long firstFloor = Math.round((elapsed - window) / settings.hourSeconds());
    int back = (int) Math.max(1, newestFloor - firstFloor);
    rates.measure(newestFloor - back);
    explain(grows, window, back);
    held.judge(anonymous.course(), elapsed);
  }

  private void explain(@Nullable Growth grows, double window, int back) {
    if (grows == null || !grows.found()) {
      explained = Trend.Explained.NOTHING;
      explainedFloors = -1;
      return;
    }
    long floors = anonymous.course().hourCount();
    if (floors == explainedFloors && !grows.isQuick()) {
      return;
    }
    explainedFloors = floors;
    double loadShare = LoadTracks.shareOf(new Stretch(load), anonymous.hours(), back);
    if (inUseSeen) {
      loadShare = Math.max(loadShare, LoadTracks.shareOf(new Stretch(load), inUse.hours(), back));
    }
    List<LoadExplanation> found =
        new ArrayList<>(figures.explain(anonymous.hours(), window, grows.isQuick()));
    if (loadShare > 0) {
      found.add(new LoadExplanation("cpu_cores", false, loadShare, Double.NaN));
    }
    found.sort(Comparator.comparingDouble(LoadExplanation::explainedFraction).reversed());
    for (LoadExplanation one : found) {
      loadShare = Math.max(loadShare, one.counter() ? 0 : one.explainedFraction());
    }
    explained = new Trend.Explained(loadShare, List.copyOf(found));
  }

  private Trend trend() {
    return new Trend(
        new Trend.Observed(
            lastSampleSeconds,
            elapsed,
            incarnations,
            judgements,
            settings.hourSeconds(),
            settings.daySeconds()),
        dated(anonymous.growth()),
        inUseSeen ? dated(inUse.growth()) : null,
        rates.measured(),
        explained,
        held.now(),
        dangers());
  }

  private List<Trend.Danger> dangers() {
    List<Trend.Danger> all = new ArrayList<>();
    resources.forEach(
        (resource, track) -> {
          ResourceTrack.Danger danger = track.danger();
          if (danger != null) {
            double hour = settings.hourSeconds();
            all.add(
                new Trend.Danger(
                    resource,
                    new Trend.Level(danger.before(), track.newest(), track.limit()),
                    new Growth.Rate(danger.slope() / hour, danger.slopeError() / hour),
                    lastSampleSeconds - elapsed + danger.sinceHours() * hour,
                    danger.probability(),
                    Rarity.days(danger.evidence())));
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
