/** Numbers as people read them: three digits that matter, and a unit. */

const NONE = "–";
const THIN = "\u202f";

/** Whether there is a number. */
function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function digits(value, most) {
  return value.toLocaleString("en", { maximumFractionDigits: most });
}

/** Three digits that matter. */
function short(value) {
  const size = Math.abs(value);
  return digits(value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

function scaled(value, step, units) {
  let unit = 0;
  let number = value;
  while (Math.abs(number) >= step && unit < units.length - 1) {
    number /= step;
    unit++;
  }
  return `${short(number)}${units[unit] === "" ? "" : THIN + units[unit]}`;
}

/** A count: `1,234`, `1.2 M`. */
export function count(value) {
  if (!isNumber(value)) return NONE;
  if (Math.abs(value) < 1e6) return digits(value, 0);
  return scaled(value / 1e6, 1000, ["M", "G", "T"]);
}

/** What happens a second: `1,234/s`. */
export function rate(value) {
  if (!isNumber(value)) return NONE;
  if (value > 0 && value < 0.005) return `<${THIN}0.01/s`;
  return `${value < 1e6 ? short(value) : count(value)}/s`;
}

/** Seconds: `12.3 ms`, `2 h 5 min`. */
export function seconds(value) {
  if (!isNumber(value)) return NONE;
  const size = Math.abs(value);
  if (size === 0) return `0${THIN}ms`;
  if (size < 0.001) return `${short(value * 1e6)}${THIN}µs`;
  if (size < 1) return `${short(value * 1e3)}${THIN}ms`;
  if (size < 120) return `${short(value)}${THIN}s`;
  return duration(value);
}

/** Seconds of a histogram, whose lowest bound tells no shorter times apart. */
export function within(value, finest) {
  return isNumber(value) && isNumber(finest) && value < finest
    ? `<${THIN}${seconds(finest)}`
    : seconds(value);
}

/** A longer time: `2 h 5 min`. */
export function duration(value) {
  if (!isNumber(value)) return NONE;
  const whole = Math.floor(value);
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([number]) => number > 0);
  if (first === -1) return `0${THIN}s`;
  return parts.slice(first, first + 2)
    .filter(([number], i) => i === 0 || number > 0)
    .map(([number, unit]) => `${number}${THIN}${unit}`).join(" ");
}

/** Bytes: `48.2 MiB`. */
export function bytes(value) {
  if (!isNumber(value)) return NONE;
  return scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
}

/** A share of one: `98.1 %`. */
export function percent(value) {
  if (!isNumber(value)) return NONE;
  if (value > 0 && value < 0.0005) return `<${THIN}0.1${THIN}%`;
  // Not 100 while one was missed.
  if (value < 1 && value > 0.9995) return `>${THIN}99.9${THIN}%`;
  return `${digits(value * 100, 1)}${THIN}%`;
}

/** A time of the day. */
export function clock(milliseconds) {
  return new Date(milliseconds).toLocaleTimeString("en-GB");
}

/** How long ago: `3 s ago`. */
export function ago(from, now) {
  const past = Math.max(0, (now - from) / 1000);
  return past < 1 ? "now" : `${duration(past)} ago`;
}
