package io.leakwatch.cli;

import io.leakwatch.agent.Daemon;
import io.leakwatch.agent.MemoryBudget;
import io.leakwatch.agent.Service;
import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.program.CommandFailure;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code leakwatch run}: the daemon. */
@Command(
    name = "run",
    description = "Watches the configured processes until it is stopped.",
    mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
  @Option(
      names = "--config.file",
      paramLabel = "FILE",
      description =
          "Configuration file; without it, the built-in defaults apply (Curve's daemons).")
  private @Nullable Path file;

  @Option(
      names = "--gateway",
      description =
          "Uses no network itself: `leakwatch gateway` serves the port and sends the alerts, through"
              + " the Unix sockets that `gateway` in the configuration names.")
  private boolean gateway;

  @Override
  public Integer call() {
    Configuration configuration = load(file);
    MemoryBudget.refuseWhatDoesNotFit(configuration);
    return new Daemon(new Service(file, configuration, !gateway), gateway).run();
  }

  /** Reads a configuration, or fails with its one line and the status of wrong usage. */
  public static Configuration load(@Nullable Path file) {
    try {
      return Configuration.load(file);
    } catch (ConfigurationProblem e) {
      throw CommandFailure.usage(String.valueOf(e.getMessage()));
    }
  }
}
