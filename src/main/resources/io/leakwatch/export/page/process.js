// One process: what is thought of it, its course, its address space, its heaps, what grew.

import { ask, balanceBar, el, legend, link, meter, PARTS, part, table } from "./elements.js";
import { clock, duration, number, percent, rate, size, VERDICTS, when, word } from "./quantities.js";
import { course } from "./course.js";
import { addressSpace } from "./space.js";
import { growthBySize, heapPicture } from "./heap.js";
import { verdictClass, verdictWord } from "./overview.js";

const fact = (label, value) => el("div", {}, el("dt", {}, label), el("dd", {}, value));

const OWNER_PARTS = PARTS.slice(0, 8);

const verdict = (process) => {
  const facts = [fact("resident", size(process.rss_bytes)), fact("anonymous", size(process.anonymous_bytes)),
    fact("growth", rate(process.growth_bytes_per_second)),
    ...(process.limits || []).slice(0, 3).map((limit) => fact(limit.name, when(limit.exhaustion_seconds))),
    fact("age", process.start_time && process.sampled_at
        ? duration((Date.parse(process.sampled_at) - Date.parse(process.start_time)) / 1000) : "?")];
  return el("section", { class: "verdict " + verdictClass(process), "aria-label": "Verdict" },
      el("h1", {}, process.name, " ", el("span", { class: "badge " + verdictClass(process) }, verdictWord(process))),
      el("p", {}, process.up ? VERDICTS[process.verdict ?? "unknown"] : process.problem,
          process.severity !== "none" ? " – " + process.severity + " since " + clock(process.severity_since) : "",
          process.up && Number.isFinite(process.confidence) ? ", confidence " + percent(process.confidence) : ""),
      el("p", { class: "dim mono" }, "pid " + process.pid + "  " + (process.command_line || process.exe)),
      el("dl", { class: "facts" }, facts),
      el("ul", { class: "reasons" }, (process.reasons || []).map((reason) => el("li", {}, reason))),
      (process.changes || []).length ? el("ul", {}, process.changes.map((change) =>
          el("li", {}, clock(change.time) + ": " + change.text))) : null,
      (process.load || []).length ? table("Load", ["load", "explains", "memory per unit"], process.load.map(
          (load) => [load.metric + (load.counter ? " (a counter: not an excuse)" : ""),
            percent(load.explained_fraction), size(load.bytes_per_unit)])) : null,
      el("p", {}, el("a", { href: "runbook/" + (process.verdict ?? "unknown") }, "what to do: runbook")));
};

const balance = (process) => {
  const rows = (process.owners || []).map((owner) => [
    owner.owner + (owner.version ? " " + owner.version : ""), size(owner.resident_bytes),
    ...OWNER_PARTS.map(([field]) => owner[field] ? size(owner[field]) : "–"),
    owner.release_call && owner.give_back_bytes ? size(owner.give_back_bytes) + " by " + owner.release_call : "–"]);
  const parts = {};
  (process.owners || []).forEach((owner) => OWNER_PARTS.forEach(([field]) => {
    parts[field] = (parts[field] || 0) + (owner[field] || 0); }));
  parts.stack_bytes = (parts.stack_bytes || 0) + (process.stack_bytes || 0);
  for (const field of ["mapped_bytes", "file_bytes", "shared_bytes", "unexplained_bytes"]) parts[field] = process[field];
  if (!process.owners) return el("p", { class: "dim" }, "The mappings were not read yet.");
  return el("div", {}, balanceBar(parts, size), legend(PARTS.filter(([field]) => parts[field] > 0).map(
      ([field, name]) => ["part-" + name, name + " " + size(parts[field])])),
      rows.length ? table("Owners", ["owner", "resident", ...OWNER_PARTS.map(([, name]) => name), "could be given back"], rows) : null);
};

const kinds = (process) => {
  const all = Object.entries(process.kinds || {}).sort((a, b) => b[1].resident_bytes - a[1].resident_bytes);
  const whole = all.length ? all[0][1].resident_bytes : 1;
  return table("Kinds of memory", ["kind", "count", "mapped", "resident", "", "growth"], all.map(([kind, total]) => [
    word(kind), number(total.count, 0), size(total.mapped_bytes), size(total.resident_bytes),
    meter(total.resident_bytes, whole), process.growth?.[kind] !== undefined ? rate(process.growth[kind]) : "–"]));
};

const resources = (process) => (process.resources || []).length === 0 ? null : table("Limits",
    ["resource", "limit", "used", "of", ""], process.resources.map((one) => {
      const show = (value) => /bytes|memory|cgroup|address|data|swap/.test(one.resource) ? size(value) : number(value, 0);
      return [word(one.resource), one.limit_name, show(one.used), show(one.limit), meter(one.used, one.limit)];
    }), [0, 1]);

