package io.leakwatch.heap.holders;

import static io.leakwatch.heap.ptmalloc.LiveHeap.value;

import io.leakwatch.config.Defaults;
import io.leakwatch.elf.Linkage;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.ObjectNames;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.ProcessHeapMemory;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.TargetFiles;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.Classifier;
import io.leakwatch.region.ClassifierSettings;
import io.leakwatch.region.MemoryProbe;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.symbols.SymbolSettings;
import io.leakwatch.symbols.Symbolizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A live {@code holders} program, its suspects, and the search for who holds them. */
final class HolderTarget implements AutoCloseable {
  final LiveHeap live;
  final List<SoughtMemory> suspects = new ArrayList<>();
  final MappingTable table = new MappingTable();
  private final RegionMap regions = new RegionMap();

  private HolderTarget(CTarget target) {
    String line = target.readLine();
    while (!line.equals("ready")) {
      String[] words = line.split(" ", -1);
      suspects.add(
          new SoughtMemory(
              Long.decode(words[1]),
              Allocator.PTMALLOC.objectBytes(Long.parseLong(words[2])),
              true,
              Integer.parseInt(words[3])));
      line = target.readLine();
    }
    live = new LiveHeap(target);
  }

  static HolderTarget start(String mode, int count) {
    return start(CTarget.compile("holders"), mode, count);
  }

  static HolderTarget start(Path program, String mode, int count, String... more) {
    List<String> arguments = new ArrayList<>(List.of(mode, Integer.toString(count)));
    arguments.addAll(List.of(more));
    return new HolderTarget(CTarget.start(Map.of(), program, arguments.toArray(String[]::new)));
  }

  /** An evenly spread sample of the suspects. */
  List<SoughtMemory> sample(int max) {
    List<SoughtMemory> some = new ArrayList<>();
    int count = Math.min(max, suspects.size());
    for (int i = 0; i < count; i++) {
      some.add(suspects.get((int) ((long) i * suspects.size() / count)));
    }
    return some;
  }

  HolderReport search(int suspectsMax) {
    return search(suspectsMax, Defaults.HOLDERS, HolderProgress.NONE, bytes -> {});
  }

  HolderReport search(
      int suspectsMax, HolderSettings settings, HolderProgress progress, ReadPace pace) {
    ProcessReader process = live.process;
    value(process.smaps(table, ReadMeter.UNPACED));
    new Classifier(ClassifierSettings.DEFAULTS)
        .classify(table, probe(process), Linkage.UNKNOWN, regions);
    return value(run(suspectsMax, settings, progress, pace));
  }

  /** Searches again, by what is known of the target's mappings from the last time. */
  Outcome<HolderReport> trySearch(int suspectsMax) {
    return run(suspectsMax, Defaults.HOLDERS, HolderProgress.NONE, bytes -> {});
  }

  private Outcome<HolderReport> run(
      int suspectsMax, HolderSettings settings, HolderProgress progress, ReadPace pace) {
    HolderSearch search = new HolderSearch(settings, ReadMeter.UNPACED, pace, progress);
    TargetFiles files = live.process.files();
    try (Symbolizer symbols = new Symbolizer(table, files, SymbolSettings.DEFAULTS)) {
      return search.search(
          live.process,
          table,
          regions,
          symbols,
          ObjectNames.NONE,
          live::owners,
          sample(suspectsMax));
    }
  }

  /** How often the target's worker has run. */
  long ticks() {
    live.target.send("ticks");
    return Long.parseLong(live.target.awaitLine("ticks").split(" ", -1)[1]);
  }

  private static MemoryProbe probe(ProcessReader process) {
    HeapMemory memory = new ProcessHeapMemory(process.memory(), ReadMeter.UNPACED);
    return new MemoryProbe() {
      @Override
      public boolean read(long address, long[] words) {
        return memory.peek(address, words, words.length) == words.length;
      }

      @Override
      public long residentBytes(long start, long end) {
        return -1;
      }
    };
  }

  @Override
  public void close() {
    live.close();
  }
}
