// Quantities as io.leakwatch.text.Quantity writes them; null and undefined are not known.

export const number = (value, decimals) =>
    (Math.abs(value) < 0.5 / 10 ** decimals ? 0 : value).toFixed(decimals);

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

const unitOf = (bytes) => {
  let value = Math.abs(bytes), unit = 0;
  while (value >= 1023.5 && unit < UNITS.length - 1) { value /= 1024; unit++; }
  return unit;
};

const decimals = (value, unit) => unit === 0 || Math.abs(value) >= 99.95 ? 0 : 1;

export const size = (bytes) => {
  if (!Number.isFinite(bytes)) return "?";
  const unit = unitOf(bytes), value = bytes / 1024 ** unit;
  return number(value, Number.isInteger(value) ? 0 : decimals(value, unit)) + " " + UNITS[unit];
};

export const rate = (perSecond) => {
  if (!Number.isFinite(perSecond)) return "?";
  const pace = Math.abs(perSecond);
  const [span, per] = pace * 86400 < 64 * 2 ** 30 ? [86400, "/day"]
      : pace * 3600 < 256 * 2 ** 30 ? [3600, "/hour"] : [1, "/s"];
  const unit = unitOf(perSecond * span), value = perSecond * span / 1024 ** unit;
  const text = number(value, decimals(value, unit));
  return (/^(-|[0.]*$)/.test(text) ? "" : "+") + text + " " + UNITS[unit] + per;
};

export const percent = (share) => {
  if (!Number.isFinite(share)) return "?";
  const value = 100 * Math.max(0, Math.min(1, share));
  return value === 0 || value === 100 || (value >= 1 && value <= 99) ? number(value, 0) + " %"
      : number(Math.max(0.1, Math.min(99.9, value)), 1) + " %";
};

export const duration = (seconds) => {
  if (!Number.isFinite(seconds)) return "?";
  if (seconds <= 0) return "0 s";
  if (seconds < 0.9995) return number(Math.max(1, seconds * 1e3), 0) + " ms";
  const year = 365.25 * 86400;
  const [length, unit] = seconds < 119.5 ? [1, " s"] : seconds < 7170 ? [60, " min"]
      : seconds < 171000 ? [3600, " h"] : seconds < 2 * year ? [86400, " days"] : [year, " years"];
  const value = seconds / length;
  return (value >= 9.95 ? number(value, 0) : number(value, 1).replace(/\.0$/, "")) + unit;
};

export const when = (seconds) => {
  if (!Number.isFinite(seconds)) seconds = Infinity; // JSON has no number for it.
  if (seconds >= 63072000) return "not within 2 years";
  return "in " + duration(seconds);
};

/** A time of the day, with the date where it is not today's. */
export const clock = (instant) => {
  const time = new Date(instant);
  if (Number.isNaN(time.getTime())) return "?";
  const day = time.toISOString().slice(0, 10), today = new Date().toISOString().slice(0, 10);
  return (day === today ? "" : day + " ") + time.toISOString().slice(11, 16) + " UTC";
};

export const VERDICTS = {
  steady: "does not grow", warming: "grows, but levels off",
  cyclic: "rises and falls with the day or a batch",
  load: "grows because there is more to do", leak: "memory in use grows without bound",
  held: "freed by the program, kept by the allocator",
  pinned: "freed, but something in use keeps it from being given back",
  growing: "grows; too early to say why", unknown: "not enough data yet" };

export const word = (name) => String(name).replace(/_/g, " ");
