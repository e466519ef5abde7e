package io.leakwatch.app;

import io.leakwatch.config.TargetMatcher;
import io.leakwatch.load.LoadTarget;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessId;
import io.leakwatch.proc.ProcessInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the processes that the configuration names. A process that did not match is remembered by
 * its identity, so that a search costs one small read for each process that was there before; its
 * command line can change only by exec, which keeps the identity, so young processes are asked
 * again.
 */
final class TargetFinder {
  private static final long SETTLED_SECONDS = 60;

  /**
   * A process that is to be watched.
   *
   * @param name the instance name that the configuration gives it
   * @param limitBytes the configured bound on its anonymous memory, 0 for none
   * @param load where it is asked for its load; empty where it is not
   */
  record Found(String name, ProcessInfo info, long limitBytes, Optional<LoadTarget> load) {}

  private final ProcFs procFs;
  private final TargetMatcher matcher;
  private final boolean watchSelf;
  private Set<ProcessId> strangers = new HashSet<>();

  TargetFinder(ProcFs procFs, TargetMatcher matcher, boolean watchSelf) {
    this.procFs = procFs;
    this.matcher = matcher;
    this.watchSelf = watchSelf;
  }

  /**
   * Searches once.
   *
   * @param known processes that are watched already; they are not looked at
   * @param nowSeconds the time, seconds since 1970
   */
  List<Found> search(Set<ProcessId> known, double nowSeconds) {
    List<Found> found = new ArrayList<>();
    Set<ProcessId> stillStrange = new HashSet<>();
    for (int pid : procFs.pids()) {
      if (!(procFs.id(pid) instanceof Outcome.Sampled<ProcessId> id)
          || known.contains(id.value())) {
        continue;
      }
      if (strangers.contains(id.value())) {
        stillStrange.add(id.value());
        continue;
      }
      if (!(procFs.identify(pid) instanceof Outcome.Sampled<ProcessInfo> who)) {
        continue;
      }
      ProcessInfo info = who.value();
      Optional<Found> match = match(info);
      if (match.isPresent()) {
        found.add(match.get());
      } else if (nowSeconds - info.startTime().getEpochSecond() > SETTLED_SECONDS) {
        stillStrange.add(info.id());
      }
    }
    strangers = stillStrange;
    return found;
  }

  /** How the configuration means a process, empty when it does not. */
  Optional<Found> match(ProcessInfo info) {
    if (info.kernelThread() || info.zombie()) {
      return Optional.empty();
    }
    if (watchSelf && info.id().pid() == ProcessHandle.current().pid()) {
      return Optional.of(new Found("leakwatch", info, 0, Optional.empty()));
    }
    TargetMatcher.Candidate candidate =
        new TargetMatcher.Candidate(
            info.comm(), info.exe(), info.commandLine(), info.cgroups(), info.container());
    return matcher
        .match(candidate)
        .map(match -> new Found(match.name(), info, match.target().limitBytes(), load(match)));
  }

  private static Optional<LoadTarget> load(TargetMatcher.Match match) {
    return match
        .target()
        .load()
        .map(load -> new LoadTarget(load.address(match.groups()), load.metrics()));
  }
}
