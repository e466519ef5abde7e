package io.leakwatch.app;

import io.leakwatch.alert.Words;
import io.leakwatch.app.SelfCheck.Finding;
import io.leakwatch.config.Configuration;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.export.LoadView;
import io.leakwatch.gateway.DirectOutlet;
import io.leakwatch.gateway.Outlet;
import io.leakwatch.proc.Limit;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code leakwatch check}: what will and will not work, and why. */
@Command(
    name = "check",
    description = {
      "Says what will and will not work here, and why: configuration, permissions, kernel,",
      "targets, endpoints. Exit status 0 when all is well, 1 when something will not work."
    },
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Option(names = "--config.file", paramLabel = "FILE", description = "Configuration to check.")
  private @Nullable Path file;

  @Override
  public Integer call() {
    Configuration configuration = RunCommand.load(file);
    ProcFs procFs = ProcFs.live();
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.good(
            "configuration "
                + (file == null ? "(built in)" : file)
                + ": "
                + configuration.targets().size()
                + " targets"));
    findings.add(memory(configuration));
    findings.addAll(SelfCheck.findings(procFs));
    history(configuration.history().path(), findings);
    targets(configuration, procFs, findings);
    Path webConfig = configuration.export().webConfigFile();
    if (!webConfig.toString().isEmpty()) {
      findings.add(EndpointCheck.webConfig(webConfig, Instant.now()));
    }
    findings.addAll(EndpointCheck.unreadable(GatewayUser.INSTALLED, file, webConfig));
    for (URI address : configuration.alert().alertmanagers()) {
      findings.add(EndpointCheck.alertmanager(address));
    }
    for (URI address : configuration.alert().webhooks()) {
      findings.add(EndpointCheck.webhook(address));
    }
    Terminal terminal = Terminal.ofThisProcess();
    for (Finding finding : findings) {
      terminal.out().println(mark(finding.good(), terminal.hasColours()) + "  " + finding.text());
    }
    return findings.stream().allMatch(Finding::good) ? 0 : 1;
  }

  private static String mark(boolean good, boolean colours) {
    String text = good ? "ok  " : "WARN";
    return colours ? "\u001b[" + (good ? 32 : 33) + "m" + text + "\u001b[0m" : text;
  }

  private static Finding memory(Configuration configuration) {
    return MemoryBudget.launchersHeapBytes(System.getenv())
        .flatMap(heap -> MemoryBudget.problem(configuration, heap))
        .map(Finding::bad)
        .orElse(Finding.good("memory: " + MemoryBudget.sentence(configuration)));
  }

  private static void history(Path path, List<Finding> findings) {
    Path directory = path.toAbsolutePath().getParent();
    while (directory != null && !Files.exists(directory)) {
      directory = directory.getParent();
    }
    boolean writable =
        Files.exists(path)
            ? Files.isWritable(path)
            : directory != null && Files.isWritable(directory);
    findings.add(
        writable
            ? Finding.good("history " + path + " can be written")
            : Finding.bad("history " + path + " cannot be written by this user (history.path)"));
    ownership(path, findings);
  }

  /** Root may write everything; the service, which is another user, only what is its own. */
  private static void ownership(Path path, List<Finding> findings) {
    Path directory = path.toAbsolutePath().getParent();
    if (directory == null || !Files.exists(path)) {
      return;
    }
    try {
      String owner = Files.getOwner(directory).getName();
      if (!Files.getOwner(path).getName().equals(owner)) {
        findings.add(
            Finding.bad(
                "history "
                    + path
                    + " does not belong to "
                    + owner
                    + ", whose directory it is in: the service cannot write it (chown "
                    + owner
                    + ": "
                    + path
                    + ")"));
      }
    } catch (IOException e) {
      findings.add(Finding.bad("history " + path + ": " + e.getMessage()));
    }
  }

  private static void targets(Configuration configuration, ProcFs procFs, List<Finding> findings) {
    TargetFinder finder =
        new TargetFinder(procFs, new TargetMatcher(configuration.targets()), false);
    List<TargetFinder.Found> found = finder.search(Map.of(), Double.NEGATIVE_INFINITY);
    if (found.isEmpty()) {
      findings.add(Finding.good("no process matches the targets at the moment"));
    }
    Looker looker = new Looker();
    Images images = new Images(procFs, null);
    Outlet outlet = new DirectOutlet(procFs.procRoot());
    for (TargetFinder.Found one : found) {
      String who = one.name() + " (pid " + one.info().id().pid() + ")";
      Outcome<Boolean> looked =
          procFs.open(one.info().id()).flatMap(reader -> look(reader, looker, images));
      if (!looked.problem().isEmpty()) {
        findings.add(Finding.bad(who + ": " + looked.problem()));
      } else if (looked instanceof Outcome.Sampled<Boolean>) {
        findings.add(
            Finding.good(who + ": mappings and heap can be read" + container(one, procFs)));
      }
      one.load()
          .map(
              load -> new LoadEndpoint(procFs, one.info().id(), load, configuration.load(), outlet))
          .ifPresent(endpoint -> findings.add(load(who, endpoint)));
    }
  }

  private static Finding load(String who, LoadEndpoint endpoint) {
    LoadView seen = endpoint.scrape();
    if (!seen.problem().isEmpty()) {
      String where = seen.endpoint().isEmpty() ? "" : " at " + seen.endpoint();
      String text = who + ": its load is not known" + where + ": " + seen.problem();
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
            + (missing.isEmpty() ? "" : "; it does not have " + String.join(", ", missing)));
  }

  /** Where it runs, and which bound of that place is seen from here. */
  private static String container(TargetFinder.Found one, ProcFs procFs) {
    if (one.info().container().isEmpty()) {
      return "";
    }
    String limits =
        procFs.open(one.info().id()).flatMap(CheckCommand::limits)
                instanceof Outcome.Sampled<List<Limit>> seen
            ? seen.value().stream()
                .filter(limit -> limit.name().startsWith("memory."))
                .map(limit -> limit.name() + " is " + Words.size(limit.limit()))
                .collect(Collectors.joining(", "))
            : "";
    return "; container "
        + one.info().container()
        + ", "
        + (limits.isEmpty() ? "without a memory limit that is seen from here" : limits);
  }

  private static Outcome<List<Limit>> limits(ProcessReader opened) {
    try (ProcessReader reader = opened) {
      return reader.status().flatMap(status -> reader.limits(status, -1));
    }
  }

  private static Outcome<Boolean> look(ProcessReader opened, Looker looker, Images images) {
    try (ProcessReader reader = opened) {
      return looker.quick(reader, images).flatMap(seen -> reader.memory().access());
    }
  }
}
