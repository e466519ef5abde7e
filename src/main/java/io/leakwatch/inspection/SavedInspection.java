package io.leakwatch.inspection;

import io.leakwatch.elf.ElfImage;
import io.leakwatch.elf.Linkage;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.SavedView;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.identity.ProgramNames;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.MappingTable.Field;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Classifier;
import io.leakwatch.region.ClassifierSettings;
import io.leakwatch.region.MemoryProbe;
import io.leakwatch.region.RegionMap;
import io.leakwatch.saved.SavedMappings;
import io.leakwatch.saved.SavedTree;
import io.leakwatch.target.ProcessFinder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What saved files say of a process: its memory by kind. No memory was saved with them, so names,
 * flags and shapes alone decide what a mapping is, and what an allocator holds in it is unknown.
 */
public final class SavedInspection {
  private final int largestMax;

  /**
   * An inspection.
   *
   * @param largestMax how many of the largest mappings are listed
   */
  public SavedInspection(int largestMax) {
    this.largestMax = largestMax;
  }

  /**
   * Of one process of a saved tree.
   *
   * @throws io.leakwatch.program.CommandFailure where its mappings were not saved or make no sense
   */
  public SavedView of(SavedTree tree, ProcessFinder.Named process) {
    Inspection.requireMemory(process);
    ProcessInfo info = process.info();
    int pid = info.id().pid();
    SavedMappings mappings = tree.mappings(pid);
    Status status = tree.status(pid);
    Executable executable = executable(tree, pid);
    SavedView.Identity identity =
        new SavedView.Identity(
            pid == 0 ? null : pid,
            process.name(),
            info.program().exe(),
            executable.buildId(),
            String.join(" ", info.program().commandLine()).strip(),
            status.threads(),
            info.startTime().equals(SavedTree.UNKNOWN_START) ? null : info.startTime());
    return view(identity, mappings, executable.linkage(), status.rss().bytes());
  }

  /** Of a single file. */
  public SavedView of(SavedMappings mappings) {
    int colon = mappings.title().indexOf(':');
    Integer pid = colon < 0 ? null : Integer.valueOf(mappings.title().substring(0, colon));
    String command = mappings.title().substring(colon + 1).strip();
    List<String> names = ProgramNames.of("", "", List.of(command.split(" ", 2)[0]));
    SavedView.Identity identity =
        new SavedView.Identity(
            pid, names.isEmpty() ? "" : names.get(0), "", "", command, Status.ABSENT, null);
    return view(identity, mappings, Linkage.UNKNOWN, Status.ABSENT);
  }

  /** What the executable says of itself, if it was saved. */
  private record Executable(String buildId, Linkage linkage) {}

  private static Executable executable(SavedTree tree, int pid) {
    try {
      Optional<FileChannel> file = tree.executable(pid);
      Optional<ElfImage> opened = file.isPresent() ? ElfImage.open(file.get()) : Optional.empty();
      if (opened.isPresent()) {
        try (ElfImage image = opened.get()) {
          return new Executable(image.buildId(), image.linkage());
        }
      }
    } catch (IOException e) {
      return new Executable("", Linkage.UNKNOWN); // As good as not saved.
    }
    return new Executable("", Linkage.UNKNOWN);
  }

  private SavedView view(
      SavedView.Identity identity, SavedMappings saved, Linkage linkage, long statusRssBytes) {
    MappingTable table = saved.table();
    RegionMap regions = new RegionMap();
    Classification seen =
        new Classifier(ClassifierSettings.DEFAULTS)
            .classify(table, MemoryProbe.NONE, linkage, regions);
    List<String> notes = new ArrayList<>(saved.notes());
    notes.addAll(seen.notes());
    if (!table.has(Field.RSS)) {
      notes.add(saved.file() + " says what is mapped, not what of it is resident");
    }
    SavedView.KnownFigures known =
        new SavedView.KnownFigures(
            table.has(Field.RSS),
            table.has(Field.ANONYMOUS),
            table.has(Field.SWAP),
            table.has(Field.LAZY_FREE));
    double resident = statusRssBytes < 0 ? Double.NaN : statusRssBytes;
    ProcessView.Memory memory =
        new ProcessView.Memory(
            known.resident() ? table.total(Field.RSS) : resident,
            known.anonymous()
                ? table.total(Field.ANONYMOUS)
                    + table.total(Field.SWAP)
                    - table.total(Field.LAZY_FREE)
                : Double.NaN,
            known.swap() ? table.total(Field.SWAP) : Double.NaN,
            known.lazyFree() ? table.total(Field.LAZY_FREE) : Double.NaN,
            seen.layout(),
            seen.space(),
            List.of());
    return new SavedView(
        identity,
        new SavedView.Source(
            saved.file(), saved.format().wireName(), saved.pageBytes(), table.malformedLines()),
        memory,
        known,
        largest(table, regions),
        notes);
  }

  private List<SavedView.Mapping> largest(MappingTable table, RegionMap regions) {
    return IntStream.range(0, table.size())
        .boxed()
        .sorted(
            Comparator.comparingLong((Integer i) -> -table.get(i, Field.RSS))
                .thenComparingLong(i -> -table.lengthBytes(i)))
        .limit(largestMax)
        .map(
            i ->
                new SavedView.Mapping(
                    table.start(i),
                    table.end(i),
                    table.permissionLetters(i),
                    regions.kindOfMapping(i).wireName(),
                    table.name(i),
                    table.get(i, Field.RSS),
                    new SavedView.Rest(table.get(i, Field.ANONYMOUS), table.get(i, Field.SWAP))))
        .toList();
  }
}
