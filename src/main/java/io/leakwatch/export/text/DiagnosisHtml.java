package io.leakwatch.export.text;

import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Diagnosis;
import io.leakwatch.verdict.Suspect;
import io.leakwatch.verdict.Verdict;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A diagnosis as one page for a ticket: nothing is loaded from anywhere, no script runs, and all
 * text of the process is escaped.
 */
public final class DiagnosisHtml {
  private static final int ARENAS_SHOWN_MAX = 40;
  private static final int TEXT_CHARACTERS_MAX = 1000;
  private static final String STYLE =
      """
      :root { --ink:#1b2430; --dim:#667085; --line:#e4e7ec; --card:#fff; --ground:#f5f6f8;
        --bar:#4c78c8; --ok:#157f4b; --warn:#b45309; --bad:#b42318; }
      @media (prefers-color-scheme: dark) { :root { --ink:#e6e9ef; --dim:#98a2b3; --line:#2b3442;
        --card:#1a212c; --ground:#11161e; --bar:#6f9bea; --ok:#4cc38a; --warn:#f5a524;
        --bad:#ff7466; } }
      * { box-sizing:border-box; }
      body { margin:0; background:var(--ground); color:var(--ink);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif; }
      main { max-width:1080px; margin:0 auto; padding:24px 20px 48px; }
      h1 { font-size:22px; margin:0; overflow-wrap:anywhere; }
      h2 { font-size:16px; margin:28px 0 8px; }
      .dim { color:var(--dim); font-size:13px; overflow-wrap:anywhere; }
      .card { background:var(--card); border:1px solid var(--line); border-radius:8px;
        padding:16px 20px; margin:16px 0; border-left:5px solid var(--ok); overflow-x:auto; }
      .leak { border-left-color:var(--bad); } .leak .word { color:var(--bad); }
      .warn { border-left-color:var(--warn); } .warn .word { color:var(--warn); }
      .word { font-size:20px; font-weight:700; color:var(--ok); text-transform:uppercase;
        letter-spacing:.03em; margin-right:10px; }
      .facts { display:flex; flex-wrap:wrap; gap:8px 30px; margin:12px 0 4px; }
      .facts b { display:block; font-size:17px; font-weight:600; color:var(--ink); }
      .plain { border-left-width:1px; border-left-color:var(--line); padding:4px 20px; }
      table { border-collapse:collapse; width:100%; font-size:14px;
        font-variant-numeric:tabular-nums; }
      th, td { text-align:right; padding:7px 14px 7px 0; vertical-align:top; white-space:nowrap; }
      th { color:var(--dim); font-weight:400; font-size:13px; }
      td:last-child { text-align:left; }
      tr + tr td { border-top:1px solid var(--line); }
      .left { text-align:left; white-space:normal; overflow-wrap:anywhere; min-width:260px; }
      code { font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,monospace; color:var(--dim);
        overflow-wrap:anywhere; }
      .bar { display:inline-block; height:9px; border-radius:2px; background:var(--bar);
        vertical-align:middle; }
      ul { margin:8px 0; padding-left:20px; }
      """;

  private final StringBuilder out = new StringBuilder();

  private DiagnosisHtml() {}

  /**
   * The page.
   *
   * @param view of the second reading, with the diagnosis' verdict
   */
  public static String of(ProcessView view, Diagnosis diagnosis) {
    DiagnosisHtml page = new DiagnosisHtml();
    page.add("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n");
    page.add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.add(
        "<title>leakwatch: %s, %s</title>\n", view.name(), diagnosis.verdict().kind().wireName());
    page.out.append("<style>\n").append(STYLE).append("</style>\n<main>\n");
    page.header(view);
    page.verdict(view, diagnosis);
    page.suspects(diagnosis);
    if (view.memory().layout() != null) {
      page.kinds(view.memory().layout());
    }
    if (view.heaps().ptmalloc() != null) {
      page.heap(view.heaps().ptmalloc());
    }
    if (!diagnosis.notes().isEmpty() || !diagnosis.details().isEmpty()) {
      page.add("<h2>What could not be done</h2>\n<ul class=\"dim\">\n");
      diagnosis.notes().forEach(note -> page.add("<li>%s</li>\n", note));
      diagnosis.details().forEach(note -> page.add("<li>%s</li>\n", note));
      page.add("</ul>\n");
    }
    page.add("</main>\n</html>");
    return page.out.toString();
  }

