package io.leakwatch.target;

import io.leakwatch.config.TargetMatcher;
import io.leakwatch.config.TargetSettings;
import io.leakwatch.load.LoadTarget;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.Processes;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessInfo;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the processes that the configuration names. A process that did not match is remembered by
 * its identity, and each search looks again, by one small read, at a sixth of those: a search costs
 * as much as the node has new processes. Its image is part of that identity, and its kernel name
 * for those whose image may not be known: an entry point that becomes the server by exec is read
 * again. Entry points do so when they are young, and a young process may also be moved to its
 * cgroup yet, so it is asked at every search for a while.
 */
public final class TargetFinder {
  private static final Logger log = LoggerFactory.getLogger(TargetFinder.class);
  private static final long SETTLED_SECONDS = 60;
  private static final int FAILURES_MAX = 64;

  /** Searches in which each process that was passed over is looked at once. */
  static final int SEARCHES_PER_LOOK = 6;

  /**
   * A process that is to be watched.
   *
   * @param name the instance name that the configuration gives it
   * @param limitBytes the configured bound on its anonymous memory, 0 for none
   * @param load where it is asked for its load; empty where it is not
   * @param target that means it; empty for the agent itself
   */
  public record Found(
      String name,
      ProcessInfo info,
      long limitBytes,
      Optional<LoadTarget> load,
      Optional<TargetSettings> target) {
    /** Whether it is the agent. */
    boolean isSelf() {
      return info.id().pid() == ProcessHandle.current().pid();
    }
  }

  private final Processes processes;
  private final TargetMatcher matcher;
  private final boolean watchSelf;
  private final Set<String> reportedFailures = new HashSet<>();
  private Map<Integer, ProcFs.Glance> strangers = new HashMap<>();
  private int searches;

  public TargetFinder(Processes processes, TargetMatcher matcher, boolean watchSelf) {
    this.processes = processes;
    this.matcher = matcher;
    this.watchSelf = watchSelf;
  }

  /**
   * Searches once.
   *
   * @param watched pids of processes that are watched already; they are not read
   * @param nowSeconds the time, seconds since 1970
   */
  public List<Found> search(Set<Integer> watched, double nowSeconds) {
    List<Found> found = new ArrayList<>();
    Map<Integer, ProcFs.Glance> stillStrange = new HashMap<>();
    searches++;
    for (int pid : pids()) {
      if (watched.contains(pid)) {
        continue;
      }
      ProcFs.Glance before = strangers.get(pid);
      if (before != null && (pid + searches) % SEARCHES_PER_LOOK != 0) {
        stillStrange.put(pid, before);
        continue;
      }
      if (!(processes.glance(pid) instanceof Outcome.Sampled<ProcFs.Glance> sampled)) {
        continue;
      }
      ProcFs.Glance glance = sampled.value();
      if (glance.equals(before)) {
        stillStrange.put(pid, glance);
        continue;
      }
      if (!(processes.identify(pid) instanceof Outcome.Sampled<ProcessInfo> who)) {
        continue;
      }
      Optional<Found> match = matchOrReport(who.value());
      if (match.isPresent()) {
        found.add(match.get());
      } else if (nowSeconds - who.value().startTime().getEpochSecond() > SETTLED_SECONDS) {
        stillStrange.put(pid, glance);
      }
    }
    strangers = stillStrange;
    return found;
  }

  private int[] pids() {
    try {
      return processes.pids();
    } catch (UncheckedIOException e) {
      tellOnce("no process can be found: " + e.getCause());
      return new int[0];
    }
  }

  /** What one process shows must not end the search for others. */
  private Optional<Found> matchOrReport(ProcessInfo info) {
    try {
      return match(info);
    } catch (RuntimeException e) {
      tellOnce("a process cannot be matched with the targets: internal error: " + e);
      return Optional.empty();
    }
  }

  private void tellOnce(String failure) {
    if (reportedFailures.size() < FAILURES_MAX && reportedFailures.add(failure)) {
      log.warn("{}", failure);
    }
  }

  /** How the configuration means a process, empty when it does not. */
  Optional<Found> match(ProcessInfo info) {
    if (info.kernelThread() || info.zombie()) {
      return Optional.empty();
    }
    if (watchSelf && info.id().pid() == ProcessHandle.current().pid()) {
      return Optional.of(new Found("leakwatch", info, 0, Optional.empty(), Optional.empty()));
    }
    return matcher
        .match(candidate(info), this::tellOnce)
        .map(
            match ->
                new Found(
                    match.name(),
                    info,
                    match.target().limitBytes(),
                    load(match),
                    Optional.of(match.target())));
  }

  /** What targets are held against. */
  public static TargetMatcher.Candidate candidate(ProcessInfo info) {
    return new TargetMatcher.Candidate(
        info.program().comm(),
        info.program().exe(),
        info.program().commandLine(),
        info.place().cgroups(),
        info.place().container());
  }

  private static Optional<LoadTarget> load(TargetMatcher.Match match) {
    return match.target().load().map(load -> load.target(match.groups()));
  }
}
