package io.leakwatch.export.text;

import io.leakwatch.text.ForeignText;
import java.util.List;
import java.util.Locale;

/**
 * A page for a ticket while it is being written: nothing is loaded from anywhere, no script runs,
 * and all text is escaped.
 */
final class HtmlPage {
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
      .flame { overflow-x:auto; background:#fff; } .flame svg { min-width:900px; display:block; }
      .curve { width:100%; height:160px; display:block; }
      .curve path { fill:none; stroke:var(--bar); stroke-width:2; vector-effect:non-scaling-stroke; }
      """;

  private final StringBuilder out = new StringBuilder();

  private HtmlPage() {}

  static HtmlPage titled(String title) {
    HtmlPage page = new HtmlPage();
    page.add("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n");
    page.add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.add("<title>leakwatch: %s</title>\n", title);
    page.out.append("<style>\n").append(STYLE).append("</style>\n<main>\n");
    return page;
  }

  /** The whole page; nothing may be added behind. */
  String end() {
    add("</main>\n</html>");
    return out.toString();
  }

  void fact(String name, String value) {
    add("<div class=\"dim\">%s<b>%s</b></div>\n", name, value);
  }

  void bar(long part, long whole) {
    double share = whole <= 0 ? 0 : Math.max(0, Math.min(1, (double) part / whole));
    add(
        "<span class=\"bar\" style=\"width:%spx\"></span>",
        String.format(Locale.ROOT, "%.0f", share * 120));
  }

  /** Sentences below a heading; nothing where there are none. */
  void list(String heading, List<String> sentences) {
    if (!sentences.isEmpty()) {
      add("<h2>%s</h2>\n<ul class=\"dim\">\n", heading);
      sentences.forEach(sentence -> add("<li>%s</li>\n", sentence));
      add("</ul>\n");
    }
  }

  /**
   * A picture that {@link io.leakwatch.export.profile.FlameGraph} drew, which has escaped its
   * texts; nothing where it is empty.
   */
  void flame(String svg) {
    if (!svg.isEmpty()) {
      add("<h2>By stack, type and holder</h2>\n<div class=\"card plain flame\">\n");
      out.append(svg);
      add("</div>\n");
    }
  }

  /** A curve; the path is made of numbers alone. */
  void curve(int width, int height, String path) {
    add(
        "<svg class=\"curve\" viewBox=\"0 0 %s %s\" preserveAspectRatio=\"none\"><path d=\"",
        width, height);
    out.append(path).append("\"/></svg>\n");
  }

  /** Appends markup; each argument is text and is escaped. */
  void add(String markup, Object... texts) {
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
