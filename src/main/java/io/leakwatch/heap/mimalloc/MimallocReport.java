package io.leakwatch.heap.mimalloc;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.ReleaseCall;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.region.kind.Allocator;
import java.util.List;

/**
 * What mimalloc says of itself in the target's memory. Sizes are bytes.
 *
 * @param census blocks in use by size, most bytes first, bounded
 * @param foreignBytes resident in large private mappings where mimalloc has nothing
 */
public record MimallocReport(
    Recognition recognition,
    Balance balance,
    long objects,
    List<SizeClass> census,
    long foreignBytes)
    implements OwnerReport {

  static MimallocReport none(String note) {
    return new MimallocReport(Recognition.none(note), Balance.ZERO, 0, List.of(), 0);
  }

  @Override
  public Allocator owner() {
    return Allocator.MIMALLOC;
  }

  @Override
  public ReleaseCall release() {
    return new ReleaseCall("mi_collect(true)", "MIMALLOC_PURGE_DELAY=0");
  }
}
