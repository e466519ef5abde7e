package io.leakwatch.verdict;

import io.leakwatch.sample.Change;
import io.leakwatch.sample.Change.Kind;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import io.leakwatch.trend.Growth;
import io.leakwatch.trend.Trend;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Names what changed when a growth began.
 *
 * <p>A change is named when it lies where the growth may have begun ({@link OnsetDating}), or a
 * little before, for what it causes may take a while to show. Of those the kind that explains a
 * growth more often goes first ({@link Kind}), then the one that is nearest to the likeliest begin;
 * two are named at most. What happens all day, load that steps and neighbours that are restarted,
 * must be near to that time. A restart brings the last modification of the configuration before it
 * along, and leaves no word for neighbours. It says nothing itself where a new build or command
 * line came with it, nor where the incarnation before grew as well. Where every incarnation grows,
 * none of its begins explains it.
 *
 * <p>That something changed then is no proof that it is the cause; so it is reported with what
 * speaks against it: how uncertain the begin is, and whether it grew before as well.
 */
final class OnsetChanges {
  private static final int NAMED_MAX = 2;
  private static final int BUILD_CHARS_MAX = 12;

  /** Of an hour: 15 minutes for the cause to show. */
  private static final double SLACK_OF_HOUR = 0.25;

  /** How near to the begin what happens often must be, as a part of the time since. */
  private static final double NEAR = 0.1;

  /** Of an hour: what a start changes is seen with the samples before and after it. */
  private static final double SAME_START_OF_HOUR = 1 / 12.0;

  /** Of an hour: what is nearer than half a minute is at the same time. */
  private static final double SAME_TIME_OF_HOUR = 1 / 120.0;

  /** Of a time that lasted: what was watched for that part of it was watched. */
  private static final double WATCHED_MIN = 0.9;

  /** The kernel tells when it was booted, and so when a process began, in whole seconds. */
  private static final double START_ERROR_SECONDS = 2;

  private final ChangeLog log = new ChangeLog();
  private final GrowthSpans spans = new GrowthSpans();
  private final Days days;
  private final OnsetDating dating;
  private final LoadSteps steps;
  private int incarnations;
  private double lastSeconds = Double.NEGATIVE_INFINITY;
  private double startSeconds = Double.NaN;
  private @Nullable Onset describedOnset;
  private long describedAdditions = -1;
  private long describedJudgements = -1;
  private String sentence = "";
  private List<Verdict.NamedChange> named = List.of();

  OnsetChanges(Days days) {
    this.days = days;
    this.dating = new OnsetDating(days);
    this.steps = new LoadSteps(days, log::add);
  }

  /**
   * Takes a change that no sample tells of; it may come before or after the samples of its time.
   */
  void accept(Change change) {
    log.add(change);
  }

  /**
   * Takes the next sample with what it was judged to be.
   *
   * @return the verdict, with what changed when the growth began
   */
  Verdict accept(Trend trend, Sample sample, Verdict verdict) {
    boolean restarted = trend.observed().incarnations() != incarnations;
    if (restarted) {
      begin(sample, incarnations == 0);
      incarnations = trend.observed().incarnations();
      dating.restart();
    }
    lastSeconds = Math.max(lastSeconds, sample.timeSeconds());
    dating.accept(trend, sample);
    steps.accept(sample);
    spans.accept(sample.timeSeconds(), verdict.growth().sinceSeconds(), restarted);
    Growth growth = growth(trend, verdict);
    Onset onset = growth == null ? null : dating.date(trend, growth, startSeconds);
    if (onset == null) {
      describedOnset = null;
      return verdict;
    }
    if (!onset.equals(describedOnset)
        || log.additions() != describedAdditions
        || trend.observed().judgements() != describedJudgements) {
      describedOnset = onset;
      describedJudgements = trend.observed().judgements();
      describedAdditions = log.additions();
      describe(onset, trend.observed().timeSeconds());
    }
    return sentence.isEmpty() ? verdict : verdict.with(sentence, named);
  }

  /**
   * A new incarnation begins with what a change says, where one lies between the last incarnation
   * and now.
   */
  private void begin(Sample sample, boolean first) {
    double now = sample.timeSeconds();
    double age = sample.get(Signal.PROCESS_AGE_SECONDS);
    double seconds = age >= 0 && now - age > lastSeconds ? now - age : now;
    Change known = log.newest(Kind.RESTART, lastSeconds - START_ERROR_SECONDS, now);
    startSeconds = known == null ? seconds : known.timeSeconds();
    if (known == null) {
      log.add(new Change(seconds, Kind.RESTART, "", first ? null : ""));
    }
  }

  /** The growth that a verdict tells of, null where it tells of none. */
  private static @Nullable Growth growth(Trend trend, Verdict verdict) {
    for (Growth one : new @Nullable Growth[] {trend.anonymous(), trend.inUse()}) {
      if (one != null && one.found() && one.sinceSeconds() == verdict.growth().sinceSeconds()) {
        return one;
      }
    }
    return null;
  }

