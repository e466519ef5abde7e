package io.leakwatch.export;

import io.leakwatch.alert.Words;
import io.leakwatch.heap.CensusHistory;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.JemallocReport;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.region.Layout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The lines of a process' text that tell of its allocators beside glibc's heaps. */
final class AllocatorText {
  private static final int ARENAS_SHOWN_MAX = 20;
  private static final int SIZES_SHOWN_MAX = 10;

  private final List<String> lines = new ArrayList<>();

  private AllocatorText() {}

  static List<String> of(ProcessView view) {
    AllocatorText text = new AllocatorText();
    Layout layout = view.layout();
    if (layout != null && !layout.allocators().isEmpty()) {
      text.states(AllocatorStates.of(layout, view.heap(), view.jemalloc()), layout.exact());
    }
    JemallocReport jemalloc = view.jemalloc();
    if (jemalloc != null && !jemalloc.arenas().isEmpty()) {
      text.jemalloc(jemalloc);
    }
    text.growth(view.sizeGrowth());
    return text.lines;
  }

  private void states(List<AllocatorStates> states, boolean exact) {
    line("");
    line(
        "%-10s %11s %11s %11s %11s %11s %11s",
        "ALLOCATOR", "MAPPED", "RESIDENT", "LAZY FREE", "ABSENT", "IN USE", "HELD");
    for (AllocatorStates state : states) {
      line(
          "%-10s %11s %11s %11s %11s %11s %11s",
          state.allocator(),
          Words.size(state.mappedBytes()),
          Words.size(state.residentBytes()),
          exact ? Words.size(state.lazyFreeBytes()) : "?",
          Words.size(state.absentBytes()),
          state.inUseBytes() < 0 ? "?" : Words.size(state.inUseBytes()),
          state.heldBytes() < 0 ? "?" : Words.size(state.heldBytes()));
      if (!state.notKnown().isEmpty()) {
        line("           not known: %s", state.notKnown());
      }
    }
  }

  private void jemalloc(JemallocReport report) {
    line("");
    line(
        "jemalloc (%s)  %d arenas, coverage %.1f %%",
        report.layout(), report.arenaCount(), report.coverage() * 100);
    line(
        "%-6s %11s %12s %11s %11s %11s %11s",
        "ARENA", "ALLOCATED", "ALLOCATIONS", "ACTIVE", "DIRTY", "MUZZY", "RETAINED");
    arena("all", report.total());
    report.arenas().stream()
        .sorted(Comparator.comparingLong(arena -> -arena.activeBytes()))
        .limit(ARENAS_SHOWN_MAX)
        .forEach(arena -> arena(Integer.toString(arena.index()), arena));
    int hidden = report.arenaCount() - ARENAS_SHOWN_MAX;
    if (hidden > 0) {
      line("… and %d smaller ones", hidden);
    }
    line("");
    line("%12s %12s %11s", "SIZE CLASS", "ALLOCATIONS", "BYTES");
    for (HeapReport.SizeClass size :
        report.census().subList(0, Math.min(SIZES_SHOWN_MAX, report.census().size()))) {
      line("%12d %12d %11s", size.chunkBytes(), size.count(), Words.size(size.bytes()));
    }
  }

  private void arena(String name, JemallocReport.Arena sums) {
    line(
        "%-6s %11s %12d %11s %11s %11s %11s",
        name,
        Words.size(sums.allocatedBytes()),
        sums.allocations(),
        Words.size(sums.activeBytes()),
        Words.size(sums.dirtyBytes()),
        Words.size(sums.muzzyBytes()),
        Words.size(sums.retainedBytes()));
  }

  private void growth(CensusHistory.Growth growth) {
    for (SizeCensus.Growth size : growth.sizes()) {
      line("%s", sentence(size, growth.seconds()));
    }
  }

  /** E.g. {@code chunk size 112: +1.2 M chunks, +134 MB in 10 min}. */
  static String sentence(SizeCensus.Growth size, double seconds) {
    return "chunk size "
        + size.chunkBytes()
        + ": "
        + count(size.count())
        + " chunks, +"
        + Words.size((double) size.bytes())
        + " in "
        + Words.time(seconds);
  }

  private static String count(long count) {
    return Math.abs(count) < 10_000
        ? String.format(Locale.ROOT, "%+d", count)
        : Math.abs(count) < 1_000_000
            ? String.format(Locale.ROOT, "%+.1f k", count / 1e3)
            : String.format(Locale.ROOT, "%+.1f M", count / 1e6);
  }

  private void line(String format, Object... arguments) {
    lines.add(String.format(Locale.ROOT, format, arguments).stripTrailing());
  }
}
