import { shown } from "./_shown.ts";

/** A number of bytes: a number, or a text with a unit ("100m" is 100 MiB). */
export type Size = number | string;

const BYTES: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["k", 1024],
  ["m", 1024 ** 2],
  ["g", 1024 ** 3],
]);

/**
 * Reads a number of bytes.
 *
 * @param value Bytes, or a text with one of the units k, m and g (powers of
 * 1024, any case, `b` or `ib` may follow), such as `"64k"`, `"100m"`, `"1GiB"`.
 * @param name How the option is called, for the error.
 * @returns Whole bytes, never negative.
 * @throws {TypeError} When the value is neither a number nor such a text.
 * @throws {RangeError} When it is negative, no whole number of bytes, or too
 * large to be exact.
 *
 * @example
 * ```ts
 * import { parseSize } from "@oresty/core";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseSize("64k"), 65_536);
 * ```
 */
export function parseSize(value: Size, name = "size"): number {
  let bytes: number;
  if (typeof value === "number") {
    bytes = value;
  } else {
    // Trimmed before: two runs of spaces side by side take time squared.
    const match = typeof value === "string"
      ? /^(-?\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(value.trim())
      : null;
    if (match === null) {
      throw new TypeError(
        `Cannot read ${name}: ${shown(value)} is no size, ` +
          `expected bytes or a text such as "64k", "100m"`,
      );
    }
    bytes = Number(match[1]) * BYTES.get(match[2]!.toLowerCase())!;
  }
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new RangeError(
      `Cannot read ${name}: "${value}" is out of range, ` +
        `expected a whole number of 0 or more bytes`,
    );
  }
  return bytes;
}
