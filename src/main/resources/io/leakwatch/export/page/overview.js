// All watched processes, the most urgent first.

import { ask, balanceBar, el, legend, link, PARTS, part, setClass, setText, svg } from "./elements.js";
import { clock, duration, rate, size, VERDICTS, when } from "./quantities.js";

const RANK = { critical: 0, warning: 1, none: 2 };
const KNOWN = new Set(Object.keys(VERDICTS));

export const verdictClass = (process) => !process.up ? "down"
    : process.severity !== "none" ? process.severity
    : process.verdict === "unknown" || process.verdict === "warming" ? "neutral" : "calm";

export const verdictWord = (process) => !process.up ? "not readable"
    : KNOWN.has(process.verdict) ? process.verdict : "unknown";

const urgency = (a, b) => RANK[a.severity] - RANK[b.severity]
    || (a.limit?.exhaustion_seconds ?? Infinity) - (b.limit?.exhaustion_seconds ?? Infinity) || 0
    || (b.growth_bytes_per_second ?? 0) - (a.growth_bytes_per_second ?? 0)
    || a.name.localeCompare(b.name);

const compare = (a, b) => { const order = urgency(a, b); return Number.isNaN(order) ? 0 : order; };

/** The curve of the last day; the lowest line is zero, so that heights can be compared. */
const sparkline = (points) => {
  const picture = svg("svg", { class: "spark", viewBox: "0 0 120 24", preserveAspectRatio: "none",
    role: "img", "aria-label": "no curve yet" });
  if (points.length < 2) return picture;
  const first = points[0][0], last = points[points.length - 1][0];
  const values = points.map(([, bytes]) => bytes);
  const high = Math.max(...values, 1), low = Math.min(...values);
  const x = (time) => ((time - first) / Math.max(last - first, 1) * 120).toFixed(1);
  const y = (bytes) => (23 - bytes / high * 21).toFixed(1);
  const line = points.map(([time, bytes]) => x(time) + " " + y(bytes)).join(" L");
  picture.setAttribute("aria-label", "anonymous memory over " + duration(last - first)
      + ": between " + size(low) + " and " + size(high));
  picture.append(svg("path", { class: "area", d: "M" + line + " L120 24 L0 24 Z" }),
      svg("path", { class: "line", d: "M" + line }));
  return picture;
};

/** One row; it is changed in place, and only where something changed. */
const newRow = (name) => {
  const at = "/process/" + part(name);
  const cells = {
    name: el("td", { class: "name" }), verdict: el("td", {}), memory: el("td", { class: "number" }),
    curve: el("td", { class: "curve" }), growth: el("td", { class: "number" }),
    limit: el("td", {}), balance: el("td", { class: "bar-cell" }), age: el("td", { class: "number" }) };
  const badge = el("span", {}), sub = el("span", { class: "dim" });
  cells.name.append(link(at, name), sub);
  cells.verdict.append(badge);
  [["verdict", "verdict"], ["memory", "anonymous"], ["curve", "24 h"], ["growth", "growth"],
    ["limit", "limit"], ["balance", "resident"], ["age", "age"]].forEach(
      ([cell, label]) => { cells[cell].dataset.label = label; });
  const node = el("tr", {}, Object.values(cells));
  const seen = {};
  const changed = (key, value) => {
    const text = JSON.stringify(value);
    if (seen[key] === text) return false;
    seen[key] = text;
    return true;
  };
  const update = (process, now) => {
    setText(sub, process.up ? "pid " + process.pid : process.problem);
    setText(badge, verdictWord(process));
    setClass(badge, "badge " + verdictClass(process));
    badge.dataset.tip = process.up ? process.reason || VERDICTS[process.verdict] : process.problem;
    setText(cells.memory, size(process.anonymous_bytes));
    setText(cells.growth, rate(process.growth_bytes_per_second));
    setText(cells.limit, process.limit
        ? when(process.limit.exhaustion_seconds) + ": " + process.limit.name : "–");
    setText(cells.age, process.start_time
        ? duration((now - Date.parse(process.start_time)) / 1000) : "?");
    if (changed("recent", process.recent)) cells.curve.replaceChildren(sparkline(process.recent));
    if (changed("balance", process.balance)) {
      cells.balance.replaceChildren(balanceBar(process.balance, size));
    }
  };
  return { node, update };
};

