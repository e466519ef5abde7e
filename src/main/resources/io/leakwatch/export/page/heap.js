// The inside of the heaps: strips of ptmalloc's heaps, fill of slabs and spans, sizes that grew.

import { el, legend, meter, svg, table } from "./elements.js";
import { duration, number, percent, size } from "./quantities.js";

const CELLS_A_ROW = 128;
const CELL = 4;
const ROW = 12;

/** A cell's character: 1 to 9 are tenths in use, f is free with memory behind it, r
 * without; what is anything else was not read. */
const kindOf = (cell) => cell >= "1" && cell <= "9" ? "use-" + cell : cell === "f" ? "free"
    : cell === "r" ? "returned" : "unread";

const WORDS = { free: "free, resident", returned: "free, without memory", unread: "not read" };

const describe = (kind) => WORDS[kind] ?? kind === "use-9" ? "in use" : "about " + kind.slice(4) + "0 % in use";

/** Cells that say the same lie in one rectangle: a strip of 1024 cells is a few dozen elements. */
const strip = (heap) => {
  const rows = Math.ceil(heap.cells.length / CELLS_A_ROW);
  const width = CELLS_A_ROW;
  const counts = {};
  for (const cell of heap.cells) counts[kindOf(cell)] = (counts[kindOf(cell)] || 0) + 1;
  const used = Object.entries(counts).reduce((sum, [kind, count]) =>
      sum + (kind.startsWith("use-") ? count * (kind === "use-9" ? 1 : Number(kind.slice(4)) / 10) : 0), 0);
  const share = (kind) => (counts[kind] || 0) / heap.cells.length;
  const name = (heap.main ? "main heap" : "heap of arena " + heap.arena) + " at " + heap.address;
  const picture = svg("svg", { class: "strip", viewBox: "0 0 " + width * CELL + " " + rows * ROW,
    preserveAspectRatio: "none", style: { height: rows * ROW + "px" }, role: "img", "aria-label": name + ": "
        + percent(used / heap.cells.length) + " in use, " + percent(share("free"))
        + " free and resident, " + percent(share("returned")) + " free without memory"
        + (heap.pin_cell === null || heap.pin_cell === undefined ? "" : ", pinned at the top") });
  const base = BigInt(heap.address);
  for (let from = 0; from < heap.cells.length;) {
    const kind = kindOf(heap.cells[from]);
    const end = Math.min(heap.cells.length, (Math.floor(from / CELLS_A_ROW) + 1) * CELLS_A_ROW);
    let to = from + 1;
    while (to < end && kindOf(heap.cells[to]) === kind) to++;
    const address = "0x" + (base + BigInt(from) * BigInt(heap.cell_bytes)).toString(16);
    picture.append(svg("rect", { class: "cell " + kind, x: from % CELLS_A_ROW * CELL,
      y: Math.floor(from / CELLS_A_ROW) * ROW, width: (to - from) * CELL, height: ROW - 2,
      tip: address + ": " + size((to - from) * heap.cell_bytes) + " " + describe(kind) }));
    from = to;
  }
  if (Number.isInteger(heap.pin_cell)) {
    picture.append(svg("rect", { class: "pin", width: CELL * 2, height: ROW,
      x: Math.max(0, heap.pin_cell % CELLS_A_ROW * CELL - CELL / 2),
      y: Math.floor(heap.pin_cell / CELLS_A_ROW) * ROW - 1,
      tip: "what lies here keeps the heap's top from shrinking" }));
  }
  return el("div", { class: "strip-row" }, el("div", { class: "dim" },
      (heap.main ? "main" : "arena " + heap.arena) + " ", el("span", { class: "mono" }, heap.address),
      " " + size(heap.cells.length * heap.cell_bytes) + ", " + percent(used / heap.cells.length) + " in use"), picture);
};

