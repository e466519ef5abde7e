// The address space to scale, by region.

import { el, legend, svg } from "./elements.js";
import { size, word } from "./quantities.js";

const WIDTH = 1000;
const ROW = 30;

/** Far apart lie the program, the heaps and the kernel's area: each group gets a row of its own. */
const GROUP_GAP = 1n << 36n;

const groups = (regions) => {
  const all = [];
  for (const region of regions) {
    const one = { ...region, from: BigInt(region.start), to: BigInt(region.end) };
    const last = all[all.length - 1];
    if (last && one.from - last[last.length - 1].to < GROUP_GAP) last.push(one);
    else all.push([one]);
  }
  return all;
};

const hex = (address) => "0x" + address.toString(16);

const row = (group) => {
  const from = group[0].from, to = group[group.length - 1].to;
  const bytes = Number(to - from);
  const picture = svg("svg", { class: "space", viewBox: "0 0 " + WIDTH + " " + ROW,
    preserveAspectRatio: "none", role: "img", "aria-label": "from " + hex(from) + " to " + hex(to)
        + ": " + group.map((region) => word(region.kind) + " " + size(region.resident_bytes))
            .slice(0, 8).join(", ") });
  for (const region of group) {
    const x = Number(region.from - from) / bytes * WIDTH;
    const width = Math.max(Number(region.to - region.from) / bytes * WIDTH, 1.2);
    const full = region.mapped_bytes > 0 ? Math.min(1, region.resident_bytes / region.mapped_bytes) : 0;
    const tip = word(region.kind) + (region.name ? " " + region.name : "")
        + (region.owner ? ", of " + region.owner : "") + ": " + region.start + " – " + region.end
        + ", " + size(region.mapped_bytes) + " mapped, " + size(region.resident_bytes) + " resident"
        + (region.mappings > 1 ? ", " + region.mappings + " mappings" : "");
    picture.append(
        svg("rect", { class: "mapped kind-" + region.kind, x, y: 0, width, height: ROW, tip }),
        svg("rect", { class: "resident kind-" + region.kind, x, y: ROW * (1 - full), width,
          height: ROW * full, tip }));
  }
  return el("div", { class: "space-row" },
      el("div", { class: "dim mono" }, hex(from) + " – " + hex(to) + " (" + size(bytes) + ")"), picture);
};

export const addressSpace = (layout) => {
  if (!layout || layout.regions.length === 0) {
    return el("p", { class: "dim" }, "The mappings were not read yet.");
  }
  const kinds = [...new Set(layout.regions.map((region) => region.kind))];
  return el("div", {},
      el("p", { class: "dim" }, layout.mapping_count + " mappings"
          + (layout.merged ? ", neighbours put together" : "")
          + ". Each row is a part of the address space to scale; the filled height is the share"
          + " that is resident."),
      groups(layout.regions).map(row),
      legend(kinds.map((kind) => ["kind-" + kind, word(kind)])));
};
