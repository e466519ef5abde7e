package io.leakwatch.heap.golang;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.InUse;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.ReleaseCall;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SlabFill;
import io.leakwatch.region.kind.Allocator;
import java.util.List;

/**
 * What the Go runtimes of a process hold.
 *
 * @param inUse what survived the last collection
 * @param collections since the start, of the runtime that had most
 * @param profiles by the stacks that allocated, of each runtime that keeps them; where that was
 *     asked for
 */
public record GoReport(
    Recognition recognition,
    Balance balance,
    InUse inUse,
    long collections,
    GoroutineCensus goroutines,
    List<MemoryProfile> profiles)
    implements OwnerReport {

  @Override
  public long objects() {
    return inUse.objects();
  }

  @Override
  public List<SizeClass> census() {
    return inUse.census();
  }

  @Override
  public List<SlabFill> slabFill() {
    return inUse.slabFill();
  }

  @Override
  public Allocator owner() {
    return Allocator.GO;
  }

  /** What survived the last collection, and the stacks of goroutines: garbage is no growth. */
  @Override
  public long inUseBytes() {
    return balance.bytes(Balance.Part.LIVE) + balance.bytes(Balance.Part.STACK);
  }

  /** Nothing: what is free in a span is handed out again, whatever else is in it. */
  @Override
  public long pinnedBytes() {
    return 0;
  }

  @Override
  public GoReport brief(int partsMax) {
    return new GoReport(
        recognition,
        balance,
        inUse.brief(),
        collections,
        goroutines.groups().size() <= partsMax ? goroutines : goroutines.brief(partsMax),
        profiles.stream().map(profile -> profile.brief(partsMax)).toList());
  }

  @Override
  public ReleaseCall release() {
    return new ReleaseCall("debug.FreeOSMemory()", "GOMEMLIMIT=N or GOGC=N");
  }
}
