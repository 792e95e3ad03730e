/**
 * A layer from elsewhere, such as a remote store: over the files, under the
 * environment. Every method may answer at once or later.
 *
 * @example
 * ```ts
 * import { defineConfig, int, type Source } from "@oresty/config";
 * import { assertEquals } from "@std/assert";
 *
 * let limit = 1;
 * let tell = () => {};
 * const source: Source = {
 *   name: "memory",
 *   current: () => ({ limit }),
 *   subscribe(changed) {
 *     tell = changed;
 *     return () => tell = () => {};
 *   },
 * };
 * await using config = await defineConfig({
 *   schema: { limit: int() },
 *   sources: [source],
 *   dir: await Deno.makeTempDir(),
 * });
 * const changed = Promise.withResolvers<number>();
 * config.on((value) => value.limit, changed.resolve);
 * limit = 2;
 * tell();
 * assertEquals(await changed.promise, 2);
 * ```
 */
export interface Source {
  /** How it is called in problems. */
  readonly name: string;
  /**
   * Its values of now, nested as the configuration is. One that fails at the
   * start is a problem of the configuration; one that fails later keeps the old
   * configuration: a source that has a last good answer gives that instead.
   */
  current():
    | Readonly<Record<string, unknown>>
    | Promise<Readonly<Record<string, unknown>>>;
  /**
   * Calls a function when the values changed since the first `current`, which
   * is asked for before.
   *
   * @returns Ends it.
   */
  subscribe?(
    changed: () => void,
  ): (() => void) | Promise<() => void>;
}

/** Takes every accepted configuration, to hand it to other workers. */
export interface Publisher {
  /**
   * Takes a configuration. The next one comes when this one is done.
   *
   * @param version Rises by one with each.
   * @param value The whole configuration. What it holds of `Secret` is lost in
   * a structured clone, as of `postMessage`: take it out with `reveal` before.
   */
  publish(version: number, value: unknown): void | Promise<void>;
}
