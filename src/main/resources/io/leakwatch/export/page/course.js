// Memory over time: stacked by kind, with what is in use, limits, the trend and what happened.

import { ask, el, part, setText } from "./elements.js";
import { clock, duration, rate, size, word } from "./quantities.js";

const RANGES = [["10 min", 600], ["1 h", 3600], ["6 h", 21600], ["24 h", 86400], ["7 d", 604800],
  ["30 d", 2592000]];
const HEIGHT = 280;
const FORECAST_SHARE = 0.35;

/** The columns that add up, from the ground up, and their colours by kind. */
const KINDS = ["brk_heap", "arena", "malloc_mmap", "jemalloc", "tcmalloc", "mimalloc", "musl",
  "go_heap", "java_heap", "python_arena", "beam_carrier", "anonymous", "thread_stack",
  "shared_memory", "hugetlb"];

let loading;

/** The chart library, once it is needed. */
const library = () => loading ??= new Promise((done, failed) => {
  document.head.append(el("link", { rel: "stylesheet", href: "page/uplot.css" }),
      el("script", { src: "page/uplot.js", on: { load: () => done(window.uPlot), error: failed } }));
});

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Columns of a kind, filled where a sample lacks them from the sample before. */
const filled = (values) => {
  let last = null;
  return values.map((value) => (last = value ?? last));
};

const stacked = (figures) => {
  const columns = KINDS.map((kind) => [kind, figures[kind === "anonymous" ? "anonymous_bytes" : kind + "_bytes"]])
      .filter(([, values]) => values && values.some((value) => value > 0));
  let below = figures.time.map(() => 0);
  return columns.map(([kind, values]) => {
    const own = filled(values);
    below = below.map((base, i) => own[i] === null && base === 0 ? null : base + (own[i] ?? 0));
    return { kind, own, top: below };
  });
};

/** Straight on from the last sample, with what two standard errors of the rate make of it. */
const forecast = (process, figures, until) => {
  const speed = process.growth_bytes_per_second, error = process.growth_error_bytes_per_second ?? 0;
  const used = filled(figures.rss_anon_bytes || []), last = used.length - 1;
  if (!Number.isFinite(speed) || last < 0 || used[last] === null) return null;
  const from = figures.time[last], base = used[last];
  const at = (time, pace) => Math.max(0, base + pace * (time - from));
  return { times: [from, until], middle: [base, at(until, speed)],
    low: [base, at(until, speed - 2 * error)], high: [base, at(until, speed + 2 * error)] };
};

/** What happened, as a line across the chart. */
const eventsOf = (series, incidents) => [
  ...series.changes.map((change) => ({ time: change.time, kind: "change",
    text: word(change.kind) + (change.what ? ": " + change.what : "") })),
  ...incidents.flatMap((one) => [
    { time: Date.parse(one.since) / 1000, kind: one.severity, text: one.severity + ": " + one.verdict },
    ...(one.until ? [{ time: Date.parse(one.until) / 1000, kind: "cleared", text: "cleared" }] : [])])];

const drawEvents = (events) => (chart) => {
  const { ctx } = chart, { left, top, width, height } = chart.bbox;
  ctx.save();
  ctx.setLineDash([4, 4]);
  ctx.lineWidth = 1.5;
  for (const event of events) {
    const x = chart.valToPos(event.time, "x", true);
    if (x < left || x > left + width) continue;
    ctx.strokeStyle = colour(event.kind === "critical" ? "--bad" : event.kind === "warning" ? "--warn" : "--dim");
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
  }
  ctx.restore();
};

/** Limits in bytes that lie in reach of what is shown. */
const limitLines = (process, highest) => (process.limits || [])
    .filter((limit) => limit.bytes > highest * 0.2 && limit.bytes < highest * 4).slice(0, 3);

