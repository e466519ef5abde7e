package io.leakwatch.cli;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.SavedView;
import io.leakwatch.export.json.InspectJson;
import io.leakwatch.export.json.SavedJson;
import io.leakwatch.export.text.InspectText;
import io.leakwatch.export.text.SavedText;
import io.leakwatch.inspection.Inspection;
import io.leakwatch.inspection.SavedInspection;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.saved.SavedTree;
import io.leakwatch.saved.core.CoreProcess;
import io.leakwatch.target.ProcessFinder;
import io.leakwatch.time.SystemTime;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code leakwatch inspect}: one reading, of a process or of what was saved of one. */
@Command(
    name = "inspect",
    description =
        "Shows the address space of a process by kind of memory, and the state of its allocator."
            + " Of a core file, the same; with --proc or --smaps, of a process whose files were"
            + " saved, on any machine.",
    mixinStandardHelpOptions = true)
public final class InspectCommand implements Callable<Integer> {
  private static final int LARGEST_MAX = 10_000;
  private static final int LISTED_MAX = 20;

  @Parameters(
      arity = "0..1",
      paramLabel = "PID|NAME|CORE",
      description =
          "A pid, the name of a configured instance, or the name of a program; or a core file"
              + " (gcore, coredumpctl, the kernel's). With --proc it may be left out where one"
              + " process was saved.")
  private @Nullable String process;

  @Option(
      names = "--proc",
      paramLabel = "DIR",
      description =
          "Reads a saved directory of one process (DIR/smaps or DIR/maps; DIR/status, DIR/stat,"
              + " DIR/cmdline), or a saved tree of them (DIR/PID/…).")
  private @Nullable Path savedTree;

  @Option(
      names = "--smaps",
      paramLabel = "FILE",
      description =
          "Reads one saved file: smaps, maps, or the output of pmap -X or -XX; - is standard"
              + " input.")
  private @Nullable Path savedFile;

  @Option(
      names = "--largest",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "With --proc or --smaps: how many of the largest mappings are listed (default"
              + " ${DEFAULT-VALUE}).")
  private int largest = 10;

  @Option(names = "--json", description = "Prints one JSON object.")
  private boolean json;

  @Option(
      names = "--config.file",
      paramLabel = "FILE",
      description = "Configuration file that defines the instance names.")
  private @Nullable Path configurationFile;

  @Override
  public Integer call() {
    Terminal terminal = Terminal.ofThisProcess();
    if (savedTree == null && savedFile == null) {
      ProcessView view = inspected(terminal);
      print(
          terminal,
          json
              ? InspectJson.of(view)
              : InspectText.of(view, terminal.hasColours(), terminal.hasBlocks()));
    } else {
      SavedView view = saved();
      print(terminal, json ? SavedJson.of(view) : SavedText.of(view, terminal.hasColours()));
    }
    return 0;
  }

  private static void print(Terminal terminal, String result) {
    terminal.out().println(result);
  }

  private ProcessView inspected(Terminal terminal) {
    if (process == null) {
      throw CommandFailure.usage(
          "name a process (PID|NAME) or a core file, or give --proc DIR or --smaps FILE");
    }
    Configuration configuration = RunCommand.load(configurationFile);
    TargetMatcher matcher = new TargetMatcher(configuration.targets());
    Inspection inspection =
        new Inspection(configuration.walk(), configuration.diagnosis().content());
    terminal.progress("reading " + process + " …");
    try {
      if (CoreProcess.isMeant(process)) {
        try (CoreProcess core = CoreProcess.open(Path.of(process))) {
          ProcessFinder.Named named = ProcessFinder.among(core, matcher).named(core.info());
          return inspection.of(core, named, core.modified());
        }
      }
      ProcFs procFs = ProcFs.live();
      ProcessFinder finder = ProcessFinder.onThisNode(procFs, matcher);
      return inspection.of(procFs, finder.find(process), SystemTime.TIME.now());
    } finally {
      terminal.progressDone();
    }
  }

  private SavedView saved() {
    if (largest < 0 || largest > LARGEST_MAX) {
      throw CommandFailure.usage("--largest must be from 0 to " + LARGEST_MAX);
    }
    SavedInspection inspection = new SavedInspection(largest);
    if (savedFile == null) {
      SavedTree tree = new SavedTree(Objects.requireNonNull(savedTree));
      return inspection.of(tree, find(tree));
    }
    if (savedTree != null) {
      throw CommandFailure.usage("--proc and --smaps exclude each other");
    }
    if (process != null) {
      throw CommandFailure.usage("--smaps reads one process: leave out " + process);
    }
    return inspection.of(SavedTree.mappings(savedFile));
  }

  private ProcessFinder.Named find(SavedTree tree) {
    Configuration configuration = RunCommand.load(configurationFile);
    ProcessFinder finder = ProcessFinder.among(tree, new TargetMatcher(configuration.targets()));
    if (process != null) {
      return finder.find(process);
    }
    int[] pids = tree.pidsWithMemory();
    if (pids.length <= 1) {
      return finder.find(Integer.toString(pids.length == 1 ? pids[0] : tree.pids()[0]));
    }
    String listed =
        Arrays.stream(pids)
            .limit(LISTED_MAX)
            .mapToObj(pid -> (pid + " " + finder.find(Integer.toString(pid)).name()).strip())
            .collect(Collectors.joining(", "));
    String more = pids.length > LISTED_MAX ? " and " + (pids.length - LISTED_MAX) + " more" : "";
    throw CommandFailure.usage(
        savedTree + " holds " + pids.length + " processes: give one of the pids " + listed + more);
  }
}