const threads = (process) => {
  if ((process.goroutines || []).length) {
    return table("Goroutines", ["created at", "state", "count", "stacks"],
        process.goroutines.slice().sort((a, b) => b.count - a.count).slice(0, 20).map((group) => [
          (group.created_at || "?") + (group.runs ? ", runs " + group.runs : ""),
          group.state + (group.wait_reason ? ": " + group.wait_reason : ""), number(group.count, 0), size(group.stack_bytes)]), [0, 1]);
  }
  return process.java ? el("p", {}, number(process.java.threads ?? NaN, 0) + " threads, "
      + number(process.java.classes ?? NaN, 0) + " classes, " + process.java.collector) : null;
};

/** What its profile says is in use, by stack, type or class. */
const profiles = (process) => (process.owners || []).flatMap((owner) => (owner.profiles || []).map((profile) =>
    el("div", {}, el("h3", {}, owner.owner + ": in use by " + word(profile.basis)),
        table(owner.owner + " by " + profile.basis, ["bytes", "objects", word(profile.basis)],
            profile.entries.slice(0, 12).map((entry) => [size(entry.bytes), number(entry.objects, 0),
              entry.frames.slice(0, 4).join(" < ")]), [2]))));

const suspects = (report) => {
  const all = report?.suspects ?? [];
  if (all.length === 0) return null;
  return el("div", {}, el("p", { class: "dim" }, "Diagnosed " + clock(report.diagnosed_at) + ":"),
      table("Suspects", ["type", "each", "more", "grown by", "held by"], all.slice(0, 8).map((one) => [
        one.type || "?", size(one.chunk_bytes), number(one.count_growth, 0), size(one.bytes_growth),
        (one.holders || []).slice(0, 2).map((holder) => holder.where).join("; ") || "–"]), [0, 4]));
};

const incidentLinks = (incidents) => incidents.length === 0 ? el("p", { class: "dim" }, "None.")
    : el("ul", { class: "incidents" }, incidents.slice(0, 20).map((one) => el("li", {},
        link("/incident/" + part(one.id), clock(one.since)), " – ", one.until ? clock(one.until) : "ongoing",
        ": ", one.severity, ", ", one.verdict, one.suspect ? ", " + one.suspect : "")));

/** A part of the view that is made again only where what it shows has changed. */
const section = (title, make) => {
  const body = el("div", {}), node = el("section", { "aria-label": title }, el("h2", {}, title), body);
  let seen;
  return { node, update: (...shown) => {
    const text = JSON.stringify(shown);
    if (text === seen) return;
    seen = text;
    const made = make(...shown);
    node.hidden = made === null;
    body.replaceChildren(...(made === null ? [] : [made]));
  } };
};

export const open = (name) => {
  const path = "processes/" + part(name);
  const top = el("div", {});
  const curve = course(name);
  const parts = {
    balance: section("Where resident memory is", balance),
    space: section("Address space", addressSpace),
    heap: section("Heaps", heapPicture),
    grew: section("What grew", (heap, report) => {
      const all = [suspects(report), growthBySize(heap)].filter(Boolean);
      return all.length ? el("div", {}, all) : el("p", { class: "dim" }, "Nothing is known to have grown.");
    }),
    profile: section("What is in use", (process) => {
      const all = profiles(process);
      return all.length ? el("div", {}, all) : null;
    }),
    threads: section("Goroutines and threads", threads),
    kinds: section("Kinds of memory", kinds),
    limits: section("Limits", resources),
    incidents: section("Incidents", incidentLinks),
  };
  const node = el("div", { class: "process" }, top, curve.node, Object.values(parts).map((one) => one.node));
  let topSeen = "";
  let reportOf = "", report = null;

  const refresh = async () => {
    const [process, layout, heap, past] = await Promise.all(
        [ask(path), ask(path + "/layout"), ask(path + "/heap"), ask(path + "/incidents")]);
    if (!process) {
      top.replaceChildren(el("p", { class: "error" }, "No process of this name is watched now: " + name + "."));
      return {};
    }
    const incidents = past?.incidents ?? [];
    const newest = incidents[0];
    if (newest && reportOf !== newest.id + newest.suspect) {
      reportOf = newest.id + newest.suspect;
      report = (await ask("incidents/" + part(newest.id)))?.report ?? null;
    }
    const shown = JSON.stringify([process.verdict, process.reasons, process.severity, size(process.rss_bytes),
      size(process.anonymous_bytes), rate(process.growth_bytes_per_second), process.limits, process.up]);
    if (shown !== topSeen) {
      topSeen = shown;
      top.replaceChildren(verdict(process));
    }
    parts.balance.update(process);
    parts.space.update(layout);
    parts.heap.update(heap);
    parts.grew.update(heap, report);
    parts.profile.update(process);
    parts.threads.update(process);
    parts.kinds.update(process);
    parts.limits.update(process);
    parts.incidents.update(incidents);
    await curve.update(process, incidents);
    return { taken_at: process.sampled_at };
  };
  return { node, refresh, close: curve.close };
};
