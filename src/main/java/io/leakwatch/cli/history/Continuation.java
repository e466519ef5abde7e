package io.leakwatch.cli.history;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.inspection.SampleAssembly;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.memory.ReadBuffers;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.target.KnownNames;
import io.leakwatch.target.TargetFinder;
import io.leakwatch.time.SystemTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What follows upon imported samples: the first sample that is recorded of the name, else the
 * process that runs under it. Imported samples from after that process' start are of the same
 * incarnation, so that the detector goes on where they end; earlier ones are of former ones.
 *
 * <p>A source may know resident memory alone, while the daemon judges the anonymous part of it.
 * What is resident and not anonymous is the program's files and shared memory, which hardly
 * changes; so what it is where both are known is taken off, and the level does not step where one
 * source meets the other. The resident figure stays beside it as it was.
 *
 * @param beforeSeconds time of the first recorded sample, positive infinity where there is none
 * @param incarnation of the process that follows, {@code ""} where none is known
 * @param startSeconds when that began, since 1970; {@code NaN} where that is not known
 * @param residentBytes of it, {@code NaN} where unknown
 * @param anonymousBytes of it, as its samples count them, {@code NaN} where unknown
 */
record Continuation(
    double beforeSeconds,
    String incarnation,
    double startSeconds,
    double residentBytes,
    double anonymousBytes) {
  /**
   * Two statements of one start differ where the clock was set in between, and a sample may have
   * been taken up to a scrape earlier than it says.
   */
  static final double START_TOLERANCE_SECONDS = 60;

  private static final String START_PREFIX = "start/";
  private static final Pattern NOTED_START = Pattern.compile(START_PREFIX + "(\\d{1,12})");

  /** As {@link ProcessId#incarnation} makes it. */
  private static final Pattern TICKS = Pattern.compile("([^/]+)/\\d+/(\\d{1,18})(/.*)?");

  private static final double NEVER = Double.POSITIVE_INFINITY;

  /** Reads the history, then the processes of the node. */
  static Continuation of(String name, Configuration configuration, ProcFs procFs)
      throws IOException {
    Path history = configuration.history().path();
    Sample first = Files.exists(history) ? first(name, history) : null;
    if (first != null) {
      return new Continuation(
          first.timeSeconds(),
          first.incarnation(),
          startSeconds(first.incarnation(), procFs),
          first.get(Signal.RSS_BYTES),
          first.get(Signal.RSS_ANON_BYTES));
    }
    return running(name, configuration, procFs)
        .map(info -> of(info, procFs))
        .orElse(new Continuation(NEVER, "", Double.NaN, Double.NaN, Double.NaN));
  }

  private static Continuation of(ProcessInfo info, ProcFs procFs) {
    double residentBytes = Double.NaN;
    double anonymousBytes = Double.NaN;
    Status status = status(info, procFs);
    if (status != null && status.rss().bytes() != Status.ABSENT) {
      residentBytes = status.rss().bytes();
      anonymousBytes = SampleAssembly.anonymousBytes(status, null, 0);
    }
    return new Continuation(
        NEVER,
        info.id().incarnation(),
        info.startTime().toEpochMilli() / 1e3,
        residentBytes,
        anonymousBytes);
  }

  private static @Nullable Sample first(String name, Path history) throws IOException {
    try (HistoryReader reader = HistoryReader.open(history)) {
      Sample[] first = {null};
      for (HistoryReader.Extent extent : reader.processes()) {
        if (extent.process().equals(name)) {
          double time = extent.firstSeconds();
          reader.read(name, time, time, sample -> first[0] = sample);
        }
      }
      return first[0];
    }
  }

  /** The process that the daemon would call so, with the numbers that it gives to several. */
  private static Optional<ProcessInfo> running(
      String name, Configuration configuration, ProcFs procFs) {
    KnownNames known = KnownNames.of(configuration.history().path());
    TargetFinder finder =
        new TargetFinder(procFs, new TargetMatcher(configuration.targets()), false);
    List<TargetFinder.Found> found = finder.search(Set.of(), SystemTime.TIME.seconds());
    Set<String> taken = new HashSet<>();
    for (TargetFinder.Found one : known.inTurn(found)) {
      String its = known.name(one, taken);
      taken.add(its);
      if (its.equals(name)) {
        return Optional.of(one.info());
      }
    }
    return Optional.empty();
  }

  /**
   * When an incarnation began: by its ticks since boot where it is of this boot, or as an import
   * noted it; {@code NaN} where it is not known.
   */
  private static double startSeconds(String incarnation, ProcFs procFs) {
    Matcher noted = NOTED_START.matcher(incarnation);
    if (noted.matches()) {
      return Double.parseDouble(noted.group(1));
    }
    Matcher ticks = TICKS.matcher(incarnation);
    int self = Math.toIntExact(ProcessHandle.current().pid());
    if (!ticks.matches()
        || !ticks.group(1).equals(procFs.bootId())
        || !(procFs.identify(self) instanceof Outcome.Sampled<ProcessInfo> own)) {
      return Double.NaN;
    }
    double ticksLater = Long.parseLong(ticks.group(2)) - (double) own.value().id().startTicks();
    return own.value().startTime().toEpochMilli() / 1e3 + ticksLater / Status.TICKS_PER_SECOND;
  }

  /** The incarnation of a former process of which its start alone is known. */
  static String former(double startSeconds) {
    return START_PREFIX + Math.round(startSeconds);
  }

  private static @Nullable Status status(ProcessInfo info, ProcFs procFs) {
    if (!(procFs.open(info.id(), new ReadBuffers())
        instanceof Outcome.Sampled<ProcessReader> one)) {
      return null;
    }
    try (ProcessReader reader = one.value()) {
      return reader.status() instanceof Outcome.Sampled<Status> status ? status.value() : null;
    }
  }

  /** Whether imported samples of resident memory can be set against anonymous ones. */
  boolean knowsBoth() {
    return !Double.isNaN(residentBytes) && !Double.isNaN(anonymousBytes);
  }

  /** Whether a process that began then is the one that follows. */
  boolean beganAt(double seconds) {
    return Math.abs(seconds - startSeconds) <= START_TOLERANCE_SECONDS;
  }

  /** Whether the one that follows ran already when a sample was taken. */
  boolean ranAt(double seconds) {
    return seconds >= startSeconds + START_TOLERANCE_SECONDS;
  }

  /** The sample with its anonymous bytes where it has resident ones alone. */
  Sample withAnonymous(Sample sample, String as) {
    Sample.Builder builder = sample.with(as);
    if (sample.has(Signal.RSS_BYTES) && !sample.has(Signal.RSS_ANON_BYTES) && knowsBoth()) {
      double other = residentBytes - anonymousBytes;
      builder.set(Signal.RSS_ANON_BYTES, Math.max(0, sample.get(Signal.RSS_BYTES) - other));
    }
    return builder.build();
  }
}
