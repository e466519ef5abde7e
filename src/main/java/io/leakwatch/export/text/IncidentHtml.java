package io.leakwatch.export.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.leakwatch.alert.Severity;
import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentReport;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The evidence of an incident as one page for a ticket: nothing is loaded from anywhere and no
 * script runs. The report was kept as JSON, maybe by another version: what it lacks is left out.
 */
public final class IncidentHtml {
  private static final int SUSPECTS_MAX = 20;
  private static final int CURVE_WIDTH = 1000;
  private static final int CURVE_HEIGHT = 160;

  private final HtmlPage page;
  private final JsonObject report;

  private IncidentHtml(HtmlPage page, JsonObject report) {
    this.page = page;
    this.report = report;
  }

  /**
   * The page.
   *
   * @param flame what came between its heap profiles as {@link
   *     io.leakwatch.export.profile.FlameGraph} draws it, {@code ""} for none
   */
  public static String of(Incident incident, String flame) {
    HtmlPage page = HtmlPage.titled(incident.process() + ", " + incident.verdict());
    JsonObject report =
        IncidentReport.object(incident.evidence().reportJson()).orElseGet(JsonObject::new);
    IncidentHtml parts = new IncidentHtml(page, report);
    parts.head(incident);
    parts.curve();
    page.list("What changed when it began", parts.changes());
    parts.suspects();
    page.flame(flame);
    page.list("What could not be done", parts.texts("missing"));
    return page.end();
  }

  private void head(Incident incident) {
    page.add("<h1>%s</h1>\n", incident.process());
    page.add(
        "<div class=\"dim\">incident %s &middot; pid %s &middot; %s &middot; build id %s</div>\n",
        incident.id(), text(report, "pid"), text(report, "exe"), text(report, "build_id"));
    page.add(
        "<div class=\"card %s\">\n<span class=\"word\">%s</span><span>%s</span>\n",
        incident.severity() == Severity.CRITICAL ? "leak" : "warn",
        incident.verdict(),
        incident.evidence().summary());
    page.add("<div class=\"facts\">\n");
    page.fact("since", incident.since().toString());
    page.fact("until", incident.until() == null ? "ongoing" : incident.until().toString());
    page.fact("resident", Quantity.size(IncidentReport.number(report, "rss_bytes")));
    page.fact("anonymous", Quantity.size(IncidentReport.number(report, "anonymous_bytes")));
    page.fact("growth", Quantity.rate(IncidentReport.number(report, "growth_bytes_per_second")));
    for (JsonObject limit : objects("limits")) {
      double seconds = IncidentReport.number(limit, "exhaustion_seconds");
      if (Double.isFinite(seconds)) {
        page.fact("reaches " + text(limit, "name"), Verdict.Exhaustion.when(seconds));
      }
    }
    page.add("</div>\n<ul>\n");
    texts("reasons").forEach(reason -> page.add("<li>%s</li>\n", reason));
    page.add("</ul>\n</div>\n");
  }

  private List<String> changes() {
    List<String> sentences = new ArrayList<>();
    for (JsonObject change : objects("changes")) {
      sentences.add(
          text(change, "time")
              + ", "
              + text(change, "kind").replace('_', ' ')
              + ": "
              + text(change, "text"));
    }
    return sentences;
  }

  /** Anonymous memory as the report's series has it, from zero up. */
  private void curve() {
    if (!(report.get("series") instanceof JsonObject series)
        || !(series.get("time") instanceof JsonArray times)
        || !(series.get("rss_anon_bytes") instanceof JsonArray values)
        || times.size() != values.size()
        || times.size() < 2) {
      return;
    }
    double first = IncidentReport.number(times.get(0));
    double span = Math.max(1e-3, IncidentReport.number(times.get(times.size() - 1)) - first);
    double highest = 1;
    for (JsonElement value : values) {
      highest =
          Math.max(
              highest,
              Double.isNaN(IncidentReport.number(value)) ? 0 : IncidentReport.number(value));
    }
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < times.size(); i++) {
      double x = (IncidentReport.number(times.get(i)) - first) / span * CURVE_WIDTH;
      double y =
          CURVE_HEIGHT - 2 - IncidentReport.number(values.get(i)) / highest * (CURVE_HEIGHT - 8);
      if (Double.isFinite(x) && Double.isFinite(y)) {
        line.append(String.format(Locale.ROOT, "%s%.1f %.1f", line.isEmpty() ? "M" : " L", x, y));
      }
    }
    page.add("<h2>Anonymous memory, from 0 to %s</h2>\n", Quantity.size(highest));
    page.add("<div class=\"card plain\">");
    page.curve(CURVE_WIDTH, CURVE_HEIGHT, line.toString());
    page.add("<div class=\"dim\">over %s</div></div>\n", Quantity.duration(span));
  }

  private void suspects() {
    List<JsonObject> suspects = objects("suspects");
    page.add("<h2>What grew</h2>\n<div class=\"card plain\">\n");
    if (suspects.isEmpty()) {
      page.add("<p>Nothing is known to have grown.</p>\n</div>\n");
      return;
    }
    page.add("<table>\n<tr><th class=\"left\">what</th><th>each</th><th>more</th>");
    page.add("<th>grown by</th><th>unreferenced</th></tr>\n");
    for (JsonObject suspect : suspects.subList(0, Math.min(SUSPECTS_MAX, suspects.size()))) {
      page.add("<tr><td class=\"left\"><b>%s</b>", text(suspect, "type"));
      page.add(" <span class=\"dim\">%s</span>", text(suspect, "module"));
      for (String sample : IncidentReport.texts(suspect.get("samples"))) {
        page.add("<br><code>%s</code>", sample);
      }
      for (JsonObject holder : objects(suspect, "holders")) {
        page.add(
            "<br>held by %s (%s)",
            text(holder, "where"), Quantity.percent(IncidentReport.number(holder, "fraction")));
      }
      double lost = IncidentReport.number(suspect, "unreferenced_fraction");
      page.add(
          "</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
          Quantity.size(IncidentReport.number(suspect, "chunk_bytes")),
          text(suspect, "count_growth"),
          Quantity.size(IncidentReport.number(suspect, "bytes_growth")),
          Double.isNaN(lost) ? "not known" : Quantity.percent(lost));
    }
    page.add("</table>\n</div>\n");
  }

  private List<JsonObject> objects(String member) {
    return objects(report, member);
  }

  private static List<JsonObject> objects(JsonObject of, String member) {
    List<JsonObject> found = new ArrayList<>();
    if (of.get(member) instanceof JsonArray array) {
      for (JsonElement one : array) {
        if (one instanceof JsonObject object) {
          found.add(object);
        }
      }
    }
    return found;
  }

  private List<String> texts(String member) {
    return IncidentReport.texts(report.get(member));
  }

  private static String text(JsonObject of, String member) {
    JsonElement value = of.get(member);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : "?";
  }
}