  private void describe(Onset onset, double now) {
    List<Change> chosen = chosen(onset, now);
    StringBuilder text = new StringBuilder();
    List<Verdict.NamedChange> all = new ArrayList<>();
    for (Change change : chosen) {
      String clause = clause(change);
      String at = " (" + Figures.when(change.timeSeconds(), now) + ")";
      text.append(text.isEmpty() ? begun(onset, now) + ", " : ", and ")
          .append(apart(onset, change))
          .append(clause)
          .append(at)
          .append(former(change));
      all.add(
          new Verdict.NamedChange(
              change.timeSeconds(), change.kind().wireName(), clause + former(change)));
    }
    sentence = text.toString();
    named = List.copyOf(all);
  }

  private List<Change> chosen(Onset onset, double now) {
    double slack = SLACK_OF_HOUR * days.hourSeconds();
    List<Change> near = new ArrayList<>();
    for (Change change :
        log.between(onset.earliestSeconds() - slack, Math.min(now, onset.latestSeconds()))) {
      double least = Math.max(slack, NEAR * (now - onset.timeSeconds()));
      boolean often = change.kind() == Kind.LOAD || change.kind() == Kind.OTHER_RESTART;
      if (!often || Math.abs(change.timeSeconds() - onset.timeSeconds()) <= least) {
        near.add(change);
      }
    }
    near.addAll(takenUp(near));
    if (near.stream().anyMatch(change -> change.kind() == Kind.RESTART)) {
      near.removeIf(change -> change.kind() == Kind.OTHER_RESTART); // As after a boot of the node.
    }
    near.removeIf(change -> change.kind() == Kind.RESTART && saysNothing(change, near));
    near.sort(
        Comparator.comparing(Change::kind)
            .thenComparingDouble(change -> distance(onset, change))
            .thenComparing(Change::what));
    return near.subList(0, Math.min(NAMED_MAX, near.size()));
  }

  /**
   * The modification that a restart took up: most servers read their configuration at their start
   * alone, however long before it was modified.
   */
  private List<Change> takenUp(List<Change> near) {
    return near.stream()
        .filter(change -> change.kind() == Kind.RESTART)
        .map(
            restart ->
                log.newest(Kind.CONFIGURATION, log.formerSince(restart), restart.timeSeconds()))
        .filter(change -> change != null && !change.isFirst() && !near.contains(change))
        .map(Objects::requireNonNull)
        .distinct()
        .toList();
  }

  private boolean saysNothing(Change restart, List<Change> others) {
    boolean explained =
        others.stream()
            .filter(other -> other.kind() == Kind.BUILD || other.kind() == Kind.COMMAND_LINE)
            .anyMatch(
                other ->
                    Math.abs(other.timeSeconds() - restart.timeSeconds())
                        <= SAME_START_OF_HOUR * days.hourSeconds());
    double since = log.formerSince(restart);
    return explained || spans.grewBetween(since, restart.timeSeconds());
  }

  /** What comes after the likeliest begin is half as near as what comes before it. */
  private static double distance(Onset onset, Change change) {
    double before = onset.timeSeconds() - change.timeSeconds();
    return before >= 0 ? before : -2 * before;
  }

  private static String begun(Onset onset, double now) {
    return onset.sinceStart()
        ? "has grown since its start or soon after"
        : "began about "
            + Figures.when(onset.timeSeconds(), now)
            + " (±"
            + Quantity.duration(onset.errorSeconds())
            + ")";
  }

  /** {@code 8 min after }, {@code 20 min before }, {@code when }. */
  private String apart(Onset onset, Change change) {
    double after = onset.timeSeconds() - change.timeSeconds();
    if (Math.abs(after) <= SAME_TIME_OF_HOUR * days.hourSeconds()) {
      return "when ";
    }
    return Quantity.duration(Math.abs(after)) + (after > 0 ? " after " : " before ");
  }

  private static String clause(Change change) {
    return switch (change.kind()) {
      case BUILD -> "build " + build(change.what()) + " replaced " + build(change.before());
      case COMMAND_LINE ->
          change.what().isEmpty()
              ? "it was started with other arguments"
              : "it was started with other arguments: " + change.what();
      case CONFIGURATION -> "the configuration file given as " + change.what() + " was modified";
      case RESTART -> "it was restarted";
      case LOAD -> "its load stepped: " + change.what();
      case OTHER_RESTART -> change.what() + " was restarted";
    };
  }

  private static String build(@Nullable String build) {
    return ForeignText.harmless(build == null ? "" : build, BUILD_CHARS_MAX);
  }

  /** How long what the change ended had lasted, and whether it grew in that time. */
  private String former(Change change) {
    double since = log.formerSince(change);
    if (Double.isNaN(since) || change.kind() == Kind.LOAD || change.kind() == Kind.OTHER_RESTART) {
      return "";
    }
    double lasted = change.timeSeconds() - since;
    double watched = spans.watchedSeconds(since, change.timeSeconds());
    String time = Quantity.duration(lasted);
    String growth = "";
    if (spans.grewBetween(since, change.timeSeconds())) {
      growth = " and grew too";
    } else if (watched >= days.daySeconds()) {
      growth =
          watched >= WATCHED_MIN * lasted
              ? " without growth"
              : ", of which it was watched for " + Quantity.duration(watched) + " without growth";
    }
    return switch (change.kind()) {
      case BUILD -> ", which had run " + time + growth;
      case RESTART -> ", after a run of " + time + growth.replace(" and grew", " that grew");
      default -> ", after " + time + (growth.startsWith(" and") ? " in which it grew too" : growth);
    };
  }
}
