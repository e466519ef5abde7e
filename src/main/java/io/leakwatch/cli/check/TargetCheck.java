package io.leakwatch.cli.check;

import io.leakwatch.agent.SelfCheck.Finding;
import io.leakwatch.config.Configuration;
import io.leakwatch.config.NearestProcess;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.config.TargetSettings;
import io.leakwatch.export.LoadView;
import io.leakwatch.gateway.DirectOutbound;
import io.leakwatch.gateway.Outbound;
import io.leakwatch.inspection.ExecutableCache;
import io.leakwatch.inspection.MappingReader;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.sampling.load.LoadEndpoint;
import io.leakwatch.target.TargetFinder;
import io.leakwatch.text.Quantity;
import io.leakwatch.time.SystemTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What {@code check} says of the targets: which processes they mean, and what is seen of those. */
final class TargetCheck {
  private final ProcFs procFs;
  private final Configuration configuration;

  TargetCheck(ProcFs procFs, Configuration configuration) {
    this.procFs = procFs;
    this.configuration = configuration;
  }

  /** Reads every process that a target means, and reports the targets that mean none. */
  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    TargetFinder finder =
        new TargetFinder(procFs, new TargetMatcher(configuration.targets()), false);
    List<TargetFinder.Found> found = finder.search(Set.of(), Double.NEGATIVE_INFINITY);
    MappingReader mappings = new MappingReader(SystemTime.TIME);
    ExecutableCache images = new ExecutableCache(null);
    Outbound outbound = new DirectOutbound(procFs.procRoot());
    for (TargetFinder.Found one : found) {
      String who = one.name() + " (pid " + one.info().id().pid() + ")";
      Outcome<Boolean> readable =
          procFs.open(one.info().id()).flatMap(reader -> read(reader, mappings, images));
      if (!readable.problem().isEmpty()) {
        findings.add(Finding.bad(who + ": " + readable.problem()));
      } else if (readable instanceof Outcome.Sampled<Boolean>) {
        findings.add(
            Finding.good(who + ": mappings and heap can be read" + container(one, procFs)));
      }
      one.load()
          .map(
              load ->
                  new LoadEndpoint(
                      procFs,
                      one.info().id(),
                      load,
                      configuration.load(),
                      outbound,
                      SystemTime.TIME))
          .ifPresent(endpoint -> findings.add(load(who, endpoint)));
    }
    unmatched(found, findings);
    return findings;
  }

  /** A line for each target that nearly means a process, and one for all the others. */
  private void unmatched(List<TargetFinder.Found> found, List<Finding> findings) {
    Set<TargetSettings> met = new HashSet<>();
    found.forEach(one -> one.target().ifPresent(met::add));
    List<ProcessInfo> others = others();
    List<TargetMatcher.Candidate> candidates =
        others.stream().map(TargetFinder::candidate).toList();
    List<String> absent = new ArrayList<>();
    for (TargetSettings target : configuration.targets()) {
      if (met.contains(target)) {
        continue;
      }
      Optional<NearestProcess.Near> near = NearestProcess.of(target, candidates);
      if (near.isPresent()) {
        ProcessInfo process = others.get(near.get().index());
        findings.add(
            Finding.good(
                "target "
                    + target.name()
                    + ": no process matches now; "
                    + process.programName()
                    + " (pid "
                    + process.id().pid()
                    + ") "
                    + near.get().but()));
      } else {
        absent.add(target.name());
      }
    }
    if (!absent.isEmpty()) {
      findings.add(Finding.good("no process matches now: " + String.join(", ", absent)));
    }
  }

  /** All processes that could be meant, but for this one. */
  private List<ProcessInfo> others() {
    List<ProcessInfo> others = new ArrayList<>();
    for (int pid : procFs.pids()) {
      if (pid != ProcessHandle.current().pid()
          && procFs.identify(pid) instanceof Outcome.Sampled<ProcessInfo> sampled
          && !sampled.value().program().commandLine().isEmpty()) {
        others.add(sampled.value());
      }
    }
    return others;
  }

  private static Finding load(String who, LoadEndpoint endpoint) {
    LoadView seen = endpoint.scrape();
    if (!seen.problem().isEmpty()) {
      String where = seen.endpoint().isEmpty() ? "" : " at " + seen.endpoint();
      String text = who + ": its load is unknown" + where + ": " + seen.problem();
      return endpoint.isGiven() ? Finding.bad(text) : Finding.good(text);
    }
    Set<String> found = new TreeSet<>();
    seen.figures().keySet().forEach(series -> found.add(series.name()));
    Set<String> missing = new TreeSet<>(endpoint.expected());
    missing.removeAll(found);
    return Finding.good(
        who
            + ": load from "
            + seen.endpoint()
            + ": "
            + String.join(", ", found)
            + (missing.isEmpty() ? "" : "; not found there: " + String.join(", ", missing)));
  }

  /** Where it runs, and which bound of that place is seen from here. */
  private static String container(TargetFinder.Found one, ProcFs procFs) {
    if (one.info().place().container().isEmpty()) {
      return "";
    }
    String limits =
        procFs.open(one.info().id()).flatMap(TargetCheck::limits)
                instanceof Outcome.Sampled<Limits> seen
            ? seen.value().memory().cgroups().stream()
                .map(limit -> limit.name() + " is " + Quantity.size(limit.limit()))
                .collect(Collectors.joining(", "))
            : "";
    return "; container "
        + one.info().place().container()
        + ", "
        + (limits.isEmpty() ? "no memory limit visible from here" : limits);
  }

  private static Outcome<Limits> limits(ProcessReader opened) {
    try (ProcessReader reader = opened) {
      return reader.status().flatMap(status -> reader.limits(status, -1));
    }
  }

  private static Outcome<Boolean> read(
      ProcessReader opened, MappingReader mappings, ExecutableCache images) {
    try (ProcessReader reader = opened) {
      return mappings.quick(reader, images).flatMap(seen -> reader.memory().access());
    }
  }
}
