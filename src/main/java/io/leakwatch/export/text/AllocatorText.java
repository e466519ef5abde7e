package io.leakwatch.export.text;

import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.CensusHistory;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.golang.GoReport;
import io.leakwatch.heap.golang.GoroutineGroup;
import io.leakwatch.heap.hotspot.HotSpotReport;
import io.leakwatch.heap.jemalloc.JemallocReport;
import io.leakwatch.heap.tcmalloc.TcmallocReport;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The lines of a process' text that tell of its allocators beside glibc's heaps. */
final class AllocatorText {
  private static final int ARENAS_SHOWN_MAX = 20;
  private static final int SIZES_SHOWN_MAX = 10;
  private static final int GOROUTINES_SHOWN_MAX = 10;
  private static final int ENTRIES_SHOWN_MAX = 10;
  private static final int GROWTHS_SHOWN_MAX = 5;
  private static final int CALLS_SHOWN_MAX = 3;

  private final List<String> lines = new ArrayList<>();

  private AllocatorText() {}

  static List<String> of(ProcessView view) {
    ProcessView.Heaps heaps = view.heaps();
    AllocatorText text = new AllocatorText();
    JemallocReport jemalloc = heaps.jemalloc();
    if (jemalloc != null && !jemalloc.arenas().isEmpty()) {
      text.jemalloc(jemalloc);
    }
    TcmallocReport tcmalloc = heaps.owners().find(TcmallocReport.class);
    if (tcmalloc != null && !tcmalloc.growths().isEmpty()) {
      text.growths(tcmalloc);
    }
    GoReport go = heaps.owners().find(GoReport.class);
    if (go != null && go.isRecognised()) {
      text.go(go);
    }
    HotSpotReport java = heaps.owners().find(HotSpotReport.class);
    if (java != null && java.isRecognised()) {
      text.java(java);
    }
    for (OwnerReport owner : heaps.owners().recognised()) {
      owner.profiles().forEach(profile -> text.profile(owner.owner().wireName(), profile));
    }
    text.growth(heaps.sizeGrowth());
    return text.lines;
  }

  private void jemalloc(JemallocReport report) {
    line("");
    line(
        "jemalloc (%s)  %d arenas, coverage %s",
        report.layout(), report.arenaCount(), Quantity.percent(report.coverage()));
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
    for (SizeClass size :
        report.census().subList(0, Math.min(SIZES_SHOWN_MAX, report.census().size()))) {
      line(
          "%12s %12d %11s",
          Quantity.exact(size.chunkBytes()), size.count(), Quantity.size(size.bytes()));
    }
  }

  /** Who made tcmalloc's heap grow since the start. */
  private void growths(TcmallocReport report) {
    line("");
    line("%11s %11s  %s", "HEAP GREW", "TIMES", "CALLED BY (tcmalloc)");
    for (TcmallocReport.HeapGrowth growth :
        report.growths().subList(0, Math.min(GROWTHS_SHOWN_MAX, report.growths().size()))) {
      line(
          "%11s %11d  %s",
          Quantity.size(growth.bytes()),
          growth.count(),
          growth.calls().stream()
              .filter(call -> !call.contains("tcmalloc"))
              .limit(CALLS_SHOWN_MAX)
              .map(call -> ForeignText.harmless(call, 60))
              .collect(Collectors.joining(" < ")));
    }
  }

  private void go(GoReport report) {
    line("");
    line(
        "go (%s)  %d collections, %d objects survived the last one, %d goroutines",
        report.recognition().version(),
        report.collections(),
        report.objects(),
        report.goroutines().count());
    if (report.goroutines().groups().isEmpty()) {
      return;
    }
    line("%11s %11s  %-28s %s", "GOROUTINES", "STACKS", "STATE", "CREATED IN");
    for (GoroutineGroup group :
        report
            .goroutines()
            .groups()
            .subList(0, Math.min(GOROUTINES_SHOWN_MAX, report.goroutines().groups().size()))) {
      line(
          "%11d %11s  %-28s %s",
          group.count(),
          Quantity.size(group.stackBytes()),
          ForeignText.harmless(
              group.state() + (group.waitReason().isEmpty() ? "" : ": " + group.waitReason()), 40),
          ForeignText.harmless(group.createdAt(), 200));
    }
  }

  /** What memory in use is attributed to. */
  private void profile(String owner, MemoryProfile profile) {
    boolean isOfCalls = profile.basis() == MemoryProfile.Basis.STACK;
    line("");
    line("%11s %11s  %s (%s)", "IN USE", "OBJECTS", isOfCalls ? "ALLOCATED BY" : "TYPE", owner);
    for (MemoryProfile.Entry entry : profile.brief(ENTRIES_SHOWN_MAX).entries()) {
      line(
          "%11s %11s  %s",
          Quantity.size(entry.bytes()),
          Quantity.count((double) entry.objects()),
          entry.frames().stream()
              .limit(CALLS_SHOWN_MAX)
              .map(frame -> ForeignText.harmless(frame.name(), isOfCalls ? 60 : 150))
              .collect(Collectors.joining(" < ")));
    }
    int hidden = profile.entries().size() - ENTRIES_SHOWN_MAX;
    if (hidden > 0) {
      line("… and %d smaller ones", hidden);
    }
  }

  private void java(HotSpotReport report) {
    HotSpotReport.Figures figures = report.figures();
    line("");
    line(
        "java (%s, %s)  %s collections, %s threads, %s classes (%s unloaded), metaspace %s,"
            + " direct buffers %s",
        ForeignText.harmless(figures.version(), 60),
        figures.collector(),
        number(report.collections()),
        number(figures.threads()),
        number(figures.classes()),
        number(figures.unloadedClasses()),
        size(figures.metaspaceBytes()),
        size(figures.directBytes()));
    report.recognition().notes().forEach(note -> line("java: %s", ForeignText.harmless(note, 200)));
  }

  private static String number(long figure) {
    return figure < 0 ? "?" : Long.toString(figure);
  }

  private static String size(long bytes) {
    return bytes < 0 ? "?" : Quantity.size(bytes);
  }

  private void arena(String name, JemallocReport.Arena sums) {
    line(
        "%-6s %11s %12d %11s %11s %11s %11s",
        name,
        Quantity.size(sums.allocatedBytes()),
        sums.allocations(),
        Quantity.size(sums.activeBytes()),
        Quantity.size(sums.dirtyBytes()),
        Quantity.size(sums.muzzyBytes()),
        Quantity.size(sums.retainedBytes()));
  }

  private void growth(CensusHistory.Growth growth) {
    for (SizeCensus.Growth size : growth.sizes()) {
      line("%s", sentence(size, growth.seconds()));
    }
  }

  /** E.g. {@code chunk size 112 B: +1.2 M chunks, +128 MiB in 10 min}. */
  static String sentence(SizeCensus.Growth size, double seconds) {
    return "chunk size "
        + Quantity.exact(size.chunkBytes())
        + ": "
        + (size.count() > 0 ? "+" : "")
        + Quantity.count((double) size.count())
        + " chunks, "
        + Quantity.signed((double) size.bytes())
        + " in "
        + Quantity.duration(seconds);
  }

  private void line(String format, Object... arguments) {
    lines.add(String.format(Locale.ROOT, format, arguments).stripTrailing());
  }
}
