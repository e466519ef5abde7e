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

/**
 * Reads from outside what mimalloc 2 holds in a live process, without symbols: each segment ({@link
 * Segments}) says of every page how many blocks are in use. The generations differ in the size of a
 * page's description, and only with the right one the pages fill a segment. Each segment counts its
 * pages in use, which checks what was read. One object serves one thread.
 */
public final class MimallocReader implements OwnerReader<BlocksReport> {
  private static final ReleaseCall RELEASE =
      new ReleaseCall("mi_collect(true)", "MIMALLOC_PURGE_DELAY=0");
  private static final String NOT_FOUND = "mimalloc's structures were not found";
  private static final String NOT_KNOWN = "layout not recognised";
  private static final String DELAYED =
      "what one thread freed in another one's full page counts as in use until that one allocates";

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
    Look best = new Look(MimallocLayout.V2_1, 0, 0);
    for (MimallocLayout layout : MimallocLayout.values()) {
      Look look = look(target, layout, budget);
      best = look.coverage() > best.coverage() ? look : best;
    }
    Presence presence = new Presence(target.memory());
    BlocksReport report =
        best.coverage() == 0
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
   * How well a generation fits the segments.
   *
   * @param smallOffset bytes from a page's first slice to its first small block
   */
  private record Look(MimallocLayout layout, double coverage, long smallOffset) {}

  private static Look look(OwnerTarget target, MimallocLayout layout, ByteBudget budget) {
    Segments segments = new Segments(new Words(target.memory(), budget), target.space(), layout);
    SmallOffset offset = new SmallOffset();
    segments.walk(
        new Segments.Receiver() {
          @Override
          public void segment(long start, long firstPage, long end) {}

          @Override
          public void page(MimallocPage page) {
            offset.add(page);
          }
        });
    return new Look(layout, segments.coverage(), offset.bytes());
  }

  private BlocksReport read(
      OwnerTarget target, Look look, ByteBudget budget, Presence presence, ObjectVisitor visitor) {
    Words words = new Words(target.memory(), budget);
    Segments segments = new Segments(words, target.space(), look.layout());
    PageTally tally =
        new PageTally(
            new Words(target.memory(), budget),
            new BlockRuns(presence, look.smallOffset() < 0 ? ObjectVisitor.NONE : visitor),
            look.smallOffset());
    segments.walk(tally);
    boolean holds =
        segments.coverage() >= COVERAGE_MIN && Math.abs(segments.selfCheck() - 1) <= DEVIATION_MAX;
    if (!holds) {
      return BlocksReport.none(Allocator.MIMALLOC, NOT_KNOWN);
    }
    long foreign = tally.owned().foreignBytes(target, presence, tally.runs()::addMetadata);
    return new BlocksReport(
        Allocator.MIMALLOC,
        RELEASE,
        new Recognition(
            look.layout().versions(),
            segments.coverage(),
            segments.selfCheck(),
            segments.coverage(),
            List.of(DELAYED)),
        tally.runs().balance(),
        BlocksReport.Blocks.of(tally.objects(), tally.census(settings.censusSizesMax())),
        foreign);
  }
}
