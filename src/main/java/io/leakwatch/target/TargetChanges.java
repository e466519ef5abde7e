package io.leakwatch.target;

import io.leakwatch.history.HistoryReader;
import io.leakwatch.proc.identity.CommandOptions;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.Change.Kind;
import io.leakwatch.sample.ObservedChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What every watched instance is beside its memory: which build, started how, configured by which
 * state of which file, in which incarnation. What is seen is compared with what was seen last, also
 * by the agent before this one, and each difference is a change. For the sampler thread alone.
 */
public final class TargetChanges implements AutoCloseable {
  /** Options that are named when a command line changed; there may be dozens. */
  private static final int NAMED_MAX = 3;

  private final ConfigurationFiles files;
  private final long intervalNanos;
  private final Map<String, Map<Kind, String>> states;
  private final Map<String, Entry> open = new HashMap<>();

  /** The file of one process, and when it is read next. */
  private static final class Entry {
    private final ConfigurationFiles.OfProcess files;
    private long dueNanos;
    private double askedSeconds = Double.NEGATIVE_INFINITY;
    private double readSeconds = Double.NEGATIVE_INFINITY;

    Entry(ConfigurationFiles.OfProcess files, long nowNanos) {
      this.files = files;
      this.dueNanos = nowNanos;
    }
  }

