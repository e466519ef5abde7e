package io.leakwatch.heap.musl;

import io.leakwatch.heap.BlockRuns;
import io.leakwatch.heap.BlocksReport;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReader;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.ReleaseCall;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.kind.Allocator;
import java.util.List;

/**
 * Reads from outside what musl's malloc (mallocng, since musl 1.2.1) holds in a live process: the
 * descriptions of its groups ({@link MetaAreas}) say of each slot whether it is free. Sizes are
 * those of slots, as what was asked for is written before each block. One object serves one thread.
 */
public final class MuslReader implements OwnerReader<BlocksReport> {
  private static final String VERSION = "1.2.1 or later";

  /** Below it the structures were not understood. */
  private static final double COVERAGE_MIN = 0.5;

  private final WalkSettings settings;

  public MuslReader(WalkSettings settings) {
    this.settings = settings;
  }

  @Override
  public Allocator owner() {
    return Allocator.MUSL;
  }

  @Override
  public Outcome<BlocksReport> read(OwnerTarget target, ObjectVisitor visitor) {
    ByteBudget budget = new ByteBudget(settings.bytesMax(), target.pace());
    MetaAreas areas = new MetaAreas(target.memory(), budget, target.space());
    List<Group> groups = areas.groups(settings.mmapProbePagesMax());
    BlocksReport report =
        groups.isEmpty()
            ? BlocksReport.none(Allocator.MUSL, "musl's structures were not found")
            : read(target, areas, groups, visitor);
    return switch (areas.failure()) {
      case HeapMemory.GONE -> Outcome.vanished();
      case HeapMemory.DENIED -> Outcome.denied("process_vm_readv", "CAP_SYS_PTRACE");
      default -> Outcome.sampled(report);
    };
  }

  private BlocksReport read(
      OwnerTarget target, MetaAreas areas, List<Group> groups, ObjectVisitor visitor) {
    if (areas.coverage() < COVERAGE_MIN) {
      return BlocksReport.none(Allocator.MUSL, "layout not recognised");
    }
    Presence presence = new Presence(target.memory());
    GroupTally tally = new GroupTally(groups, new BlockRuns(presence, visitor));
    tally.walk();
    areas.areas().forEach(tally.owned()::keeps);
    long foreign = tally.owned().foreignBytes(target, presence, tally.runs()::addMetadata);
    return new BlocksReport(
        Allocator.MUSL,
        ReleaseCall.NONE,
        new Recognition(VERSION, areas.coverage(), Double.NaN, areas.coverage(), List.of()),
        tally.runs().balance(),
        BlocksReport.Blocks.of(tally.objects(), tally.census(settings.censusSizesMax())),
        foreign);
  }
}
