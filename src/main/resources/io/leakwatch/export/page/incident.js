// The evidence of one incident.

import { ask, el, link, part, table } from "./elements.js";
import { clock, number, percent, rate, size, word } from "./quantities.js";

/** The picture as the agent drew it; its texts are escaped there, and no script in it can run. */
const flame = async (id) => {
  const answer = await fetch("api/v1/incidents/" + part(id) + "/flame.svg", { cache: "no-store" });
  if (!answer.ok) return null;
  const drawn = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  if (drawn.nodeName !== "svg") return null;
  drawn.querySelectorAll("script, foreignObject").forEach((node) => node.remove());
  drawn.setAttribute("class", "flame");
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", "flame graph of the heap profile");
  return document.importNode(drawn, true);
};

const suspects = (report) => {
  const all = report.suspects ?? [];
  if (all.length === 0) return el("p", { class: "dim" }, "No suspects were found.");
  return table("Suspects", ["what", "each", "more", "grown by", "lost", "held by"], all.map((one) => [
    el("span", {}, el("b", {}, one.type || "?"), one.module ? " " + one.module : "",
        (one.samples || []).slice(0, 2).map((sample) => [el("br", {}), el("code", {}, sample)])),
    size(one.chunk_bytes), number(one.count_growth, 0), size(one.bytes_growth),
    one.unreferenced_fraction === null ? "not known" : percent(one.unreferenced_fraction),
    (one.holders || []).map((holder) => holder.where + " (" + percent(holder.fraction) + ")").join("; ") || "–"]), [0, 5]);
};

const body = (incident, picture) => {
  const report = incident.report ?? {};
  const changes = report.changes ?? [];
  const files = ["profile_begin", "profile_later", "profile_difference"].filter((name) => report[name]?.href);
  return [
    el("section", { class: "verdict " + (incident.until ? "calm" : incident.severity) },
        el("h1", {}, link("/process/" + part(incident.process), incident.process), " ",
            el("span", { class: "badge " + (incident.until ? "calm" : incident.severity) }, incident.verdict)),
        el("p", {}, incident.severity + " from " + clock(incident.since)
            + (incident.until ? " to " + clock(incident.until) : ", ongoing")),
        el("p", {}, incident.summary),
        el("ul", { class: "reasons" }, (report.reasons ?? []).map((reason) => el("li", {}, reason))),
        el("p", {}, el("a", { href: "runbook/" + incident.verdict }, "what to do: runbook"), " · ",
            el("a", { href: "api/v1/incidents/" + part(incident.id) + "/report.html",
              download: "leakwatch-" + incident.id + ".html" }, "save as one file"), " · ",
            el("a", { href: "api/v1/incidents/" + part(incident.id) }, "JSON"))),
    el("section", {}, el("h2", {}, "What changed when it began"), changes.length
        ? el("ul", {}, changes.map((change) => el("li", {}, clock(change.time) + ", " + word(change.kind) + ": " + change.text)))
        : el("p", { class: "dim" }, "No change of build, command line, configuration, load or restart is known near its onset.")),
    el("section", {}, el("h2", {}, "What grew"), suspects(report)),
    picture ? el("section", {}, el("h2", {}, report.profile_difference ? "Between the two heap profiles"
        : "Heap profile when it began"), el("div", { class: "scroll", tabindex: "0", role: "region",
          "aria-label": "Flame graph" }, picture),
        el("p", {}, files.map((name) => [el("a", { href: report[name].href.replace(/^\//, ""),
          download: name + ".pb.gz" }, word(name)), " "]))) : null,
    el("section", {}, el("h2", {}, "Figures"), table("Figures", ["figure", "value"], [
      ["resident", size(report.rss_bytes)], ["anonymous", size(report.anonymous_bytes)],
      ["growth", rate(report.growth_bytes_per_second)], ["build id", report.build_id || "?"],
      ["started", report.start_time ? clock(report.start_time) : "?"],
      ...Object.entries(report.versions ?? {}).map(([name, version]) => [name, String(version)])], [0, 1])),
    (report.missing ?? []).length ? el("section", {}, el("h2", {}, "What could not be done"),
        el("ul", { class: "dim" }, report.missing.map((why) => el("li", {}, why)))) : null,
  ].filter(Boolean);
};

export const open = (id) => {
  const node = el("div", { class: "incident" });
  let seen = "";
  const refresh = async () => {
    const incident = await ask("incidents/" + part(id));
    if (!incident) {
      node.replaceChildren(el("p", { class: "error" }, "There is no such incident: " + id + "."));
      return {};
    }
    const text = JSON.stringify(incident);
    if (text !== seen) {
      seen = text;
      const picture = incident.report?.profile_begin ? await flame(id) : null;
      node.replaceChildren(...body(incident, picture));
    }
    return {};
  };
  return { node, refresh };
};
