package io.leakwatch.app;

import io.leakwatch.alert.Escalation;
import io.leakwatch.alert.Replay;
import io.leakwatch.config.Configuration;
import io.leakwatch.diagnose.ProcessJudge;
import io.leakwatch.export.ReplayPlot;
import io.leakwatch.export.ReplayReport;
import io.leakwatch.history.CsvSeries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code leakwatch replay}: the detector over recorded series. */
@Command(
    name = "replay",
    description = "Runs the detector over recorded series and prints verdict and alert changes.",
    mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "CSV, gzipped or not.")
  private List<Path> files = List.of();

  @Option(names = "--json", description = "One JSON object per line.")
  private boolean json;

  @Option(
      names = "--plot",
      paramLabel = "FILE.svg",
      description = "Draws series, trend, forecast and alerts of the one file given.")
  private @Nullable Path plot;

  @Option(
      names = "--config.file",
      paramLabel = "FILE",
      description = "Configuration with the thresholds to try.")
  private @Nullable Path configurationFile;

  @Override
  public Integer call() throws IOException {
    if (plot != null && files.size() > 1) {
      throw CommandFailure.usage("--plot draws one file; " + files.size() + " were given");
    }
    Configuration configuration = RunCommand.load(configurationFile);
    Terminal terminal = Terminal.ofThisProcess();
    int unreadable = 0;
    for (int i = 0; i < files.size(); i++) {
      terminal.progress("replaying " + (i + 1) + " of " + files.size());
      unreadable += replay(files.get(i), configuration, terminal) ? 0 : 1;
    }
    terminal.progressDone();
    return unreadable == 0 ? 0 : 1;
  }

  private boolean replay(Path file, Configuration configuration, Terminal terminal)
      throws IOException {
    String name = file.toString();
    ReplayPlot picture = plot == null ? null : new ReplayPlot(file.getFileName().toString());
    Replay replay =
        new Replay(
            new ProcessJudge(configuration.trend()),
            new Escalation(configuration.severity()),
            change -> {
              terminal.progressDone();
              terminal
                  .out()
                  .println(
                      json
                          ? ReplayReport.changeJson(name, change)
                          : ReplayReport.changeText(name, change));
              if (picture != null) {
                picture.change(change);
              }
            });
    try {
      CsvSeries.Report report =
          CsvSeries.read(
              file,
              sample -> {
                replay.accept(sample);
                if (picture != null) {
                  picture.sample(sample);
                }
              });
      report.problems().forEach(problem -> terminal.err().println("leakwatch: " + problem));
    } catch (IOException e) {
      terminal.err().println("leakwatch: " + name + ": cannot be read: " + e.getMessage());
      return false;
    }
    Replay.Summary summary = replay.summary();
    terminal
        .out()
        .println(
            json
                ? ReplayReport.summaryJson(name, summary)
                : ReplayReport.summaryText(name, summary));
    if (plot != null && picture != null) {
      Files.writeString(plot, picture.svg());
    }
    return true;
  }
}
