package io.leakwatch.export.text;

import io.leakwatch.export.ProcessView;
import io.leakwatch.export.RssBalance;
import io.leakwatch.export.SavedView.KnownFigures;
import io.leakwatch.export.StackUse;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Signal;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Verdict;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One process as text for a terminal: where its memory is, the allocator's state, the verdict. */
public final class InspectText {
  private static final int ARENAS_SHOWN_MAX = 20;
  private static final int SIZES_SHOWN_MAX = 10;
  private static final int STRIPS_SHOWN_MAX = 10;

  /** What a strip with 64 cells takes; a page that somebody prints has as many. */
  private static final int STRIP_COLUMNS = 82;

  private static final double NEAR_SHARE = 0.5;

  private final StringBuilder out = new StringBuilder();
  private final Style style;
  private final boolean blocks;

  private InspectText(boolean colours, boolean blocks) {
    this.style = new Style(colours);
    this.blocks = blocks;
  }

  /** The text without block characters. */
  public static String of(ProcessView view, boolean colours) {
    return of(view, colours, false);
  }

  /**
   * The text, ending with a line end.
   *
   * @param colours whether the reader is a terminal that shows ANSI colours
   * @param blocks whether it shows block characters
   */
  public static String of(ProcessView view, boolean colours, boolean blocks) {
    InspectText text = new InspectText(colours, blocks);
    text.header(view);
    Layout layout = view.memory().layout();
    if (layout != null) {
      text.balance(layout, view.heaps());
      text.kinds(layout, KnownFigures.of(view.memory()), view.assessment().verdict());
    }
    text.limits(view.resources());
    if (view.heaps().ptmalloc() != null) {
      text.heap(view.heaps().ptmalloc());
    }
    AllocatorText.of(view).forEach(line -> text.line("%s", line));
    if (view.assessment().verdict() != null) {
      text.verdict(view.assessment().verdict());
    }
    return text.out.toString();
  }

  private void header(ProcessView view) {
    ProcessView.Identity identity = view.identity();
    ProcessView.Reading reading = view.reading();
    ProcessView.Memory memory = view.memory();
    Layout layout = memory.layout();
    line(
        "%s  pid %d%s  %s",
        style.bold(clean(view.name())), identity.pid(), place(view), clean(identity.exe()));
    if (!identity.commandLine().isEmpty()) {
      line("%s", style.faint(ForeignText.harmless(identity.commandLine(), 200)));
    }
    if (!reading.up() || !reading.problem().isEmpty()) {
      line("%s", style.red((reading.up() ? "" : "not readable: ") + clean(reading.problem())));
    }
    line(
        "started %s   resident %s   anonymous %s   swap %s   lazily freed %s",
        identity.startTime() == null ? "?" : identity.startTime(),
        style.bold(Quantity.size(memory.residentBytes())),
        Quantity.size(memory.anonymousBytes()),
        Quantity.size(memory.swapBytes()),
        Quantity.size(memory.lazyFreeBytes()));
    if (layout != null) {
      line(
          "allocators %s   mappings %d%s%s",
          layout.allocators().isEmpty() ? "?" : String.join(", ", layout.allocators()),
          layout.mappingCount(),
          layout.transparentHugeBytes() > 0
              ? "   in huge pages " + Quantity.size(layout.transparentHugeBytes())
              : "",
          layout.exact() ? "" : "   (page scan; anonymous is an estimate)");
    }
  }

  private static String place(ProcessView view) {
    ProcessView.Place place = view.identity().place();
    String inner = place.pid() == view.identity().pid() ? "" : "pid " + place.pid() + " in ";
    return place.container().isEmpty()
        ? inner.isEmpty() ? "" : " (" + inner + "its own pid namespace)"
        : " (" + inner + "container " + clean(place.container()) + ")";
  }

  private void balance(Layout layout, ProcessView.Heaps heaps) {
    line("");
    BalanceTable.of(RssBalance.of(layout, heaps.owners())).forEach(row -> line("%s", row));
    StackUse stacks = heaps.stacks();
    if (stacks != null && stacks.withoutThread() > 0) {
      StackUse.Size most = stacks.sizes().get(0);
      line(
          "stacks: on %d of %d no thread runs (%s resident); %d are of %s",
          stacks.withoutThread(),
          stacks.count(),
          Quantity.size(stacks.withoutThreadBytes()),
          most.count(),
          Quantity.size(most.bytes()));
    }
  }

  private void kinds(Layout layout, KnownFigures known, @Nullable Verdict verdict) {
    line("");
    new KindTable(known, style)
        .rows(layout, kind -> growthOf(kind, verdict))
        .forEach(row -> line("%s", row));
    layout.basis().notes().forEach(note -> line("%s", style.faint("note: " + clean(note))));
  }

  /** What is half used up, and what it is known to be used by. */
  private void limits(List<ProcessView.ResourceUse> uses) {
    List<ProcessView.ResourceUse> told =
        uses.stream()
            .filter(use -> use.resource() != Resource.MEMORY)
            .filter(use -> use.used() >= NEAR_SHARE * use.limit() || !use.what().isEmpty())
            .toList();
    if (told.isEmpty()) {
      return;
    }
    line("");
    line("%-42s %11s %11s %6s", "LIMIT", "USED", "OF", "");
    for (ProcessView.ResourceUse use : told) {
      line(
          "%-42s %11s %11s %6s",
          clean(use.limitName()),
          amount(use.resource(), use.used()),
          amount(use.resource(), use.limit()),
          Quantity.percent(use.used() / use.limit()));
      if (!use.what().isEmpty()) {
        line("%s", style.faint("  most of it is " + clean(use.what())));
      }
    }
  }