const USES = [["cell use-9", "in use"], ["cell use-2", "little in use"], ["cell free", "free, resident"],
  ["cell returned", "free, without memory"], ["pin-key", "pins the top"]];

const strips = (ptmalloc) => {
  const all = ptmalloc?.strips ?? [];
  if (all.length === 0) return null;
  return el("div", { class: "strips" },
      el("p", { class: "dim" }, "One strip a heap, from its first byte to its top"
          + (ptmalloc.strips_omitted ? "; " + ptmalloc.strips_omitted + " more heaps are not drawn" : "") + "."),
      all.map(strip), legend(USES));
};

const arenas = (ptmalloc) => table("glibc's arenas",
    ["arena", "system", "in use", "", "free", "pinned", "pinned by"],
    ptmalloc.arenas.slice().sort((a, b) => b.system_bytes - a.system_bytes).slice(0, 16).map((arena) => [
      arena.main ? "main" : String(arena.index), size(arena.system_bytes), size(arena.in_use_bytes),
      meter(arena.in_use_bytes, arena.system_bytes), size(arena.free_bytes + arena.top_bytes),
      size(arena.pinned_bytes), arena.pin && arena.pinned_bytes > 0 ? size(arena.pin.chunk_bytes) + " " + arena.pin.content
          + (arena.pin.holder ? ", held by " + arena.pin.holder : "") : "–"]), [0, 6]);

/** How full the slabs or spans of each size class are, from empty on the left to full. */
const fills = (owner) => {
  const rows = owner.slab_fill ?? [];
  if (rows.length === 0) return null;
  const most = Math.max(...rows.flatMap((row) => row.histogram), 1);
  return el("div", {}, el("h3", {}, owner.owner + ": slabs and spans by how full they are"),
      table(owner.owner + " fill", ["size", "slabs", "live", "full", "empty → full"],
          rows.slice(0, 24).map((row) => [size(row.class_bytes), String(row.slabs ?? row.spans),
            number(row.live, 0), percent(row.live / Math.max(1, row.capacity)),
            el("span", { class: "fill", role: "img", "aria-label": "slabs by tenths of fill: " + row.histogram.join(", ") },
                row.histogram.map((count, i) => el("span", {
                  style: { opacity: String(count === 0 ? 0.06 : 0.25 + 0.75 * Math.sqrt(count / most)) },
                  tip: count + " slabs, " + i + "0 to " + (i + 1) + "0 % full" })))])));
};

const sizes = (owner) => owner.size_classes.length === 0 ? null : el("div", {},
    el("h3", {}, owner.owner + ": what is in use, by size"),
    table(owner.owner + " sizes", ["size", "objects", "bytes", ""],
        owner.size_classes.slice().sort((a, b) => b.bytes - a.bytes).slice(0, 12).map((one) => [
          size(one.object_bytes), number(one.count, 0), size(one.bytes),
          meter(one.bytes, Math.max(...owner.size_classes.map((other) => other.bytes)))])));

export const heapPicture = (heap) => {
  if (!heap || !(heap.ptmalloc || (heap.owners ?? []).length)) {
    return el("p", { class: "dim" }, "The heap was not read yet.");
  }
  return el("div", {}, strips(heap.ptmalloc), heap.ptmalloc ? arenas(heap.ptmalloc) : null,
      (heap.owners ?? []).map((owner) => [fills(owner), sizes(owner)]));
};

/** What grew between the two last readings of the heap, by the size of its objects. */
export const growthBySize = (heap) => {
  const growth = heap?.census_growth;
  if (!growth || growth.sizes.length === 0) return null;
  return el("div", {}, el("p", { class: "dim" }, "Between two readings, "
      + duration(growth.seconds) + " apart:"),
      table("Sizes that grew", ["size", "more objects", "more bytes"], growth.sizes.slice(0, 12).map((one) =>
          [size(one.chunk_bytes), number(one.count_growth, 0), size(one.bytes_growth)])));
};
