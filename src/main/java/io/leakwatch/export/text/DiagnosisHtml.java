package io.leakwatch.export.text;

import io.leakwatch.export.ProcessView;
import io.leakwatch.export.profile.FlameGraph;
import io.leakwatch.export.profile.HeapProfile;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.MemoryProfile.Frame;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Diagnosis;
import io.leakwatch.verdict.Suspect;
import io.leakwatch.verdict.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A diagnosis as one page for a ticket: nothing is loaded from anywhere, no script runs, and all
 * text of the process is escaped.
 */
public final class DiagnosisHtml {
  private static final int ARENAS_SHOWN_MAX = 40;

  private final HtmlPage page;

  private DiagnosisHtml(HtmlPage page) {
    this.page = page;
  }

  /**
   * The page.
   *
   * @param view of the second reading, with the diagnosis' verdict
   */
  public static String of(ProcessView view, Diagnosis diagnosis) {
    HtmlPage page = HtmlPage.titled(view.name() + ", " + diagnosis.verdict().kind().wireName());
    DiagnosisHtml parts = new DiagnosisHtml(page);
    parts.header(view);
    parts.verdict(view, diagnosis);
    parts.suspects(diagnosis);
    page.flame(flame(view, diagnosis));
    if (view.memory().layout() != null) {
      parts.kinds(view.memory().layout());
    }
    if (view.heaps().ptmalloc() != null) {
      parts.heap(view.heaps().ptmalloc());
    }
    List<String> notes = new ArrayList<>(diagnosis.notes());
    notes.addAll(diagnosis.details());
    page.list("What could not be done", notes);
    return page.end();
  }

  /** What grew as a flame graph: what it is, and above it who holds it. */
  private static String flame(ProcessView view, Diagnosis diagnosis) {
    List<HeapProfile.Sample> samples = new ArrayList<>();
    for (Suspect suspect : diagnosis.suspects()) {
      List<Frame> frames = new ArrayList<>();
      frames.add(Frame.of(Quantity.exact(suspect.chunkBytes()) + " " + suspect.content().type()));
      suspect.references().holders().stream()
          .findFirst()
          .ifPresent(holder -> frames.add(Frame.of("held by " + holder.where())));
      samples.add(
          new HeapProfile.Sample(
              suspect.kind(), frames, suspect.countGrowth(), suspect.bytesGrowth()));
    }
    Instant looked = view.reading().sampledAt();
    return samples.isEmpty() || looked == null
        ? ""
        : FlameGraph.of(new HeapProfile(view.name(), looked, samples), true);
  }

  private void header(ProcessView view) {
    ProcessView.Identity identity = view.identity();
    Instant looked = view.reading().sampledAt();
    page.add("<h1>%s</h1>\n", view.name());
    page.add("<div class=\"dim\">pid %s &middot; %s</div>\n", identity.pid(), identity.exe());
    page.add(
        "<div class=\"dim\">build id %s &middot; started %s &middot; sampled %s</div>\n",
        identity.buildId().isEmpty() ? "unknown" : identity.buildId(),
        identity.startTime() == null ? "?" : identity.startTime(),
        looked == null ? "?" : looked);
  }

  private void verdict(ProcessView view, Diagnosis diagnosis) {
    Verdict verdict = diagnosis.verdict();
    String kind =
        switch (verdict.kind()) {
          case LEAK -> "leak";
          case HELD, PINNED, GROWING -> "warn";
          default -> "ok";
        };
    page.add("<div class=\"card %s\">\n", kind);
    page.add(
        "<span class=\"word\">%s</span><span>%s</span>\n",
        verdict.kind().wireName(), DiagnosisWords.sentence(verdict));
    page.add("<div class=\"facts\">\n");
    page.fact("resident", Quantity.size(view.memory().residentBytes()));
    page.fact("anonymous", Quantity.size(view.memory().anonymousBytes()));
    page.fact("growth", Quantity.rate(verdict.growth().bytesPerSecond()));
    page.fact("watched for", Quantity.duration(diagnosis.span()));
    for (Verdict.Exhaustion limit : verdict.forecast().exhaustion()) {
      if (Double.isFinite(limit.seconds())) {
        page.fact("reaches " + limit.limitName(), Verdict.Exhaustion.when(limit.seconds()));
      }
    }
    page.add("</div>\n<ul>\n");
    verdict.reasons().forEach(reason -> page.add("<li>%s</li>\n", reason));
    for (Verdict.Load load : verdict.load()) {
      page.add(
          "<li>%s explains %s of the growth</li>\n",
          load.metric(), Quantity.percent(load.explainedFraction()));
    }
    page.add("</ul>\n</div>\n");
  }