  private static String amount(Resource resource, double value) {
    return resource.isCounted() ? String.format(Locale.ROOT, "%.0f", value) : Quantity.size(value);
  }

  private static String growthOf(RegionKind kind, @Nullable Verdict verdict) {
    if (verdict == null) {
      return "";
    }
    return Signal.of(kind)
        .map(verdict.growth().bySignal()::get)
        .filter(growth -> growth != 0)
        .map(growth -> " " + Quantity.rate(growth))
        .orElse("");
  }

  private void heap(HeapReport heap) {
    if (heap.arenas().isEmpty()) { // Then its sums are unknown, not 0.
      line("");
      line("%s  heaps not read: %s", style.bold("ptmalloc"), clean(heap.walk().layout()));
      return;
    }
    HeapTotals totals = HeapTotals.of(heap);
    line("");
    line(
        "%s (glibc %s)  %d arenas, %d heaps, coverage %s",
        style.bold("ptmalloc"),
        clean(heap.walk().layout()),
        heap.arenaCount(),
        totals.heapCount(),
        Quantity.percent(heap.walk().coverage()));
    line(
        "system %s   in use %s   free %s (%s of it in tops)   mmapped %s (%d)",
        Quantity.size(totals.systemBytes()),
        style.bold(Quantity.size(totals.inUseBytes())),
        Quantity.size(totals.keptBytes()),
        Quantity.size(totals.topBytes()),
        Quantity.size(heap.mmapped().bytes()),
        heap.mmapped().chunks());
    line("");
    line(
        "%-6s %-16s %11s %11s %10s %11s %11s  %s",
        "ARENA", "ADDRESS", "SYSTEM", "IN USE", "CHUNKS", "FREE", "PINNED", "IN USE");
    heap.arenas().stream()
        .sorted(Comparator.comparingLong(arena -> -arena.totals().systemBytes()))
        .limit(ARENAS_SHOWN_MAX)
        .forEach(this::arena);
    int hidden = heap.arenaCount() - ARENAS_SHOWN_MAX;
    if (hidden > 0) {
      line("%s", style.faint("… and " + hidden + " smaller ones"));
    }
    List<String> strips = StripText.lines(heap.strips(), STRIPS_SHOWN_MAX, STRIP_COLUMNS, blocks);
    if (!strips.isEmpty()) {
      line("");
      line("%-6s %9s  %s", "ARENA", "HEAP", "FROM ITS FIRST BYTE TO ITS TOP");
      strips.forEach(strip -> line("%s", strip));
    }
    if (!heap.census().isEmpty()) {
      line("");
      line("%12s %12s %11s", "CHUNK SIZE", "IN USE", "BYTES");
      heap.census().stream()
          .limit(SIZES_SHOWN_MAX)
          .forEach(
              size ->
                  line(
                      "%12s %12d %11s",
                      Quantity.exact(size.chunkBytes()),
                      size.count(),
                      Quantity.size(size.bytes())));
    }
    heap.walk().notes().forEach(note -> line("%s", style.faint("note: " + clean(note))));
  }

  private void arena(HeapReport.Arena arena) {
    HeapTotals totals = arena.totals();
    line(
        "%-6s %-16x %11s %11s %10d %11s %11s  %s",
        arena.main() ? "main" : Integer.toString(arena.index()),
        arena.address(),
        Quantity.size(totals.systemBytes()),
        Quantity.size(totals.inUseBytes()),
        arena.inUseChunks(),
        Quantity.size(totals.keptBytes()),
        Quantity.size(totals.pinnedBytes()),
        style.cyan(KindTable.bar(totals.inUseBytes(), totals.systemBytes())));
    HeapReport.Pin pin = arena.pin();
    if (pin != null) {
      line(
          "%s",
          style.faint(
              "       pinned by a chunk of "
                  + Quantity.exact(pin.chunkBytes())
                  + " at 0x"
                  + Long.toHexString(pin.address())
                  + ": "
                  + clean(pin.content())));
    }
  }

  private void verdict(Verdict verdict) {
    line("");
    String shown = style.verdict(verdict.kind(), verdict.kind().wireName());
    line(
        "%s %s (confidence %s), %s",
        style.bold("verdict"), shown, Quantity.percent(verdict.confidence()), rateOf(verdict));
    verdict.reasons().forEach(reason -> line("  - %s", clean(reason)));
    for (Verdict.Exhaustion limit : verdict.forecast().exhaustion()) {
      line("  %s: reached %s", clean(limit.limitName()), Verdict.Exhaustion.when(limit.seconds()));
    }
  }

  private static String rateOf(Verdict verdict) {
    return Double.isNaN(verdict.growth().bytesPerSecond())
        ? "growth unknown"
        : Quantity.rate(verdict.growth().bytesPerSecond());
  }

  private void line(String format, Object... arguments) {
    String line = String.format(Locale.ROOT, format, arguments).stripTrailing();
    out.append(line).append('\n');
  }

  private static String clean(String foreign) {
    return ForeignText.harmless(foreign, 200);
  }
}
