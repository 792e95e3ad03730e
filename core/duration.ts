import { shown } from "./_shown.ts";

/** A length of time: seconds as a number, or a text with a unit ("500ms", "5m"). */
export type Duration = number | string;

const SECONDS: ReadonlyMap<string, number> = new Map([
  ["ms", 0.001],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
]);

/**
 * Reads a length of time.
 *
 * @param value Seconds (floats allowed), or a text with one of the units ms, s,
 * m, h and d, such as `"500ms"` or `"1.5h"`. A text without a unit is seconds.
 * @param name How the option is called, for the error.
 * @returns Seconds, never negative.
 * @throws {TypeError} When the value is neither a number nor such a text.
 * @throws {RangeError} When it is negative or not finite.
 *
 * @example
 * ```ts
 * import { parseDuration } from "@oresty/core";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseDuration("5m"), 300);
 * assertEquals(parseDuration(0.25), 0.25);
 * ```
 */
export function parseDuration(value: Duration, name = "duration"): number {
  let seconds: number;
  if (typeof value === "number") {
    seconds = value;
  } else {
    // Trimmed before: two runs of spaces side by side take time squared.
    const match = typeof value === "string"
      ? /^(-?\d+(?:\.\d+)?|-?\.\d+)\s*(ms|s|m|h|d)?$/.exec(value.trim())
      : null;
    if (match === null) {
      throw new TypeError(
        `Cannot read ${name}: ${shown(value)} is no length of time, ` +
          `expected seconds or a text such as "500ms", "5m"`,
      );
    }
    seconds = Number(match[1]) * SECONDS.get(match[2] ?? "s")!;
  }
  if (!(seconds >= 0 && seconds < Infinity)) {
    throw new RangeError(
      `Cannot read ${name}: ${shown(value)} is out of range, ` +
        `expected 0 or more seconds`,
    );
  }
  return seconds;
}
