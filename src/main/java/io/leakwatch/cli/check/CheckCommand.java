package io.leakwatch.cli.check;

import io.leakwatch.agent.GatewayUser;
import io.leakwatch.agent.MemoryBudget;
import io.leakwatch.agent.SelfCheck;
import io.leakwatch.agent.SelfCheck.Finding;
import io.leakwatch.cli.RunCommand;
import io.leakwatch.cli.Terminal;
import io.leakwatch.config.Configuration;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.text.ForeignText;
import io.leakwatch.time.SystemTime;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code leakwatch check}: what will and will not work, and why. */
@Command(
    name = "check",
    description =
        "Checks what will and will not work on this node, and why: configuration, permissions,"
            + " kernel, targets, endpoints. Exit status: 0 if all works, 1 if not.",
    mixinStandardHelpOptions = true)
public final class CheckCommand implements Callable<Integer> {
  private static final int LINE_CHARACTERS_MAX = 4096;

  @Option(
      names = "--config.file",
      paramLabel = "FILE",
      description = "Configuration file to check.")
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
                + (configuration.targets().size() == 1 ? " target" : " targets")));
    findings.add(memory(configuration));
    findings.addAll(SelfCheck.findings(procFs));
    history(configuration.history().path(), findings);
    findings.addAll(new TargetCheck(procFs, configuration).findings());
    Path webConfig = configuration.export().webConfigFile();
    if (!webConfig.toString().isEmpty()) {
      findings.add(EndpointCheck.webConfig(webConfig, SystemTime.TIME.now()));
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
      terminal
          .out()
          .println(
              mark(finding.good(), terminal.hasColours())
                  + "  "
                  + ForeignText.harmless(finding.text(), LINE_CHARACTERS_MAX));
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
    if (Files.isReadable(path)) {
      try {
        HistoryReader.open(path).close();
      } catch (IOException e) {
        findings.add(Finding.bad("history " + e.getMessage()));
      }
    }
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
                    + ", the owner of its directory: the service cannot write it (chown "
                    + owner
                    + ": "
                    + path
                    + ")"));
      }
    } catch (IOException e) {
      findings.add(Finding.bad("history " + path + ": " + e.getMessage()));
    }
  }
}
