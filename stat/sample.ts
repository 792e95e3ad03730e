import { isolateRegistry } from "./_isolate.ts";

/**
 * Calls a function now and each second, to set gauges of this isolate: a scrape
 * reads what was set last, and waits for nobody. One that throws is reported,
 * and not called again.
 *
 * @returns Ends it.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 *
 * const queue: unknown[] = [];
 * const depth = stat.create().gauge("queue_depth");
 * const end = stat.sample(() => depth.set(queue.length));
 * end();
 * await stat.stop();
 * ```
 */
export function sample(sampler: () => void): () => void {
  sampler();
  return isolateRegistry().addSampler(sampler);
}
