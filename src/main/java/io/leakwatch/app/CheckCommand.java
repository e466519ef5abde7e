package io.leakwatch.app;

import io.leakwatch.config.Configuration;
import io.leakwatch.proc.ProcFs;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code leakwatch check}: what will and will not work, and why. */
@Command(
    name = "check",
    description = "Says what will and will not work here, and why.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Option(names = "--config.file", paramLabel = "FILE", description = "Configuration to check.")
  private @Nullable Path file;

  @Override
  public Integer call() {
    Configuration configuration = RunCommand.load(file);
    SelfCheck.warnings(ProcFs.live()).forEach(System.out::println);
    System.out.println(configuration.targets().size());
    return 0;
  }
}