const columnsOf = (process, figures, layers, from, to) => {
  const ahead = forecast(process, figures, to);
  const times = [...figures.time], pad = ahead ? [to] : [];
  const longer = (values) => [...values, ...pad.map(() => null)];
  const series = [], data = [[...times, ...pad]], bands = [];
  layers.forEach((layer, i) => {
    data.push(longer(layer.top));
    series.push({ label: word(layer.kind), stroke: colour("--kind-" + layer.kind), width: 1,
      fill: i === 0 ? colour("--kind-" + layer.kind) + "88" : undefined,
      points: { show: false },
      value: (chart, value, place, index) => index === null ? "" : size(layer.own[index]) });
    if (i > 0) bands.push({ series: [i + 1, i], fill: colour("--kind-" + layer.kind) + "88" });
  });
  const add = (label, values, stroke, more) => {
    data.push(values);
    series.push({ label, stroke, width: 2, points: { show: false }, spanGaps: true,
      value: (chart, value) => value === null ? "" : size(value), ...more });
    return data.length - 1;
  };
  if (figures.rss_anon_bytes) add("anonymous", longer(figures.rss_anon_bytes), colour("--ink"));
  if (figures.in_use_bytes) add("in use", longer(figures.in_use_bytes), colour("--live"), { dash: [6, 3] });
  const last = times.length - 1;
  const line = (ends) => [...times.map((time, i) => i === last ? ends[0] : null), ends[1]];
  if (ahead) {
    const high = add("forecast, high", line(ahead.high), colour("--dim"), { width: 0, class: "u-part" });
    const low = add("forecast, low", line(ahead.low), colour("--dim"), { width: 0, class: "u-part" });
    bands.push({ series: [high, low], fill: colour("--dim") + "44" });
    add("forecast", line(ahead.middle), colour("--dim"), { dash: [8, 4] });
  }
  const highest = Math.max(1, ...data.slice(1).flat().filter(Number.isFinite));
  limitLines(process, highest).forEach((limit) => add("limit: " + limit.name,
      data[0].map(() => limit.bytes), colour("--bad"), { dash: [2, 4], width: 1.5 }));
  return { data, series, bands };
};

/** The shortest range, up to a day, that shows all that is known of the last day. */
const reach = (process) => {
  const points = process.recent || [];
  const known = points.length ? points[points.length - 1][0] - points[0][0] : 0;
  return (RANGES.find(([, seconds]) => seconds >= Math.min(known, 86400)) ?? RANGES[3])[1];
};

/** Figures of the process' load, each on the scale of its own greatest value. */
const loadColumns = (figures) => Object.keys(figures)
    .filter((name) => name.startsWith("load.")).slice(0, 3);

const bytesTicks = (chart, values) => values.map((value) => size(value));

const clockTicks = [
  [86400 * 28, "{YYYY}-{MM}-{DD}", null, null, null, null, null, null, 1],
  [86400, "{MM}-{DD}", null, null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1],
];

