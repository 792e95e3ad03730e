/**
 * Typed configuration in layers: files by environment, remote sources,
 * environment variables; checked as a whole, frozen, reloaded as a whole.
 *
 * ```ts
 * import { defineConfig, int, text } from "@oresty/config";
 * import { assertEquals } from "@std/assert";
 *
 * const config = await defineConfig({
 *   schema: { host: text({ default: "127.0.0.1" }), port: int({ default: 80 }) },
 *   overrides: { port: "8080" },
 *   dir: await Deno.makeTempDir(),
 * });
 * assertEquals(config.value, { host: "127.0.0.1", port: 8080 });
 * ```
 *
 * @module
 */
export { Config, type Load } from "./config.ts";
export { ConfigError, type Problem } from "./config_error.ts";
export {
  type ConfigOptions,
  configOrExit,
  defineConfig,
} from "./define_config.ts";
export type { Environment } from "./_environment.ts";
export {
  bool,
  duration,
  int,
  list,
  type ListOptions,
  number,
  type NumberOptions,
  oneOf,
  optional,
  Reader,
  type ReaderOptions,
  secret,
  size,
  text,
  url,
} from "./readers.ts";
export type {
  ConfigOutput,
  ConfigSchema,
  SchemaResult,
  Shape,
  ShapeOutput,
  StandardSchema,
} from "./schema.ts";
export { Secret } from "./secret.ts";
export type { Publisher, Source } from "./source.ts";
