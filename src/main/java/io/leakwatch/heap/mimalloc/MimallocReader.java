package io.leakwatch.heap.mimalloc;

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
import io.leakwatch.heap.memory.Words;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.kind.Allocator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads from outside what mimalloc holds in a live process, without symbols. In mimalloc 2 each
 * segment ({@link Segments}) says of every page how many blocks are in use, and counts its pages,
 * which checks what was read. In mimalloc 3 a map ({@link PageMap}) leads to each page. The
 * generations differ in a page's description, and only with the right one the pages fit their
 * places. One object serves one thread.
 */
public final class MimallocReader implements OwnerReader<BlocksReport> {
  private static final ReleaseCall RELEASE =
      new ReleaseCall("mi_collect(true)", "MIMALLOC_PURGE_DELAY=0");
  private static final String NOT_FOUND = "mimalloc's structures were not found";
  private static final String NOT_KNOWN = "layout not recognised";

  /** Below it the structures were not understood. */
  private static final double COVERAGE_MIN = 0.5;

  /** A segment's count may be off by it, as pages come and go while it is read. */
  private static final double DEVIATION_MAX = 0.25;

  private final WalkSettings settings;

  public MimallocReader(WalkSettings settings) {
    this.settings = settings;
  }

  @Override
  public Allocator owner() {
    return Allocator.MIMALLOC;
  }

  @Override
  public Outcome<BlocksReport> read(OwnerTarget target, ObjectVisitor visitor) {
    ByteBudget budget = new ByteBudget(settings.bytesMax(), target.pace());
    Look best = look(target, budget);
    Presence presence = new Presence(target.memory());
    BlocksReport report =
        best == null
            ? BlocksReport.none(Allocator.MIMALLOC, NOT_FOUND)
            : read(target, best, budget, presence, visitor);
    presence.nextPresent(0, 1);
    return switch (presence.failure()) {
      case HeapMemory.GONE -> Outcome.vanished();
      case HeapMemory.DENIED -> Outcome.denied("process_vm_readv", "CAP_SYS_PTRACE");
      default -> Outcome.sampled(report);
    };
  }

  /**
   * What was found on a first walk.
   *
   * @param pages to walk through again
   * @param smallOffset bytes from a page's first slice to its first small block
   */
  private record Look(PageSource pages, long smallOffset) {}

  private static @Nullable Look look(OwnerTarget target, ByteBudget budget) {
    Look best = null;
    double coverage = 0;
    for (MimallocLayout layout : MimallocLayout.values()) {
      Segments segments = new Segments(new Words(target.memory(), budget), target.space(), layout);
      SmallOffset offset = new SmallOffset();
      segments.walk(offset);
      if (segments.coverage() > coverage) {
        coverage = segments.coverage();
        Segments again = new Segments(new Words(target.memory(), budget), target.space(), layout);
        best = new Look(again, offset.bytes());
      }
    }
    if (best != null) {
      return best;
    }
    PageMap map = new PageMapSearch(new Words(target.memory(), budget), target.space()).find();
    return map == null ? null : new Look(map, 0);
  }

  private BlocksReport read(
      OwnerTarget target, Look look, ByteBudget budget, Presence presence, ObjectVisitor visitor) {
    PageSource pages = look.pages();
    PageTally tally =
        new PageTally(
            new Words(target.memory(), budget),
            new BlockRuns(presence, look.smallOffset() < 0 ? ObjectVisitor.NONE : visitor),
            look.smallOffset(),
            pages.givesBack());
    pages.walk(tally);
    boolean holds =
        pages.coverage() >= COVERAGE_MIN && Math.abs(pages.selfCheck() - 1) <= DEVIATION_MAX;
    if (!holds) {
      return BlocksReport.none(Allocator.MIMALLOC, NOT_KNOWN);
    }
    long foreign = tally.owned().foreignBytes(target, presence, tally.runs()::addMetadata);
    return new BlocksReport(
        Allocator.MIMALLOC,
        RELEASE,
        new Recognition(
            pages.versions(),
            pages.coverage(),
            pages.selfCheck(),
            pages.coverage(),
            List.of(pages.note())),
        tally.runs().balance(),
        BlocksReport.Blocks.of(tally.objects(), tally.census(settings.censusSizesMax())),
        foreign);
  }
}