  private void suspects(Diagnosis diagnosis) {
    page.add("<h2>What grew</h2>\n<div class=\"card plain\">\n");
    if (diagnosis.suspects().isEmpty()) {
      page.add("<p>Nothing grew.</p>\n</div>\n");
      return;
    }
    double seconds = Math.max(1e-3, diagnosis.span().toMillis() / 1e3);
    page.add("<table>\n<tr><th class=\"left\">what</th><th>each</th><th>more</th>");
    page.add("<th>grown by</th><th>growth</th><th></th></tr>\n");
    long most = diagnosis.suspects().stream().mapToLong(Suspect::bytesGrowth).max().orElse(1);
    for (Suspect suspect : diagnosis.suspects()) {
      page.add("<tr><td class=\"left\"><b>%s</b>", suspect.content().type());
      if (!suspect.content().module().isEmpty()) {
        page.add(" <span class=\"dim\">%s</span>", suspect.content().module());
      }
      suspect.content().samples().forEach(sample -> page.add("<br><code>%s</code>", sample));
      DiagnosisWords.holding(suspect, true).forEach(line -> page.add("<br>%s", line));
      page.add(
          "</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>",
          Quantity.exact(suspect.chunkBytes()),
          suspect.countGrowth(),
          Quantity.size(suspect.bytesGrowth()),
          Quantity.rate(suspect.bytesGrowth() / seconds));
      page.bar(suspect.bytesGrowth(), most);
      page.add("</td></tr>\n");
    }
    page.add("</table>\n</div>\n");
  }

  private void kinds(Layout layout) {
    page.add("<h2>Where its memory is</h2>\n<div class=\"card plain\">\n<table>\n");
    page.add("<tr><th class=\"left\">kind</th><th>count</th><th>mapped</th><th>resident</th>");
    page.add("<th>anonymous</th><th>swap</th><th></th></tr>\n");
    List<Map.Entry<RegionKind, Layout.Totals>> rows =
        layout.kinds().entrySet().stream()
            .sorted(Comparator.comparingLong(row -> -row.getValue().residentBytes()))
            .toList();
    long most = rows.isEmpty() ? 1 : rows.get(0).getValue().residentBytes();
    for (Map.Entry<RegionKind, Layout.Totals> row : rows) {
      Layout.Totals totals = row.getValue();
      page.add(
          "<tr><td class=\"left\">%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>",
          row.getKey().wireName(),
          totals.count(),
          Quantity.size(totals.mappedBytes()),
          Quantity.size(totals.residentBytes()),
          Quantity.size(totals.anonymousBytes()),
          Quantity.size(totals.swapBytes()));
      page.bar(totals.residentBytes(), most);
      page.add("</td></tr>\n");
    }
    page.add("</table>\n</div>\n");
  }

  private void heap(HeapReport heap) {
    HeapTotals totals = HeapTotals.of(heap);
    page.add("<h2>malloc's arenas</h2>\n<p class=\"dim\">");
    page.add(
        "in use %s &middot; free %s &middot; malloc_trim(0) would give back %s &middot; coverage %s</p>\n",
        Quantity.size(totals.inUseBytes()),
        Quantity.size(totals.keptBytes()),
        Quantity.size(totals.trimmableBytes()),
        Quantity.percent(heap.walk().coverage()));
    page.add(
        "<div class=\"card plain\">\n<table>\n<tr><th class=\"left\">arena</th><th>system</th>");
    page.add("<th>in use</th><th>chunks</th><th>free</th><th>pinned</th><th></th></tr>\n");
    List<HeapReport.Arena> arenas =
        heap.arenas().stream()
            .sorted(Comparator.comparingLong(arena -> -arena.totals().systemBytes()))
            .limit(ARENAS_SHOWN_MAX)
            .toList();
    for (HeapReport.Arena arena : arenas) {
      page.add("<tr><td class=\"left\">%s", arena.main() ? "main" : arena.index());
      HeapReport.Pin pin = arena.pin();
      HeapTotals own = arena.totals();
      if (pin != null && own.pinnedBytes() > 1 << 20) {
        page.add(
            "<br><code>pinned by a chunk of %s: %s</code>",
            Quantity.exact(pin.chunkBytes()), pin.content());
        if (!pin.holder().isEmpty()) {
          page.add("<br><code>held by %s</code>", pin.holder());
        }
      }
      page.add(
          "</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>",
          Quantity.size(own.systemBytes()),
          Quantity.size(own.inUseBytes()),
          arena.inUseChunks(),
          Quantity.size(own.keptBytes()),
          Quantity.size(own.pinnedBytes()));
      page.bar(own.inUseBytes(), Math.max(1, own.systemBytes()));
      page.add("</td></tr>\n");
    }
    page.add("</table>\n</div>\n");
  }
}
