import { definitionOf, type MetricType } from "./_definition.ts";
import { isolateRegistry } from "./_isolate.ts";
import type { Labels } from "./_labels.ts";
import type { Counter, Histogram } from "./handles.ts";
import { create } from "./stat.ts";

/** Handles by name and labels, as other modules ask for them. */
export interface StatSink {
  /** The counter of a name, which is declared as one. */
  counter(name: string, labels: Labels): Counter;
  /** The histogram of a name, which is declared as one. */
  histogram(name: string, labels: Labels): Histogram;
}

/**
 * Where other modules count, as the option `metrics` of a cache.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * const sink = stat.metricsSink();
 * sink.counter("hits_total", { cache: "users" }).incr();
 * assertEquals(stat.get_metrics(), [
 *   { metric: "hits_total", labels: '{cache="users"}', value: 1 },
 * ]);
 * await stat.stop();
 * ```
 */
export function metricsSink(): StatSink {
  return {
    counter(name, labels) {
      declareAs(name, "counter");
      return create(labels).counter(name);
    },
    histogram(name, labels) {
      declareAs(name, "histogram");
      return create(labels).histogram(name);
    },
  };
}

/** Who declared it before, with its own help and buckets, is right. */
function declareAs(name: string, type: MetricType): void {
  const registry = isolateRegistry();
  if (registry.definition(name)?.type === type) return;
  registry.declare(definitionOf(name, { type }));
}
