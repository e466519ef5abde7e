package io.leakwatch.cli;

import io.leakwatch.agent.Gateway;
import io.leakwatch.agent.Service;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code leakwatch gateway}: the network of a daemon that has none. */
@Command(
    name = "gateway",
    description =
        "Does the networking of `leakwatch run --gateway`: serves the port with TLS and passwords,"
            + " and sends the alerts. Reads no memory of processes, and needs no privileges.",
    mixinStandardHelpOptions = true)
public final class GatewayCommand implements Callable<Integer> {
  @Option(
      names = "--config.file",
      paramLabel = "FILE",
      description = "Configuration file, the same as the daemon's.")
  private @Nullable Path file;

  @Override
  public Integer call() {
    return new Gateway(new Service(file, RunCommand.load(file), true)).run();
  }
}
