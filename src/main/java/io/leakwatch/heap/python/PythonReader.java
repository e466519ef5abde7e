package io.leakwatch.heap.python;

import io.leakwatch.heap.BlockRuns;
import io.leakwatch.heap.BlocksReport;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReader;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.ReleaseCall;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.heap.memory.Words;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.kind.Allocator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads from outside what CPython's object allocator holds in a live process, without symbols: one
 * of the interpreter's variables points to the descriptions of its arenas ({@link ArenaTable}),
 * whose pools say how many of their blocks are in use. Objects of more than 512 bytes are malloc's.
 * One object serves one thread.
 */
public final class PythonReader implements OwnerReader<BlocksReport> {
  private static final String NOT_FOUND = "Python's arenas were not found";
  private static final Pattern FILES = Pattern.compile("(lib)?python3(\\.\\d+)?d?(\\.so[.\\d]*)?");
  private static final int CANDIDATES_MAX = 1 << 16;

  /** Below it the structures were not understood. */
  private static final double COVERAGE_MIN = 0.5;

  private final WalkSettings settings;

  public PythonReader(WalkSettings settings) {
    this.settings = settings;
  }

  @Override
  public Allocator owner() {
    return Allocator.PYTHON;
  }

  /** Arenas with how they are cut. */
  private record Found(PoolLayout layout, List<Arena> arenas) {}

  @Override
  public Outcome<BlocksReport> read(OwnerTarget target, ObjectVisitor visitor) {
    ByteBudget budget = new ByteBudget(settings.bytesMax(), target.pace());
    Presence presence = new Presence(target.memory());
    Found found = find(target, budget);
    BlocksReport report =
        found == null
            ? BlocksReport.none(Allocator.PYTHON, NOT_FOUND)
            : read(target, found, budget, presence, visitor);
    presence.nextPresent(0, 1);
    return switch (presence.failure()) {
      case HeapMemory.GONE -> Outcome.vanished();
      case HeapMemory.DENIED -> Outcome.denied("process_vm_readv", "CAP_SYS_PTRACE");
      default -> Outcome.sampled(report);
    };
  }

  private @Nullable Found find(OwnerTarget target, ByteBudget budget) {
    AddressSpace space = target.space();
    Words words = new Words(target.memory(), budget);
    ArenaTable table = new ArenaTable(target.memory(), budget, space);
    Set<Long> seen = new HashSet<>();
    Found[] found = new Found[1];
    for (AddressSpace.DataSegment data : space.data()) {
      String file = data.path().substring(data.path().lastIndexOf('/') + 1);
      if (found[0] == null && FILES.matcher(file).matches()) {
        words.search(
            data,
            settings.shapeScanBytesMax(),
            (address, word) -> {
              boolean isNew = (word & 7) == 0 && space.anonymous().contains(word) && seen.add(word);
              found[0] = isNew ? found(table, word) : null;
              return found[0] == null && seen.size() < CANDIDATES_MAX;
            });
      }
    }
    return found[0];
  }

  private static @Nullable Found found(ArenaTable table, long address) {
    for (PoolLayout layout : PoolLayout.values()) {
      List<Arena> arenas = table.at(address, layout);
      if (!arenas.isEmpty()) {
        return new Found(layout, arenas);
      }
    }
    return null;
  }

  private BlocksReport read(
      OwnerTarget target,
      Found found,
      ByteBudget budget,
      Presence presence,
      ObjectVisitor visitor) {
    TypeCensus types =
        target.depth() == OwnerTarget.Depth.PROFILE
            ? new TypeCensus(new Types(new Words(target.memory(), budget)))
            : null;
    BlockRuns runs = new BlockRuns(presence, visitor);
    PoolTally tally =
        new PoolTally(target.memory(), found.layout(), budget, presence, runs, types, visitor);
    found.arenas().forEach(tally::add);
    if (tally.coverage() < COVERAGE_MIN) {
      return BlocksReport.none(Allocator.PYTHON, "layout not recognised");
    }
    return new BlocksReport(
        Allocator.PYTHON,
        ReleaseCall.NONE,
        new Recognition(
            found.layout().versions(),
            tally.coverage(),
            tally.selfCheck(),
            tally.coverage(),
            List.of("objects of more than 512 bytes are malloc's")),
        tally.balance(),
        new BlocksReport.Blocks(
            tally.objects(),
            tally.census(settings.censusSizesMax()),
            types == null ? List.of() : List.of(types.profile())),
        0);
  }
}
