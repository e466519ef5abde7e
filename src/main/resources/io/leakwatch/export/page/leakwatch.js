// Which view is shown, and when it asks again.

import { el, followTips, setText } from "./elements.js";
import { clock, percent, size } from "./quantities.js";

const PAUSE_MILLIS = 5000;
const VIEWS = {
  "": () => import("./overview.js"),
  process: () => import("./process.js"),
  incident: () => import("./incident.js"),
};

let generation = 0;

const route = () => {
  const [view, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  let name = rest.join("/");
  try { name = decodeURIComponent(name); } catch { /* As it is written. */ }
  return VIEWS[view] ? { view, name } : { view: "", name: "" };
};

const footer = (agent, processes) => {
  if (!agent) return;
  const dropped = Object.values(agent.dropped).reduce((sum, count) => sum + count, 0);
  const used = agent.budget_used_ratio;
  setText(document.getElementById("agent"), "leakwatch " + agent.version + " watches " + processes
      + (processes === 1 ? " process" : " processes") + " · reading mappings "
      + (used === null ? "may take " : "took " + percent(used) + " of the time, at most ")
      + percent(agent.budget_ratio) + (used === null ? " of the time" : "") + " · history " + size(agent.history_bytes)
      + (dropped ? " · left out by bounds: " + dropped : "")
      + (agent.configuration_good ? "" : " · the new configuration was refused"));
};

const show = async () => {
  const mine = ++generation;
  const { view, name } = route();
  const content = document.getElementById("content"), state = document.getElementById("state");
  const path = document.getElementById("path");
  path.replaceChildren(...(view ? [el("span", { "aria-hidden": "true" }, "/"),
      el("span", { "aria-current": "page" }, name)] : []));
  document.title = name ? name + " – leakwatch" : "leakwatch";
  let shown;
  try {
    shown = (await VIEWS[view]()).open(name);
  } catch (problem) {
    setText(state, "the page cannot be loaded: " + problem.message);
    return;
  }
  if (mine !== generation) return;
  content.replaceChildren(shown.node);
  while (mine === generation) {
    try {
      const seen = await shown.refresh();
      if (mine !== generation) break;
      state.className = "";
      setText(state, seen.taken_at ? "as of " + clock(seen.taken_at) : "");
      footer(seen.agent, (seen.processes || []).length);
    } catch (problem) {
      if (mine !== generation) break;
      state.className = "error";
      setText(state, "no answer from the agent: " + problem.message);
    }
    window.leakwatchReady ??= performance.now(); // For whoever measures how soon that is.
    document.documentElement.dataset.ready = view || "overview";
    await new Promise((done) => setTimeout(done, PAUSE_MILLIS));
  }
  shown.close?.();
};

window.addEventListener("hashchange", () => {
  delete document.documentElement.dataset.ready;
  window.scrollTo(0, 0);
  show();
});
followTips();
show();
