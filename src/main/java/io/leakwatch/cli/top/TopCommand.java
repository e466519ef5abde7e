package io.leakwatch.cli.top;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.leakwatch.cli.RunCommand;
import io.leakwatch.cli.SpanConverter;
import io.leakwatch.cli.Terminal;
import io.leakwatch.config.Configuration;
import io.leakwatch.export.table.ProcessList;
import io.leakwatch.export.table.ProcessTable;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.time.SystemTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code leakwatch top}: all watched processes on a terminal, as they are now. */
@Command(
    name = "top",
    description = {
      "Shows all watched processes live, the most severe first, and why.",
      "",
      "It asks the agent on this node. If none answers, it watches the configured",
      "processes itself while it runs: it starts from the history of the agent,",
      "records nothing and sends no alerts.",
      "",
      "Keys: q quits, up and down choose, Enter or right opens one process (what its",
      "memory is spent on, glibc's heaps, all reasons and limits), left returns to",
      "the list, s sorts by severity, growth, Rss or name.",
      "",
      "If the output is not a terminal, it prints one table and exits. No cell of the",
      "table contains a blank; - means unknown.",
      ""
    },
    mixinStandardHelpOptions = true)
public final class TopCommand implements Callable<Integer> {
  @Option(names = "--once", description = "Prints one table, also on a terminal.")
  private boolean once;

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      defaultValue = "2s",
      converter = SpanConverter.class,
      description = "Time between two updates (default ${DEFAULT-VALUE}).")
  private Duration interval = Duration.ofSeconds(2);

  @Option(
      names = "--config.file",
      paramLabel = "FILE",
      description = "Configuration file, the same as the agent's: its address, and what to watch.")
  private @Nullable Path configurationFile;

  @Override
  public Integer call() throws InterruptedException {
    if (interval.isZero()) {
      throw CommandFailure.usage("--interval must be at least 1s");
    }
    Configuration configuration = RunCommand.load(configurationFile);
    Terminal terminal = Terminal.ofThisProcess();
    if (!once && terminal.isInteractive()) {
      Optional<FullScreen> screen = FullScreen.open();
      if (screen.isPresent()) {
        log(Level.OFF);
        new LiveView(screen.get(), () -> find(configuration), interval, terminal.hasColours())
            .run();
        return 0;
      }
    }
    log(Level.WARN);
    return once(configuration, terminal);
  }

  /** What would be logged of a watch from here is on the screen already. */
  private static void log(Level level) {
    if (LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(level);
    }
  }

  /** The agent where one answers, this process itself where none does. */
  private static TopSource find(Configuration configuration) {
    AgentClient agent = new AgentClient(configuration);
    try {
      agent.ask();
      return agent;
    } catch (IOException e) {
      return new LocalSampling(configuration, String.valueOf(e.getMessage()));
    }
  }

  private static int once(Configuration configuration, Terminal terminal)
      throws InterruptedException {
    try (TopSource source = find(configuration)) {
      boolean own = source instanceof LocalSampling;
      if (own) {
        terminal.err().println("leakwatch: " + source.words());
        terminal.progress("sampling …");
      }
      ProcessList processes = source.ask();
      terminal.progressDone();
      if (own && processes.rows().isEmpty()) {
        throw CommandFailure.noProcess("no process matches the targets");
      }
      terminal.out().print(table(processes, terminal));
      terminal.out().flush();
      if (own && processes.rows().stream().noneMatch(row -> row.reading().up())) {
        throw CommandFailure.noProcess(
            "none of them can be read: " + processes.rows().get(0).reading().problem());
      }
      return 0;
    } catch (IOException e) {
      throw CommandFailure.because(String.valueOf(e.getMessage()));
    } finally {
      terminal.progressDone();
    }
  }

  private static String table(ProcessList processes, Terminal terminal) {
    int columns = terminal.isInteractive() ? FullScreen.columns() : 0;
    return columns > 0
        ? ProcessTable.plain(processes, SystemTime.TIME.now(), columns)
        : ProcessTable.plain(processes, SystemTime.TIME.now());
  }
}
