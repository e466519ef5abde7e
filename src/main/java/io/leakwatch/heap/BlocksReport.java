package io.leakwatch.heap;

import io.leakwatch.region.kind.Allocator;
import java.util.List;

/**
 * What an owner holds of which nothing is told but what all have in common. Sizes are bytes.
 *
 * @param objects in use
 * @param census blocks in use by size, most bytes first, bounded
 * @param foreignBytes resident in large private mappings where the owner has nothing
 */
public record BlocksReport(
    Allocator owner,
    ReleaseCall release,
    Recognition recognition,
    Balance balance,
    long objects,
    List<SizeClass> census,
    long foreignBytes)
    implements OwnerReport {

  /** Of an owner whose structures were not found, or are not known. */
  public static BlocksReport none(Allocator owner, String note) {
    return new BlocksReport(
        owner, ReleaseCall.NONE, Recognition.none(note), Balance.ZERO, 0, List.of(), 0);
  }
}