const alertLine = (process) => el("li", { class: process.severity },
    el("span", { class: "badge " + process.severity }, process.severity), " ",
    link("/process/" + part(process.name), process.name), ": ",
    process.reason || VERDICTS[process.verdict],
    process.suspect ? "; what grows: " + process.suspect : "",
    " (since " + clock(process.severity_since) + ")",
    process.incident ? [" ", link("/incident/" + part(process.incident), "evidence")] : "");

const incidentList = (incidents) => incidents.length === 0 ? null : el("section", {},
    el("h2", {}, "Incidents"), el("ul", { class: "incidents" }, incidents.slice(0, 20).map((one) =>
        el("li", {}, link("/incident/" + part(one.id), clock(one.since)), " – ",
            one.until ? clock(one.until) : "ongoing", ": ", one.process, ", ", one.verdict,
            one.suspect ? ", " + one.suspect : ""))));

export const open = () => {
  const alerts = el("ul", { class: "alerts" });
  const alertBox = el("section", { "aria-label": "Alerts", hidden: true }, el("h2", {}, "Alerts"), alerts);
  const filter = el("input", { type: "search", placeholder: "name, verdict or program",
    "aria-label": "Filter processes", on: { input: () => apply() } });
  const count = el("span", { class: "dim" });
  const body = el("tbody", {});
  const incidents = el("div", {});
  const head = ["process", "verdict", "anonymous", "last 24 h", "growth", "tightest limit",
    "resident memory", "age"];
  const node = el("div", { class: "overview" },
      el("h1", { class: "hidden" }, "Watched processes"), alertBox,
      el("div", { class: "tools" }, filter, count),
      el("table", { class: "processes" }, el("caption", { class: "hidden" }, "Watched processes"),
          el("thead", {}, el("tr", {}, head.map((cell) => el("th", { scope: "col" }, cell)))), body),
      legend(PARTS.map(([, name, words]) => ["part-" + name, name])), incidents);
  const rows = new Map();
  let processes = [], alertsSeen = "", incidentsSeen = "";

  const apply = () => {
    const wanted = filter.value.trim().toLowerCase();
    let shown = 0, before = null;
    for (const process of processes) {
      const row = rows.get(process.name).node;
      const text = (process.name + " " + verdictWord(process) + " " + process.exe).toLowerCase();
      row.hidden = wanted !== "" && !text.includes(wanted);
      shown += row.hidden ? 0 : 1;
      const place = before ? before.nextSibling : body.firstChild;
      if (place !== row) body.insertBefore(row, place);
      before = row;
    }
    setText(count, shown === processes.length ? processes.length
        + (processes.length === 1 ? " process" : " processes")
        : shown + " of " + processes.length + " processes");
  };

  const refresh = async () => {
    const [overview, past] = await Promise.all([ask("overview"), ask("incidents")]);
    const now = Date.parse(overview.taken_at);
    processes = overview.processes.sort(compare);
    const names = new Set(processes.map((process) => process.name));
    for (const [name, row] of rows) {
      if (!names.has(name)) { row.node.remove(); rows.delete(name); }
    }
    for (const process of processes) {
      if (!rows.has(process.name)) rows.set(process.name, newRow(process.name));
      rows.get(process.name).update(process, now);
    }
    apply();
    const firing = processes.filter((process) => process.severity !== "none");
    const firingSeen = JSON.stringify(firing.map((p) => [p.name, p.severity, p.reason, p.suspect]));
    if (firingSeen !== alertsSeen) {
      alertsSeen = firingSeen;
      alerts.replaceChildren(...firing.map(alertLine));
      alertBox.hidden = firing.length === 0;
    }
    const known = past ? past.incidents : [];
    const knownSeen = JSON.stringify(known);
    if (knownSeen !== incidentsSeen) {
      incidentsSeen = knownSeen;
      incidents.replaceChildren(...[incidentList(known)].filter(Boolean));
    }
    return overview;
  };
  return { node, refresh };
};