  private void header(ProcessView view) {
    ProcessView.Identity identity = view.identity();
    Instant looked = view.reading().sampledAt();
    add("<h1>%s</h1>\n", view.name());
    add("<div class=\"dim\">pid %s &middot; %s</div>\n", identity.pid(), identity.exe());
    add(
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
    add("<div class=\"card %s\">\n", kind);
    add(
        "<span class=\"word\">%s</span><span>%s</span>\n",
        verdict.kind().wireName(), DiagnosisWords.sentence(verdict));
    add("<div class=\"facts\">\n");
    fact("resident", Quantity.size(view.memory().residentBytes()));
    fact("anonymous", Quantity.size(view.memory().anonymousBytes()));
    fact("growth", Quantity.rate(verdict.growth().bytesPerSecond()));
    fact("watched for", Quantity.duration(diagnosis.span()));
    for (Verdict.Exhaustion limit : verdict.forecast().exhaustion()) {
      if (Double.isFinite(limit.seconds())) {
        fact("reaches " + limit.limitName(), Verdict.Exhaustion.when(limit.seconds()));
      }
    }
    add("</div>\n<ul>\n");
    verdict.reasons().forEach(reason -> add("<li>%s</li>\n", reason));
    for (Verdict.Load load : verdict.load()) {
      add(
          "<li>%s explains %s of the growth</li>\n",
          load.metric(), Quantity.percent(load.explainedFraction()));
    }
    add("</ul>\n</div>\n");
  }

  private void fact(String name, String value) {
    add("<div class=\"dim\">%s<b>%s</b></div>\n", name, value);
  }

  private void suspects(Diagnosis diagnosis) {
    add("<h2>What grew</h2>\n<div class=\"card plain\">\n");
    if (diagnosis.suspects().isEmpty()) {
      add("<p>Nothing grew.</p>\n</div>\n");
      return;
    }
    double seconds = Math.max(1e-3, diagnosis.span().toMillis() / 1e3);
    add("<table>\n<tr><th class=\"left\">what</th><th>each</th><th>more</th>");
    add("<th>grown by</th><th>growth</th><th></th></tr>\n");
    long most = diagnosis.suspects().stream().mapToLong(Suspect::bytesGrowth).max().orElse(1);
    for (Suspect suspect : diagnosis.suspects()) {
      add("<tr><td class=\"left\"><b>%s</b>", suspect.content().type());
      if (!suspect.content().module().isEmpty()) {
        add(" <span class=\"dim\">%s</span>", suspect.content().module());
      }
      suspect.content().samples().forEach(sample -> add("<br><code>%s</code>", sample));
      DiagnosisWords.holding(suspect, true).forEach(line -> add("<br>%s", line));
      add(
          "</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>",
          Quantity.exact(suspect.chunkBytes()),
          suspect.countGrowth(),
          Quantity.size(suspect.bytesGrowth()),
          Quantity.rate(suspect.bytesGrowth() / seconds));
      bar(suspect.bytesGrowth(), most);
      add("</td></tr>\n");
    }
    add("</table>\n</div>\n");
  }

  private void kinds(Layout layout) {
    add("<h2>Where its memory is</h2>\n<div class=\"card plain\">\n<table>\n");
    add("<tr><th class=\"left\">kind</th><th>count</th><th>mapped</th><th>resident</th>");
    add("<th>anonymous</th><th>swap</th><th></th></tr>\n");
    List<Map.Entry<RegionKind, Layout.Totals>> rows =
        layout.kinds().entrySet().stream()
            .sorted(Comparator.comparingLong(row -> -row.getValue().residentBytes()))
            .toList();
    long most = rows.isEmpty() ? 1 : rows.get(0).getValue().residentBytes();
    for (Map.Entry<RegionKind, Layout.Totals> row : rows) {
      Layout.Totals totals = row.getValue();
      add(
          "<tr><td class=\"left\">%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>",
          row.getKey().wireName(),
          totals.count(),
          Quantity.size(totals.mappedBytes()),
          Quantity.size(totals.residentBytes()),
          Quantity.size(totals.anonymousBytes()),
          Quantity.size(totals.swapBytes()));
      bar(totals.residentBytes(), most);
      add("</td></tr>\n");
    }
    add("</table>\n</div>\n");
  }

  private void heap(HeapReport heap) {
    HeapTotals totals = HeapTotals.of(heap);
    add("<h2>malloc's arenas</h2>\n<p class=\"dim\">");
    add(
        "in use %s &middot; free %s &middot; malloc_trim(0) would give back %s &middot; coverage %s</p>\n",
        Quantity.size(totals.inUseBytes()),
        Quantity.size(totals.keptBytes()),
        Quantity.size(totals.trimmableBytes()),
        Quantity.percent(heap.walk().coverage()));
    add("<div class=\"card plain\">\n<table>\n<tr><th class=\"left\">arena</th><th>system</th>");
    add("<th>in use</th><th>chunks</th><th>free</th><th>pinned</th><th></th></tr>\n");
    List<HeapReport.Arena> arenas =
        heap.arenas().stream()
            .sorted(Comparator.comparingLong(arena -> -arena.totals().systemBytes()))
            .limit(ARENAS_SHOWN_MAX)
            .toList();
    for (HeapReport.Arena arena : arenas) {
      add("<tr><td class=\"left\">%s", arena.main() ? "main" : arena.index());
      HeapReport.Pin pin = arena.pin();
      HeapTotals own = arena.totals();
      if (pin != null && own.pinnedBytes() > 1 << 20) {
        add(
            "<br><code>pinned by a chunk of %s: %s</code>",
            Quantity.exact(pin.chunkBytes()), pin.content());
        if (!pin.holder().isEmpty()) {
          add("<br><code>held by %s</code>", pin.holder());
        }
      }
      add(
          "</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>",
          Quantity.size(own.systemBytes()),
          Quantity.size(own.inUseBytes()),
          arena.inUseChunks(),
          Quantity.size(own.keptBytes()),
          Quantity.size(own.pinnedBytes()));
      bar(own.inUseBytes(), Math.max(1, own.systemBytes()));
      add("</td></tr>\n");
    }
    add("</table>\n</div>\n");
  }

  private void bar(long part, long whole) {
    double share = whole <= 0 ? 0 : Math.max(0, Math.min(1, (double) part / whole));
    add(
        "<span class=\"bar\" style=\"width:%spx\"></span>",
        String.format(Locale.ROOT, "%.0f", share * 120));
  }

  /** Appends markup; each argument is text and is escaped. */
  private void add(String markup, Object... texts) {
    int from = 0;
    for (Object text : texts) {
      int at = markup.indexOf("%s", from);
      out.append(markup, from, at)
          .append(ForeignText.markup(String.valueOf(text), TEXT_CHARACTERS_MAX));
      from = at + 2;
    }
    out.append(markup, from, markup.length());
  }
}
