/**
 * What every Oresty module stands on: units of time and size, checking of
 * options, and the nearest name for a mistyped one.
 *
 * ```ts
 * import { parseDuration, parseSize } from "@oresty/core";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseDuration("500ms"), 0.5);
 * assertEquals(parseSize("100m"), 104_857_600);
 * ```
 *
 * @module
 */
export * from "./duration.ts";
export * from "./size.ts";
export * from "./nearest.ts";
export * from "./options.ts";
