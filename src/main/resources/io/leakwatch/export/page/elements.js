// Building blocks of the page. Text from a process is set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

const fill = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") Object.entries(value).forEach(([event, f]) => node.addEventListener(event, f));
    else if (name === "tip") node.dataset.tip = value;
    else if (name === "style") Object.entries(value).forEach(([p, v]) => node.style.setProperty(p, v));
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined)
      .map((child) => child instanceof Node ? child : String(child)));
  return node;
};

export const el = (tag, attributes, ...children) =>
    fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes, ...children) =>
    fill(document.createElementNS(SVG, tag), attributes, children);

/** Sets the text of a node only where it changes, so that nothing flickers. */
export const setText = (node, text) => {
  if (node.textContent !== String(text)) node.textContent = text;
};

export const setClass = (node, name) => {
  if (node.getAttribute("class") !== name) node.setAttribute("class", name);
};

/** A table with a head; numbers to the right but for the first column. */
export const table = (caption, head, rows, left = [0]) =>
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
        el("table", {}, el("caption", { class: "hidden" }, caption),
            el("thead", {}, el("tr", {}, head.map((cell, i) =>
                el("th", { scope: "col", class: left.includes(i) ? "left" : null }, cell)))),
            el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell, i) =>
                el("td", { class: left.includes(i) ? "left" : null }, cell)))))));

/** A bar of a share of a whole. */
export const meter = (value, whole) => el("span", { class: "meter", "aria-hidden": "true" },
    el("span", { style: { width: (100 * Math.max(0, Math.min(1, value / Math.max(whole, 1)))) + "%" } }));

/** The parts of a balance in their order, each with its words. */
export const PARTS = [
  ["live_bytes", "live", "in use by the program"],
  ["garbage_bytes", "garbage", "unreachable, until the next collection"],
  ["cached_bytes", "cached", "freed, held ready by threads"],
  ["pinned_bytes", "pinned", "free, below or among memory in use"],
  ["kept_bytes", "kept", "free pages that the allocator keeps"],
  ["stack_bytes", "stacks", "stacks"],
  ["metadata_bytes", "metadata", "what the allocators keep about it"],
  ["code_bytes", "code", "compiled code"],
  ["mapped_bytes", "mapped", "mapped by the program itself"],
  ["file_bytes", "file", "files"],
  ["shared_bytes", "shared", "shared memory"],
  ["unexplained_bytes", "unexplained", "not explained"]];

/** The balance of what is resident as one stacked bar. */
export const balanceBar = (balance, size) => {
  if (!balance) return el("span", { class: "dim" }, "not read yet");
  const whole = PARTS.reduce((sum, [part]) => sum + (balance[part] || 0), 0) || 1;
  const parts = PARTS.filter(([part]) => balance[part] > 0);
  return el("span", { class: "balance", role: "img", "aria-label": "resident: " + parts.map(
      ([part, name]) => size(balance[part]) + " " + name).join(", ") },
      parts.map(([part, name, words]) => el("span", {
        class: "part-" + name, style: { "flex-grow": balance[part] / whole },
        tip: name + ": " + size(balance[part]) + " (" + words + ")" })));
};

export const legend = (names) => el("ul", { class: "legend" },
    names.map(([kind, text]) => el("li", {}, el("span", { class: "key " + kind }), text)));

/** A link to a view of the page. */
export const link = (path, text, attributes) => el("a", { href: "#" + path, ...attributes }, text);

const tip = () => document.getElementById("tip");

/** One line under the pointer for every element that has a tip. */
export const followTips = () => {
  document.addEventListener("pointermove", (event) => {
    const holder = event.target.closest?.("[data-tip]");
    const node = tip();
    node.hidden = !holder;
    if (!holder) return;
    setText(node, holder.dataset.tip);
    const width = node.offsetWidth, room = document.documentElement.clientWidth;
    node.style.left = Math.max(4, Math.min(event.clientX + 12, room - width - 8)) + "px";
    node.style.top = (event.clientY + 18) + "px";
  }, { passive: true });
};

export class Refused extends Error {}

/** What the API answers; a 404 is null. */
export const ask = async (path, signal) => {
  const answer = await fetch("api/v1/" + path, { cache: "no-store", signal });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Refused((await answer.text()).trim() || "status " + answer.status);
  return answer.json();
};

export const part = (name) => encodeURIComponent(name);
