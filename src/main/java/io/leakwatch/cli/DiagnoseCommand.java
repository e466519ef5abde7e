package io.leakwatch.cli;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.diagnosis.DiagnosisProgress;
import io.leakwatch.diagnosis.DiagnosisRun;
import io.leakwatch.diagnosis.ProfileRun;
import io.leakwatch.export.json.DiagnosisJson;
import io.leakwatch.export.profile.PprofFile;
import io.leakwatch.export.text.DiagnosisHtml;
import io.leakwatch.export.text.DiagnosisText;
import io.leakwatch.heap.content.Masking;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.program.BoundedChild;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.program.GivenFile;
import io.leakwatch.saved.core.CoreProcess;
import io.leakwatch.saved.core.SuccessiveCores;
import io.leakwatch.target.ProcessFinder;
import io.leakwatch.text.Quantity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code leakwatch diagnose}: the two readings. */
@Command(
    name = "diagnose",
    description =
        "Samples a process twice, or reads two core files of it, and explains its growth: verdict,"
            + " suspects, holders.",
    mixinStandardHelpOptions = true)
public final class DiagnoseCommand implements Callable<Integer> {
  private static final int BAR_CELLS = 24;
  private static final int PROFILE_BYTES_MAX = 48 << 10;
  private static final Duration SPAN = Duration.ofSeconds(30);

  @Parameters(
      index = "0",
      paramLabel = "PID|NAME|CORE",
      description =
          "A pid, the name of a configured instance, or the name of a program; or the older of two"
              + " core files of one process.")
  private String process = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "CORE2",
      description = "The later core file.")
  private @Nullable String laterCore;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = SpanConverter.class,
      description =
          "Time between the two samples: 5s, 30s, 10m (default 30s; of core files, the difference"
              + " of their modification times).")
  private @Nullable Duration span;

  @Option(names = "--json", description = "Prints one JSON object.")
  private boolean json;

  @Option(
      names = {"-v", "--verbose"},
      description = "Shows every reason, suspect, holder and note, at full length.")
  private boolean verbose;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Writes one self-contained HTML page, for example for a ticket.")
  private @Nullable Path html;

  @Option(
      names = "--paced",
      description = "Reads no faster than the daemon does; for a busy process.")
  private boolean paced;

  @Option(
      names = "--start-ticks",
      paramLabel = "N",
      hidden = true,
      description =
          "Diagnoses the process only if it started at this time (field 22 of /proc/PID/stat).")
  private @Nullable Long startTicks;

  @Option(
      names = "--profile",
      hidden = true,
      description = "Adds a heap profile to the JSON object.")
  private boolean withProfile;

  @Option(names = "--raw", description = "Shows strings unmasked.")
  private boolean raw;

  @Option(
      names = "--config.file",
      paramLabel = "FILE",
      description = "Configuration file that defines the instance names.")
  private @Nullable Path configurationFile;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    Configuration configuration = RunCommand.load(configurationFile);
    if (span != null && span.isZero()) {
      throw CommandFailure.usage("--for must be at least 1s");
    }
    boolean ofCores = CoreProcess.isMeant(process);
    if (ofCores && laterCore == null) {
      throw CommandFailure.usage(
          "diagnose compares two core files of one process: give the later one, too (for one,"
              + " leakwatch inspect)");
    }
    if (!ofCores && laterCore != null) {
      throw CommandFailure.usage(
          process + " is no core file: a second argument is the later one of two core files");
    }
    long heapBytes = configuration.diagnosis().memoryBytes();
    if (!BoundedChild.isBounded(heapBytes)) {
      return BoundedChild.run(
          heapBytes, spec.commandLine().getParent().getParseResult().originalArgs());
    }
    Terminal terminal = Terminal.ofThisProcess();
    Masking masking =
        raw ? Masking.none() : Masking.except(configuration.diagnosis().content().shownPrefixes());
    DiagnosisProgress progress = (step, share) -> terminal.progress(bar(step, share));
    DiagnosisRun.Result result;
    try {
      result =
          laterCore == null
              ? live(configuration, masking, progress)
              : ofCores(configuration, masking, progress, laterCore);
    } finally {
      terminal.progressDone();
    }
    if (html != null) {
      GivenFile.write(html, DiagnosisHtml.of(result.view(), result.diagnosis()));
    }
    terminal
        .out()
        .println(
            json
                ? DiagnosisJson.of(
                    result.view(),
                    result.diagnosis(),
                    withProfile ? profile(configuration, masking) : null)
                : DiagnosisText.of(
                    result.view(), result.diagnosis(), terminal.hasColours(), verbose));
    return 0;
  }

  private DiagnosisRun.Result live(
      Configuration configuration, Masking masking, DiagnosisProgress progress) {
    ProcFs procFs = ProcFs.live();
    ProcessFinder.Named named = find(procFs, configuration);
    Duration between = span == null ? SPAN : span;
    return DiagnosisRun.of(procFs, configuration, named, between, masking, paced, progress);
  }

  private ProcessFinder.Named find(ProcFs procFs, Configuration configuration) {
    ProcessFinder.Named named =
        ProcessFinder.onThisNode(procFs, new TargetMatcher(configuration.targets())).find(process);
    if (startTicks != null && startTicks != named.info().id().startTicks()) {
      throw CommandFailure.noProcess(
          "pid " + named.info().id().pid() + " now belongs to another process");
    }
    return named;
  }

  /** Null where the process is gone meanwhile. */
  private byte @Nullable [] profile(Configuration configuration, Masking masking) {
    ProcFs procFs = ProcFs.live();
    try {
      ProfileRun.Result result =
          ProfileRun.of(
              procFs,
              configuration,
              find(procFs, configuration),
              masking,
              paced,
              (step, share) -> {});
      return PprofFile.of(result.profile(), PROFILE_BYTES_MAX);
    } catch (CommandFailure e) {
      return null;
    }
  }

  private DiagnosisRun.Result ofCores(
      Configuration configuration, Masking masking, DiagnosisProgress progress, String later) {
    try (SuccessiveCores cores = SuccessiveCores.open(Path.of(process), Path.of(later))) {
      Duration between = cores.span(span);
      ProcessFinder.Named named =
          ProcessFinder.among(cores.process(), new TargetMatcher(configuration.targets()))
              .named(cores.process().info());
      return DiagnosisRun.of(cores, configuration, named, between, masking, progress);
    }
  }

  private static String bar(String step, double share) {
    int cells = (int) Math.round(share * BAR_CELLS);
    return String.format(
        Locale.ROOT,
        "[%s%s] %6s  %s",
        "█".repeat(cells),
        "░".repeat(BAR_CELLS - cells),
        Quantity.percent(share),
        step);
  }
}
