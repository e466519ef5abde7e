package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.ChunkVisitor;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.ProcessHeapMemory;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads from outside what a process' ptmalloc holds: every arena, heap and chunk, while the process
 * runs. It finds the arenas ({@link ArenaFinder}), walks their chunks ({@link ChunkWalk}), follows
 * the free lists whose chunks look in use ({@link FreeLists}) and searches the chunks that malloc
 * got by mmap ({@link MmappedChunks}).
 *
 * <p>Memory use does not depend on the size of the heaps. One object serves one thread; it is
 * reused from walk to walk.
 */
public final class HeapWalker {
  /** Arenas are read one field after the other while their owner changes them. */
  private static final int FIND_TRIES_MAX = 8;

  private static final String UNRECOGNISED = "layout not recognised";

  private final WalkSettings settings;
  private final SizeCensus census = new SizeCensus();

  public HeapWalker(WalkSettings settings) {
    this.settings = settings;
  }

  /**
   * Walks a process' heaps.
   *
   * @param table the process' mappings, just read; they are read again into another one when no
   *     arena is found, or when the heaps have grown during the walk
   * @param meter stands around each read that takes the target's mmap_lock
   * @param pace receives how many bytes were read
   * @return a report, without arenas and with a note where no known layout fits
   */
  public Outcome<HeapReport> walk(
      ProcessReader process, MappingTable table, ReadMeter meter, ReadPace pace) {
    return walk(process, table, meter, pace, ChunkVisitor.NONE);
  }

  /** The same, and tells a visitor of each chunk. */
  public Outcome<HeapReport> walk(
      ProcessReader process,
      MappingTable table,
      ReadMeter meter,
      ReadPace pace,
      ChunkVisitor visitor) {
    Outcome<Boolean> access = process.memory().access();
    if (!(access instanceof Outcome.Sampled)) {
      return access.map(HeapWalker::never);
    }
    HeapMemory memory = new ProcessHeapMemory(process.memory(), meter);
    MappingTable latest = new MappingTable(table.rowsMax());
    Supplier<Outcome<MappingTable>> again = () -> process.maps(latest, meter);
    Outcome<HeapReport> outcome =
        walk(memory, table, anchors(table, process), again, pace, visitor);
    for (int i = 1; i < FIND_TRIES_MAX && isUnrecognised(outcome); i++) {
      Outcome<MappingTable> mappings = again.get();
      if (!(mappings instanceof Outcome.Sampled)) {
        return mappings.flatMap(t -> Outcome.vanished());
      }
      outcome = walk(memory, latest, anchors(latest, process), again, pace, visitor);
    }
    return outcome.flatMap(report -> process.status().map(status -> report));
  }

  private ArenaFinder.@Nullable Found find(
      HeapMemory memory, Outcome<MappingTable> mappings, List<ArenaFinder.Anchor> anchors) {
    return mappings instanceof Outcome.Sampled<MappingTable> read
        ? new ArenaFinder(memory, AddressSpace.of(read.value()), settings).find(anchors)
        : null;
  }

  private static List<ArenaFinder.Anchor> anchors(MappingTable table, ProcessReader process) {
    return MainArenaFile.anchors(AddressSpace.of(table), table, process);
  }

  private static boolean isUnrecognised(Outcome<HeapReport> outcome) {
    return outcome instanceof Outcome.Sampled<HeapReport> sampled
        && sampled.value().arenas().isEmpty();
  }

  private static HeapReport never(boolean access) {
    throw new IllegalStateException("access " + access);
  }

  /**
   * The same over any memory, tried once.
   *
   * @param again the mappings as they are now
   */
  Outcome<HeapReport> walk(
      HeapMemory memory,
      MappingTable table,
      List<ArenaFinder.Anchor> anchors,
      Supplier<Outcome<MappingTable>> again,
      ReadPace pace,
      ChunkVisitor visitor) {
    AddressSpace space = AddressSpace.of(table);
    ArenaFinder.Found found = new ArenaFinder(memory, space, settings).find(anchors);
    if (found == null) {
      return Outcome.sampled(
          new HeapReport(
              new HeapReport.Walk(UNRECOGNISED, 0, List.of(UNRECOGNISED)),
              List.of(),
              HeapReport.Mmapped.NONE,
              0,
              List.of()));
    }
    census.clear();
    WalkState state =
        new WalkState(
            memory, settings, new ByteBudget(settings.bytesMax(), pace), census, space, visitor);
    HeapReport report =
        state.walk(found, () -> find(memory, again.get(), anchors), new MaskedWords(table));
    return switch (state.failure()) {
      case HeapMemory.GONE -> Outcome.vanished();
      case HeapMemory.DENIED -> Outcome.denied("process_vm_readv", "CAP_SYS_PTRACE");
      default -> Outcome.sampled(report);
    };
  }
}
