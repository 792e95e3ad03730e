/**
 * What every Oresty module stands on: units of time and size, checking of
 * options, the nearest name for a mistyped one, and what isolates of a process
 * have between them: channels, locks and workers.
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
export * from "./channel.ts";
export * from "./web_locks.ts";
export * from "./spawn.ts";