export const course = (name) => {
  const holder = el("div", { class: "chart" }), note = el("p", { class: "dim" });
  const list = el("ul", { class: "events" });
  let range = 86400, zoom = null, chart = null, seen = "", process = null, incidents = [];
  const buttons = RANGES.map(([label, seconds]) => el("button", { type: "button",
    "aria-pressed": "false", on: { click: () => { choose(seconds); draw(true); } } }, label));
  const choose = (seconds) => {
    range = seconds;
    zoom = null;
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(RANGES[i][1] === range)));
  };
  const loadButton = el("button", { type: "button", "aria-pressed": "false", on: { click: () => {
    loadButton.setAttribute("aria-pressed", String(loadButton.getAttribute("aria-pressed") !== "true"));
    draw(true);
  } } }, "load");
  const node = el("section", { "aria-label": "Memory over time" }, el("h2", {}, "Memory over time"),
      el("div", { class: "tools" }, buttons, loadButton), holder, note, list);

  const draw = async (always) => {
    if (!process) return;
    const now = Date.parse(process.sampled_at ?? new Date()) / 1000;
    const [from, to] = zoom ?? [now - range, now];
    const [series, Chart] = await Promise.all([
      ask("processes/" + part(name) + "/series?from=" + from.toFixed(3) + "&to=" + to.toFixed(3)), library()]);
    const figures = series?.figures;
    if (!figures || figures.time.length === 0) {
      if (chart) { chart.destroy(); chart = null; }
      setText(note, "Nothing is recorded in this range.");
      return;
    }
    const fresh = JSON.stringify([series, incidents.length, document.documentElement.clientWidth]);
    if (!always && fresh === seen) return;
    seen = fresh;
    const layers = stacked(figures);
    const isLive = zoom === null;
    const first = Math.max(from, figures.time[0]), span = Math.max(1, to - first);
    const grows = process.severity !== "none" || ["leak", "growing", "load", "held", "pinned", "warming"].includes(process.verdict);
    const until = isLive && grows ? to + span * FORECAST_SHARE : to;
    const columns = columnsOf(isLive && grows ? process : { ...process, growth_bytes_per_second: null },
        figures, layers, from, until);
    const events = eventsOf(series, incidents).filter((one) => one.time >= from && one.time <= until);
    const axes = [
      { stroke: colour("--dim"), grid: { stroke: colour("--line") }, values: clockTicks },
      { stroke: colour("--dim"), grid: { stroke: colour("--line") }, size: 84, values: bytesTicks,
        incrs: Array.from({ length: 56 }, (none, i) => 2 ** i) }];
    const scales = { x: { time: true, min: first, max: until }, y: { range: (u, low, high) => [0, Math.max(high, 1) * 1.05] } };
    if (loadButton.getAttribute("aria-pressed") === "true") {
      for (const load of loadColumns(figures)) {
        columns.data.push([...figures[load], ...columns.data[0].slice(figures.time.length).map(() => null)]);
        columns.series.push({ label: load, scale: load, stroke: colour("--load"), width: 1, spanGaps: true,
          points: { show: false },
          value: (u, value) => value === null ? "" : Number(value).toPrecision(4) });
        scales[load] = { range: (u, low, high) => [0, (high || 1) * 1.1] };
      }
    }
    const width = Math.max(280, holder.clientWidth);
    const options = { width, height: HEIGHT, tzDate: (seconds) => Chart.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      series: [{ label: "time", value: (u, value) => value === null ? "" : clock(value * 1000) }, ...columns.series],
      axes, scales, bands: columns.bands, legend: { live: true },
      cursor: { drag: { x: true, y: false, setScale: false } },
      hooks: { draw: [drawEvents(events)], setSelect: [(u) => {
        if (u.select.width < 8) return;
        zoom = [u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")];
        buttons.forEach((button) => button.setAttribute("aria-pressed", "false"));
        draw(true);
      }] } };
    if (chart) chart.destroy();
    chart = new Chart(options, columns.data, holder);
    holder.dataset.points = figures.time.length;
    holder.dataset.from = first;
    holder.dataset.to = to;
    setText(note, figures.time.length + " points over " + duration(to - first)
        + ", means of " + duration(series.step_seconds) + "; drag to zoom, a range button goes back."
        + (Number.isFinite(process.growth_bytes_per_second) && isLive && grows
            ? " Forecast: " + rate(process.growth_bytes_per_second) + ", grey: two standard errors." : ""));
    list.replaceChildren(...events.slice(-12).map((event) => el("li", {},
        el("span", { class: "key event-" + event.kind }), clock(event.time * 1000) + ": " + event.text)));
  };

  let waiting = 0;
  const resized = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => chart?.setSize({ width: Math.max(280, holder.clientWidth), height: HEIGHT }));
  };
  window.addEventListener("resize", resized);
  const scheme = matchMedia("(prefers-color-scheme: dark)"), recolour = () => draw(true);
  scheme.addEventListener("change", recolour);
  return { node,
    update: (newest, known) => {
      if (!process) choose(reach(newest));
      process = newest;
      incidents = known;
      return zoom === null ? draw(false) : Promise.resolve();
    },
    close: () => {
      window.removeEventListener("resize", resized);
      scheme.removeEventListener("change", recolour);
      chart?.destroy();
    } };
};
