package io.leakwatch.region;

import io.leakwatch.region.kind.RegionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The address space of a process by kind. The resident bytes of the kinds add up to the Rss of the
 * mappings it was made from.
 *
 * @param allocators wire names ({@code ptmalloc}, {@code jemalloc}, {@code tcmalloc}, {@code go},
 *     {@code jvm}) of every allocator seen at work, the one that serves {@code malloc} first
 * @param kinds totals of every kind that occurs
 * @param heaps the ptmalloc heaps of non-main arenas, in address order
 * @param arenaCount ptmalloc arenas, the main one included when the process uses ptmalloc
 * @param mappingCount number of mappings
 */
public record Layout(
    List<String> allocators,
    Map<RegionKind, Totals> kinds,
    List<Heap> heaps,
    int arenaCount,
    int mappingCount,
    Basis basis) {

  /**
   * What the kinds and figures rest on.
   *
   * @param exact whether the figures come from smaps (then anonymous and lazy-free bytes are known)
   * @param transparentHugeBytes anonymous memory in transparent huge pages: resident, and so
   *     counted in the kinds too; -1 where it was not read
   * @param byShape kinds that at least in part are known by the shape of the address space alone,
   *     because the memory could not be read
   * @param notes what could not be seen and why, in words
   */
  public record Basis(
      boolean exact, long transparentHugeBytes, Set<RegionKind> byShape, List<String> notes) {

    public Basis {
      byShape = Set.copyOf(byShape);
      notes = List.copyOf(notes);
    }

    /** Of a reading that saw everything; the huge pages are not known. */
    public static Basis complete(boolean exact) {
      return new Basis(exact, -1, Set.of(), List.of());
    }
  }

  /** The same with more that could not be seen. */
  public Layout withNotes(List<String> more) {
    List<String> notes = new ArrayList<>(more);
    notes.addAll(basis.notes());
    Basis noted = new Basis(basis.exact(), basis.transparentHugeBytes(), basis.byShape(), notes);
    return new Layout(allocators, kinds, heaps, arenaCount, mappingCount, noted);
  }

  /** Whether the figures come from smaps. */
  public boolean exact() {
    return basis.exact();
  }

  /** Anonymous memory in transparent huge pages, -1 where it was not read. */
  public long transparentHugeBytes() {
    return basis.transparentHugeBytes();
  }

  /**
   * Sums over the mappings of one kind, bytes.
   *
   * @param anonymousBytes anonymous pages, resident; from a page scan an estimate (all resident
   *     pages of private mappings without a file)
   */
  public record Totals(
      int count,
      long mappedBytes,
      long residentBytes,
      long anonymousBytes,
      long swapBytes,
      long lazyFreeBytes) {

    public static final Totals ZERO = new Totals(0, 0, 0, 0, 0, 0);

    /** Of both together. */
    public Totals plus(Totals other) {
      return new Totals(
          count + other.count,
          mappedBytes + other.mappedBytes,
          residentBytes + other.residentBytes,
          anonymousBytes + other.anonymousBytes,
          swapBytes + other.swapBytes,
          lazyFreeBytes + other.lazyFreeBytes);
    }
  }

  /**
   * A {@code heap_info} of glibc's malloc/arena.c.
   *
   * @param address where it lies; aligned to {@code HEAP_MAX_SIZE}
   * @param arenaAddress the {@code malloc_state} it belongs to, 0 where memory could not be read
   * @param previousAddress the arena's next older heap, 0 for its first
   * @param sizeBytes in use by the arena; 0 where memory could not be read
   * @param committedBytes readable and writable ({@code mprotect_size}); never shrinks on trim
   */
  public record Heap(
      long address, long arenaAddress, long previousAddress, long sizeBytes, long committedBytes) {}

  /** The same without the single heaps, of which a large process has a thousand. */
  public Layout withoutHeaps() {
    return new Layout(allocators, kinds, List.of(), arenaCount, mappingCount, basis);
  }

  /** The same, with the huge pages that an earlier, exact reading has seen. */
  public Layout withTransparentHugeBytes(long bytes) {
    return new Layout(
        allocators,
        kinds,
        heaps,
        arenaCount,
        mappingCount,
        new Basis(basis.exact(), bytes, basis.byShape(), basis.notes()));
  }

  public Totals totals(RegionKind kind) {
    return kinds.getOrDefault(kind, Totals.ZERO);
  }
}
