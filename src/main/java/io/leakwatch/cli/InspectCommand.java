package io.leakwatch.cli;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.json.InspectJson;
import io.leakwatch.export.text.InspectText;
import io.leakwatch.inspection.Inspection;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.target.ProcessFinder;
import io.leakwatch.target.TargetFinder;
import io.leakwatch.time.SystemTime;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code leakwatch inspect}: one reading. */
@Command(
    name = "inspect",
    description =
        "Shows the address space of a process by kind of memory, and the state of its allocator.",
    mixinStandardHelpOptions = true)
public final class InspectCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "PID|NAME",
      description = "A pid, the name of a configured instance, or the name of a program.")
  private String process = "";

  @Option(names = "--json", description = "Prints one JSON object.")
  private boolean json;

  @Option(
      names = "--config.file",
      paramLabel = "FILE",
      description = "Configuration file that defines the instance names.")
  private @Nullable Path configurationFile;

  @Override
  public Integer call() {
    Configuration configuration = RunCommand.load(configurationFile);
    Terminal terminal = Terminal.ofThisProcess();
    ProcFs procFs = ProcFs.live();
    TargetFinder targets =
        new TargetFinder(procFs, new TargetMatcher(configuration.targets()), false);
    ProcessFinder.Named named = new ProcessFinder(procFs, targets).find(process);
    terminal.progress("reading " + named.name() + " …");
    ProcessView view;
    try {
      view =
          new Inspection(procFs, configuration.walk(), configuration.diagnosis().content())
              .of(named, SystemTime.TIME.now());
    } finally {
      terminal.progressDone();
    }
    terminal
        .out()
        .println(json ? InspectJson.of(view) : InspectText.of(view, terminal.hasColours()));
    return 0;
  }
}
