package io.leakwatch.export.json;

import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.jemalloc.JemallocReport;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.region.kind.RegionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of each allocator of a process, and what is not, in one shape for all of them. What
 * the kernel tells is known of each: how much of its address space is resident, given back lazily
 * (MADV_FREE; freed, but resident until somebody needs it), swapped, or without memory behind it
 * (never touched, or given back by MADV_DONTNEED).
 *
 * @param pages what the kernel tells
 * @param inUseBytes what the application has not freed, -1 when not known
 * @param heldBytes freed and kept by the allocator, -1 when not known
 * @param notKnown in words, {@code ""} when nothing is missing
 */
public record AllocatorStates(
    String allocator, Layout.Totals pages, long inUseBytes, long heldBytes, String notKnown) {
  private static final String OWN_TABLES =
      "which of its resident pages are in use: it keeps that in tables that are not read";

  /** Address space without memory behind it. */
  public long absentBytes() {
    return Math.max(0, pages.mappedBytes() - pages.residentBytes() - pages.swapBytes());
  }

  public static List<AllocatorStates> of(
      Layout layout, @Nullable HeapReport heap, @Nullable JemallocReport jemalloc) {
    List<AllocatorStates> states = new ArrayList<>();
    for (String name : layout.allocators()) {
      Optional<Allocator> allocator = Allocator.ofWireName(name);
      if (allocator.isPresent()) {
        states.add(of(allocator.get(), layout, heap, jemalloc));
      }
    }
    return states;
  }

  private static AllocatorStates of(
      Allocator allocator,
      Layout layout,
      @Nullable HeapReport heap,
      @Nullable JemallocReport jemalloc) {
    return switch (allocator) {
      case PTMALLOC -> ptmalloc(layout, heap);
      case JEMALLOC -> jemalloc(layout, jemalloc);
      case TCMALLOC, GO, JVM -> of(allocator, layout, OWN_TABLES);
    };
  }

  private static AllocatorStates ptmalloc(Layout layout, @Nullable HeapReport heap) {
    AllocatorStates pages =
        of(Allocator.PTMALLOC, layout, "bytes in use: its heaps were not walked");
    if (heap == null || heap.arenas().isEmpty()) {
      return pages;
    }
    HeapTotals totals = HeapTotals.of(heap);
    return pages.with(
        totals.inUseBytes(),
        totals.keptBytes(),
        heap.walk().coverage() < 1 ? "the part of its heaps that was not walked" : "");
  }

  private static AllocatorStates jemalloc(Layout layout, @Nullable JemallocReport jemalloc) {
    AllocatorStates pages =
        of(Allocator.JEMALLOC, layout, "bytes in use: its structures were not found or not read");
    return jemalloc == null || jemalloc.arenas().isEmpty()
        ? pages
        : pages.with(
            jemalloc.total().allocatedBytes(),
            jemalloc.freeBytes(),
            "how much of the allocated memory waits in threads' caches");
  }

  private AllocatorStates with(long inUse, long held, String missing) {
    return new AllocatorStates(allocator, pages, inUse, held, missing);
  }

  private static AllocatorStates of(Allocator allocator, Layout layout, String notKnown) {
    Layout.Totals pages = Layout.Totals.ZERO;
    for (RegionKind kind : allocator.kinds()) {
      pages = pages.plus(layout.totals(kind));
    }
    return new AllocatorStates(allocator.wireName(), pages, -1, -1, notKnown);
  }
}
