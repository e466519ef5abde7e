package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReader;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.Allocator;
import java.util.List;
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
public final class HeapWalker implements OwnerReader<HeapReport> {
  /** Arenas are read one field after the other while their owner changes them. */
  private static final int FIND_TRIES_MAX = 8;

  private static final String UNRECOGNISED = "layout not recognised";

  private final WalkSettings settings;
  private final SizeCensus census = new SizeCensus();

  public HeapWalker(WalkSettings settings) {
    this.settings = settings;
  }

  @Override
  public Allocator owner() {
    return Allocator.PTMALLOC;
  }

  /**
   * Walks a process' heaps. The mappings are read again when no arena is found, or when the heaps
   * have grown during the walk.
   */
  @Override
  public Outcome<HeapReport> read(OwnerTarget target, ObjectVisitor visitor) {
    Outcome<HeapReport> outcome = walk(target, anchors(target), visitor);
    for (int i = 1; i < FIND_TRIES_MAX && isUnrecognised(outcome); i++) {
      outcome = target.renewed().flatMap(now -> walk(now, anchors(now), visitor));
    }
    return outcome;
  }

  private ArenaFinder.@Nullable Found find(
      HeapMemory memory, Outcome<MappingTable> mappings, List<ArenaFinder.Anchor> anchors) {
    return mappings instanceof Outcome.Sampled<MappingTable> read
        ? new ArenaFinder(memory, AddressSpace.of(read.value()), settings).find(anchors)
        : null;
  }

  private static List<ArenaFinder.Anchor> anchors(OwnerTarget target) {
    return MainArenaFile.anchors(target.space(), target.table(), target.files());
  }

  private static boolean isUnrecognised(Outcome<HeapReport> outcome) {
    return outcome instanceof Outcome.Sampled<HeapReport> sampled
        && sampled.value().arenas().isEmpty();
  }

  /** The same, tried once. */
  Outcome<HeapReport> walk(
      OwnerTarget target, List<ArenaFinder.Anchor> anchors, ObjectVisitor visitor) {
    HeapMemory memory = target.memory();
    AddressSpace space = target.space();
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
            memory,
            settings,
            new ByteBudget(settings.bytesMax(), target.pace()),
            census,
            space,
            visitor);
    HeapReport report =
        state.walk(
            found,
            () -> find(memory, target.again().get(), anchors),
            new MaskedWords(target.table()));
    return switch (state.failure()) {
      case HeapMemory.GONE -> Outcome.vanished();
      case HeapMemory.DENIED -> Outcome.denied("process_vm_readv", "CAP_SYS_PTRACE");
      default -> Outcome.sampled(report);
    };
  }
}
