package io.leakwatch.heap;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import java.util.TreeMap;

/**
 * How full slabs are, by the size of their objects, those first that have most room; unchangeable.
 * As numbers in one array, because they are kept of each process that is watched.
 */
public final class SlabFills extends AbstractList<SlabFill> implements RandomAccess {
  public static final SlabFills NONE = new SlabFills(List.of());

  /** More than any allocator has size classes: tcmalloc up to 128, Go 68, jemalloc 39. */
  private static final int CLASSES_MAX = 128;

  /** Classes of a process that is watched: 3.5 KiB. */
  private static final int KEPT_MAX = 32;

  private static final int SLABS = 1;
  private static final int CAPACITY = 2;
  private static final int LIVE = 3;
  private static final int HISTOGRAM = 4;
  private static final int FIGURES = HISTOGRAM + SlabFill.BUCKETS;

  private final long[] figures;

  private SlabFills(Collection<long[]> classes) {
    figures = new long[FIGURES * classes.size()];
    int at = 0;
    for (long[] one : classes) {
      System.arraycopy(one, 0, figures, at, FIGURES);
      at += FIGURES;
    }
  }

  /** Counts the slabs of a walk. */
  public static final class Builder {
    private static final Comparator<long[]> MOST_ROOM_FIRST =
        Comparator.comparingLong((long[] one) -> one[0] * one[CAPACITY]).reversed();

    private final Map<Long, long[]> classes = new TreeMap<>();

    /**
     * Counts a slab.
     *
     * @param live objects in use of those that it has room for
     */
    public void add(long classBytes, long capacity, long live) {
      if (capacity <= 0) {
        return;
      }
      long[] one = classes.get(classBytes);
      if (one == null) {
        if (classes.size() == CLASSES_MAX) {
          return;
        }
        one = new long[FIGURES];
        one[0] = classBytes;
        classes.put(classBytes, one);
      }
      long used = Math.max(0, Math.min(live, capacity));
      one[SLABS]++;
      one[CAPACITY] += capacity;
      one[LIVE] += used;
      one[HISTOGRAM + (int) Math.min(SlabFill.BUCKETS - 1, used * SlabFill.BUCKETS / capacity)]++;
    }

    /** Adds what another walk counted. */
    public void add(SlabFills others) {
      for (int i = 0; i < others.size(); i++) {
        long[] more = new long[FIGURES];
        System.arraycopy(others.figures, FIGURES * i, more, 0, FIGURES);
        classes.merge(more[0], more, Builder::sum);
      }
    }

    private static long[] sum(long[] one, long[] other) {
      for (int i = 1; i < FIGURES; i++) {
        one[i] += other[i];
      }
      return one;
    }

    public SlabFills build() {
      return new SlabFills(classes.values().stream().sorted(MOST_ROOM_FIRST).toList());
    }
  }

  @Override
  public SlabFill get(int index) {
    int at = FIGURES * index;
    List<Long> histogram = new ArrayList<>(SlabFill.BUCKETS);
    for (int i = 0; i < SlabFill.BUCKETS; i++) {
      histogram.add(figures[at + HISTOGRAM + i]);
    }
    return new SlabFill(
        figures[at], figures[at + SLABS], figures[at + CAPACITY], figures[at + LIVE], histogram);
  }

  @Override
  public int size() {
    return figures.length / FIGURES;
  }

  /** Those with most room, as many as are kept of a process that is watched. */
  public SlabFills brief() {
    if (size() <= KEPT_MAX) {
      return this;
    }
    List<long[]> kept = new ArrayList<>();
    for (int i = 0; i < KEPT_MAX; i++) {
      long[] one = new long[FIGURES];
      System.arraycopy(figures, FIGURES * i, one, 0, FIGURES);
      kept.add(one);
    }
    return new SlabFills(kept);
  }
}
