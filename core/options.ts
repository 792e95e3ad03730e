import { shown } from "./_shown.ts";
import { nearest } from "./nearest.ts";

/**
 * Refuses options that nobody reads, naming the nearest right one.
 *
 * @param where Who takes the options, for the error: `createApp`.
 * @param options What was given. `undefined` is no options.
 * @param known The names that are read.
 * @throws {TypeError} When options is no object, or has an unknown name.
 *
 * @example
 * ```ts
 * import { checkOptions } from "@oresty/core";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(
 *   () => checkOptions("listen", { prot: 80 }, ["port", "hostname"]),
 *   TypeError,
 *   'did you mean "port"',
 * );
 * ```
 */
export function checkOptions(
  where: string,
  options: unknown,
  known: readonly string[],
): void {
  if (options === undefined) return;
  if (
    typeof options !== "object" || options === null || Array.isArray(options)
  ) {
    throw new TypeError(
      `Cannot use the options of ${where}: ${
        Array.isArray(options) ? `"array"` : shown(options)
      } was given, expected an object`,
    );
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const guess = nearest(name, known);
    throw new TypeError(
      `Cannot use option "${name}" of ${where}: it is unknown, ` +
        (guess === undefined
          ? `expected one of ${known.join(", ")}`
          : `did you mean "${guess}"?`),
    );
  }
}