  /**
   * @param intervalNanos between two reads of a configuration file
   * @param namesMax instances whose last state is remembered; of others the next one is the first
   */
  public TargetChanges(ConfigurationFiles files, long intervalNanos, int namesMax) {
    this.files = files;
    this.intervalNanos = intervalNanos;
    this.states =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Map<Kind, String>> eldest) {
            return size() > namesMax;
          }
        };
  }

  /** Goes on from what is recorded; where that cannot be read, what is seen next is the first. */
  public void remember(Path history) {
    if (!Files.exists(history)) {
      return;
    }
    try (HistoryReader reader = HistoryReader.open(history)) {
      reader
          .newestChanges()
          .forEach(one -> putState(one.process(), one.change().kind(), one.state()));
    } catch (IOException e) {
      assert e != null; // It takes each process that begins without its past.
    }
  }

  private void putState(String name, Kind kind, String state) {
    states.computeIfAbsent(name, key -> new EnumMap<>(Kind.class)).put(kind, state);
  }

  private @Nullable String state(String name, Kind kind) {
    Map<Kind, String> known = states.get(name);
    return known == null ? null : known.get(kind);
  }

  /**
   * Takes up an instance whose process was found.
   *
   * @param build what tells its executable from others, {@code ""} where it may not be read
   */
  public List<ObservedChange> begin(
      String name, ProcessInfo info, String build, long nowNanos, double nowSeconds) {
    CommandOptions options = CommandOptions.of(info.program().commandLine());
    open.put(name, new Entry(files.open(info.id(), options.configurationFiles()), nowNanos));
    List<ObservedChange> changes = new ArrayList<>();
    String incarnation = info.id().incarnation();
    String before = state(name, Kind.RESTART);
    boolean goesOn = before != null && goesOn(before, incarnation, info);
    if (goesOn) {
      putState(name, Kind.RESTART, incarnation);
    }
    double seconds = beginSeconds(before, info, nowSeconds);
    follow(changes, name, seconds, Kind.RESTART, "", incarnation);
    if (!build.isEmpty() && !(goesOn && state(name, Kind.BUILD) != null)) {
      follow(changes, name, seconds, Kind.BUILD, build, build);
    }
    String former = state(name, Kind.COMMAND_LINE);
    if (!info.program().commandLine().isEmpty() && !(goesOn && former != null)) {
      String now = options.state();
      String what = former == null ? "" : named(CommandOptions.changed(former, now));
      follow(changes, name, seconds, Kind.COMMAND_LINE, what, now);
    }
    return changes;
  }

  /**
   * Whether it is the incarnation that was there before, as far as its program is known to both. It
   * executes what it did, then, and where its command line is another it has written that itself.
   */
  private static boolean goesOn(String before, String incarnation, ProcessInfo info) {
    String start = info.id().start();
    return before.equals(incarnation)
        || (startOf(before, start) && (before.equals(start) || incarnation.equals(start)));
  }

  private static boolean startOf(String incarnation, String start) {
    return (incarnation + "/").startsWith(start + "/");
  }

  /**
   * When the incarnation that was found began: at its start, or just now where it was there before
   * and executes another program.
   */
  private static double beginSeconds(@Nullable String before, ProcessInfo info, double nowSeconds) {
    boolean executes = before != null && startOf(before, info.id().start());
    double start = info.startTime().toEpochMilli() / 1e3;
    return executes ? nowSeconds : Math.min(nowSeconds, start);
  }

  private static String named(List<String> options) {
    String names = options.stream().limit(NAMED_MAX).collect(Collectors.joining(", "));
    int more = options.size() - NAMED_MAX;
    return more > 0 ? names + " and " + more + " more" : names;
  }

  private void follow(
      List<ObservedChange> changes,
      String name,
      double seconds,
      Kind kind,
      String what,
      String state) {
    String before = state(name, kind);
    if (state.equals(before)) {
      return;
    }
    putState(name, kind, state);
    String told = before == null || kind == Kind.BUILD ? before : "";
    changes.add(new ObservedChange(name, new Change(seconds, kind, what, told), state));
  }

  /** Lets an instance go whose process has ended. */
  public void end(String name) {
    Entry entry = open.remove(name);
    if (entry != null) {
      entry.files.leave();
    }
  }

  /** Takes what reads of configuration files have seen, and asks for those that are due. */
  public List<ObservedChange> configurations(long nowNanos, double nowSeconds) {
    List<ObservedChange> changes = new ArrayList<>();
    open.forEach(
        (name, entry) -> {
          entry
              .files
              .take()
              .ifPresent(seen -> configuration(changes, name, entry, seen, nowSeconds));
          if (nowNanos - entry.dueNanos >= 0) {
            entry.dueNanos = nowNanos + intervalNanos;
            entry.askedSeconds = entry.files.ask() ? nowSeconds : entry.askedSeconds;
          }
        });
    return changes;
  }

  /**
   * A state of another path is no modification but the first of its own: that the path is another
   * is a change of the command line.
   */
  private void configuration(
      List<ObservedChange> changes,
      String name,
      Entry entry,
      ConfigurationFiles.Seen seen,
      double nowSeconds) {
    String path = CommandOptions.fingerprint(seen.file().path());
    String state = path + " " + Math.round(seen.modifiedSeconds() * 1e3) + " " + seen.bytes();
    String before = state(name, Kind.CONFIGURATION);
    double last = entry.readSeconds;
    entry.readSeconds = entry.askedSeconds;
    if (state.equals(before)) {
      return;
    }
    boolean first = before == null || !before.startsWith(path + " ");
    putState(name, Kind.CONFIGURATION, state);
    double earliest = first ? Double.NEGATIVE_INFINITY : Math.max(modifiedSeconds(before), last);
    boolean fits = seen.modifiedSeconds() <= nowSeconds && !(seen.modifiedSeconds() <= earliest);
    changes.add(
        new ObservedChange(
            name,
            new Change(
                // A copy may take the time of its original along; then it was seen just now.
                fits ? seen.modifiedSeconds() : nowSeconds,
                Kind.CONFIGURATION,
                seen.file().option(),
                first ? null : ""),
            state));
  }

  /**
   * The time in a state, which may come from a damaged file; as early as can be where it has none.
   */
  private static double modifiedSeconds(@Nullable String state) {
    String[] parts = state == null ? new String[0] : state.split(" ", -1);
    return parts.length == 3 && parts[1].matches("-?[0-9]{1,17}")
        ? Long.parseLong(parts[1]) / 1e3
        : Double.NEGATIVE_INFINITY;
  }

  @Override
  public void close() {
    open.values().forEach(entry -> entry.files.leave());
    open.clear();
    files.close();
  }
}
