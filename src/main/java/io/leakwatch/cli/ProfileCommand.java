package io.leakwatch.cli;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.diagnosis.DiagnosisProgress;
import io.leakwatch.diagnosis.ProfileRun;
import io.leakwatch.export.profile.FlameGraph;
import io.leakwatch.export.profile.HeapProfile;
import io.leakwatch.export.profile.PprofFile;
import io.leakwatch.export.profile.ProfileTable;
import io.leakwatch.heap.content.Masking;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.program.BoundedChild;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.program.GivenFile;
import io.leakwatch.target.ProcessFinder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code leakwatch profile}: what a process holds, as a file for other tools. */
@Command(
    name = "profile",
    description =
        "Writes the heap profile of a process in pprof's format: by the call stack that allocated"
            + " where its runtime keeps it, else by type, else by size and content with who holds"
            + " it. Of a profile that was written before, the table, a flame graph, a difference.",
    mixinStandardHelpOptions = true)
public final class ProfileCommand implements Callable<Integer> {
  private static final String ENDING = ".pb.gz";

  @Parameters(
      paramLabel = "PID|NAME|FILE",
      description =
          "A pid, the name of a configured instance, or the name of a program; or a profile"
              + " (FILE.pb.gz).")
  private String process = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Writes the profile, or the difference (usually FILE.pb.gz).")
  private @Nullable Path output;

  @Option(
      names = "--diff",
      paramLabel = "EARLIER",
      description = "Tells what changed since an earlier profile.")
  private @Nullable Path earlier;

  @Option(
      names = "--flame",
      paramLabel = "FILE",
      description = "Writes a flame graph (SVG): of a difference, of what was gained.")
  private @Nullable Path flame;

  @Option(
      names = "--paced",
      description = "Reads no faster than the daemon does; for a busy process.")
  private boolean paced;

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
    long heapBytes = configuration.diagnosis().memoryBytes();
    if (!BoundedChild.isBounded(heapBytes)) {
      return BoundedChild.run(
          heapBytes, spec.commandLine().getParent().getParseResult().originalArgs());
    }
    Terminal terminal = Terminal.ofThisProcess();
    HeapProfile before = earlier == null ? null : read(earlier);
    HeapProfile now =
        process.endsWith(ENDING) ? read(Path.of(process)) : live(configuration, terminal);
    HeapProfile shown = before == null ? now : now.since(before);
    boolean isDifference = before != null;
    if (output != null) {
      GivenFile.write(output, PprofFile.of(shown));
    }
    if (flame != null) {
      GivenFile.write(flame, FlameGraph.of(shown, isDifference));
    }
    terminal.out().println(ProfileTable.of(shown, isDifference));
    return 0;
  }

  private HeapProfile live(Configuration configuration, Terminal terminal) {
    ProcFs procFs = ProcFs.live();
    ProcessFinder.Named named =
        ProcessFinder.onThisNode(procFs, new TargetMatcher(configuration.targets())).find(process);
    Masking masking =
        raw ? Masking.none() : Masking.except(configuration.diagnosis().content().shownPrefixes());
    DiagnosisProgress progress = (step, share) -> terminal.progress(step);
    ProfileRun.Result result;
    try {
      result = ProfileRun.of(procFs, configuration, named, masking, paced, progress);
    } finally {
      terminal.progressDone();
    }
    result.notes().forEach(note -> terminal.err().println("leakwatch: " + note));
    return result.profile();
  }

  private static HeapProfile read(Path file) {
    try (InputStream in = GivenFile.open(file)) {
      return PprofFile.read(in);
    } catch (IOException e) {
      throw CommandFailure.because(file + ": is no readable heap profile: " + e.getMessage());
    }
  }
}
