/**
 * A cache of three tiers: this isolate, the memory of the process, and a store
 * that all hosts share. A missing key is loaded once over all of them.
 *
 * ```ts
 * import { open } from "@oresty/cache";
 * import { assertEquals } from "@std/assert";
 *
 * const cache = await open("cache1", "tlcache_example", { ttl: 10, negTtl: 10 });
 * assertEquals(await cache.get("key1", () => "loaded"), "loaded");
 * assertEquals((await cache.lookup("key1")).hitLevel, 1);
 * await cache.close();
 * ```
 *
 * @module
 */
export {
  CacheError,
  LoadTimeoutError,
  LockTimeoutError,
  ReentrancyError,
} from "./errors.ts";
export * from "./events.ts";
export * from "./loader.ts";
export * from "./metrics_sink.ts";
export * from "./open.ts";
export * from "./options.ts";
export * from "./third_tier.ts";
export * from "./tl_cache.ts";
export type { BulkItem, BulkOptions, BulkResult } from "./_bulk.ts";
export type { Lookup } from "./_reads.ts";
export type { CacheStats } from "./_tally.ts";
