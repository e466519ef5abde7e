package io.leakwatch.heap.musl;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.ReleaseCall;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.region.kind.Allocator;
import java.util.List;

/**
 * What musl's malloc says of itself in the target's memory. Sizes are bytes.
 *
 * @param census slots in use by size, most bytes first, bounded
 * @param foreignBytes resident in large private mappings where musl's malloc has nothing
 */
public record MuslReport(
    Recognition recognition,
    Balance balance,
    long objects,
    List<SizeClass> census,
    long foreignBytes)
    implements OwnerReport {

  static MuslReport none(String note) {
    return new MuslReport(Recognition.none(note), Balance.ZERO, 0, List.of(), 0);
  }

  @Override
  public Allocator owner() {
    return Allocator.MUSL;
  }

  @Override
  public ReleaseCall release() {
    return ReleaseCall.NONE;
  }
}
