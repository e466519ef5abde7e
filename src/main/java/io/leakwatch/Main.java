package io.leakwatch;

import io.leakwatch.cli.DiagnoseCommand;
import io.leakwatch.cli.FatalErrors;
import io.leakwatch.cli.GatewayCommand;
import io.leakwatch.cli.InspectCommand;
import io.leakwatch.cli.ProfileCommand;
import io.leakwatch.cli.ReplayCommand;
import io.leakwatch.cli.RunCommand;
import io.leakwatch.cli.Terminal;
import io.leakwatch.cli.check.CheckCommand;
import io.leakwatch.cli.demo.DemoCommand;
import io.leakwatch.cli.history.HistoryCommand;
import io.leakwatch.cli.top.TopCommand;
import io.leakwatch.program.BuildVersion;
import io.leakwatch.program.CommandFailure;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: {@code leakwatch COMMAND …}. */
@Command(
    name = "leakwatch",
    description =
        "Tells a memory leak from memory that is merely held, and shows where the memory is.",
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunCommand.class,
      GatewayCommand.class,
      DemoCommand.class,
      InspectCommand.class,
      DiagnoseCommand.class,
      ProfileCommand.class,
      ReplayCommand.class,
      HistoryCommand.class,
      TopCommand.class,
      CheckCommand.class,
      HelpCommand.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Without a command there is nothing to do: that is wrong usage. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command given");
  }

  public static void main(String[] arguments) {
    FatalErrors.install();
    System.exit(execute(arguments));
  }

  /** Runs a command line in this process and returns its exit status. */
  public static int execute(String... arguments) {
    Terminal terminal = Terminal.ofThisProcess();
    CommandLine commandLine =
        new CommandLine(new Main())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setColorScheme(
                CommandLine.Help.defaultColorScheme(
                    terminal.hasColours() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
    commandLine.setDefaultValueProvider(Main::installedConfiguration);
    commandLine.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
    commandLine.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    commandLine.setExecutionExceptionHandler(
        (exception, failed, parsed) -> {
          if (exception instanceof CommandFailure failure) {
            failed.getErr().println("leakwatch: " + failure.getMessage());
            return failure.exitStatus();
          }
          failed.getErr().println("leakwatch: " + FatalErrors.line(exception));
          return CommandFailure.OTHER;
        });
    return commandLine.execute(arguments);
  }

  /** On a node where the agent is installed, every command speaks of that node's configuration. */
  private static @Nullable String installedConfiguration(ArgSpec argument) {
    return argument instanceof OptionSpec option && option.longestName().equals("--config.file")
        ? System.getenv("LEAKWATCH_CONFIG_FILE")
        : null;
  }
}
