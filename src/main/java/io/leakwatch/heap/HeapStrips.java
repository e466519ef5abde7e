package io.leakwatch.heap;

import java.util.Comparator;
import java.util.List;

/**
 * The heaps of a process as strips, bounded.
 *
 * @param list in the order of arenas and heaps
 * @param omitted further heaps
 */
public record HeapStrips(List<HeapStrip> list, int omitted) {
  public static final HeapStrips NONE = new HeapStrips(List.of(), 0);

  /** What is kept of each process under watch: about 10 KiB. */
  private static final int KEPT_MAX = 32;

  private static final int KEPT_CELLS_MAX = 256;

  private static final Comparator<HeapStrip> PINNED_AND_LARGE_FIRST =
      Comparator.comparing((HeapStrip strip) -> strip.pinCell() < 0)
          .thenComparing(Comparator.comparingLong(HeapStrip::bytes).reversed());

  public HeapStrips {
    list = List.copyOf(list);
  }

  /** So many of those that tell most: pinned ones first, then the largest. */
  public List<HeapStrip> telling(int stripsMax) {
    return list.stream().sorted(PINNED_AND_LARGE_FIRST).limit(stripsMax).toList();
  }

  /** Those that tell most, in fewer cells. */
  HeapStrips brief() {
    List<HeapStrip> kept =
        telling(KEPT_MAX).stream()
            .map(strip -> strip.folded(KEPT_CELLS_MAX))
            .sorted(Comparator.comparingInt(HeapStrip::arena).thenComparingLong(HeapStrip::address))
            .toList();
    return new HeapStrips(kept, omitted + list.size() - kept.size());
  }
}
