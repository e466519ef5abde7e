package io.leakwatch.heap;

import java.util.List;

/**
 * The objects that an owner counts as in use.
 *
 * @param objects their number
 * @param census by size, most bytes first, bounded
 * @param slabFill how full the slabs or spans are that they lie in
 */
public record InUse(long objects, List<SizeClass> census, SlabFills slabFill) {
  public static final InUse NONE = new InUse(0, List.of(), SlabFills.NONE);

  /** The same in as little room as what is kept of each process may take. */
  public InUse brief() {
    return new InUse(objects, census, slabFill.brief());
  }
}
