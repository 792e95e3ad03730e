/**
 * Metrics with their labels by position, in the shape of the predecessor, and
 * a registry of prom-client that all isolates share.
 *
 * ```ts
 * import * as prom from "@oresty/stat/prom";
 * import { stop } from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * const requests = prom.counter("requests_total", "Requests.", ["host"]);
 * requests.inc(1, ["example.org"]);
 * assertEquals(prom.parse_metric_data(await prom.metric_data()), [{
 *   metric: "requests_total",
 *   labels: '{host="example.org"}',
 *   value: 1,
 * }]);
 * await stop();
 * ```
 *
 * @module
 */
import type * as promClient from "prom-client";
import { type Declaration, definitionOf, quote } from "./_definition.ts";
import { isolateRegistry } from "./_isolate.ts";
import { readLabels } from "./_labels.ts";
import type { Counter, Gauge, Histogram } from "./handles.ts";
import type { MetricRow } from "./metric_rows.ts";
import { parseMetrics } from "./parse_metrics.ts";
import { SharedRegistry } from "./_prom_registry.ts";
import { create, type Stat } from "./stat.ts";

/** Values of the labels, in the order of their names. */
export type LabelValues = readonly (string | number | boolean)[];

/** A counter with labels. */
export interface PromCounter {
  /** Adds to the series of the values, 1 where nothing is said. */
  inc(value?: number, labels?: LabelValues): void;
}

/** A gauge with labels. */
export interface PromGauge {
  /** Sets this isolate's part of the series of the values. */
  set(value: number, labels?: LabelValues): void;
  /** Adds to it, also a negative value; 1 where nothing is said. */
  inc(value?: number, labels?: LabelValues): void;
}

/** A histogram with labels. */
export interface PromHistogram {
  /** Takes a value for the series of the values. */
  observe(value: number, labels?: LabelValues): void;
}

/**
 * A registry of prom-client whose `metrics()` holds ours and those registered
 * here, of all isolates.
 *
 * @example
 * ```ts
 * import { Counter } from "prom-client";
 * import { registry } from "@oresty/stat/prom";
 * import { stop } from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * const theirs = new Counter({
 *   name: "theirs_total",
 *   help: "Counted by prom-client.",
 *   registers: [registry],
 * });
 * theirs.inc(2);
 * assertEquals((await registry.metrics()).includes("theirs_total 2"), true);
 * await stop();
 * ```
 */
export const registry: (typeof promClient)["Registry"]["prototype"] =
  new SharedRegistry();

/**
 * A counter; its line ends in `_total`, also where the name does not.
 *
 * @throws {TypeError} On a bad name, or one that is something else.
 *
 * @example
 * ```ts
 * import * as prom from "@oresty/stat/prom";
 * import { stop } from "@oresty/stat";
 *
 * const requests = prom.counter("requests_total", "Requests.", ["host", "status"]);
 * requests.inc(1, ["example.org", 200]);
 * await stop();
 * ```
 */
export function counter(
  name: string,
  help: string,
  labels: readonly string[] = [],
): PromCounter {
  declare(name, { type: "counter", help });
  const series = new Labelled<Counter>(name, labels, (s) => s.counter(name));
  return {
    inc: (value, values) => series.of(values).incr(value),
  };
}

/**
 * A gauge, of which the scrape shows the sum over all isolates.
 *
 * @throws {TypeError} On a bad name, or one that is something else.
 *
 * @example
 * ```ts
 * import * as prom from "@oresty/stat/prom";
 * import { stop } from "@oresty/stat";
 *
 * const connections = prom.gauge("connections", "Open ones.", ["state"]);
 * connections.set(7, ["reading"]);
 * connections.inc(-1, ["reading"]);
 * await stop();
 * ```
 */
export function gauge(
  name: string,
  help: string,
  labels: readonly string[] = [],
): PromGauge {
  declare(name, { type: "gauge", help });
  const series = new Labelled<Gauge>(name, labels, (s) => s.gauge(name));
  return {
    set: (value, values) => series.of(values).set(value),
    inc: (value, values) => series.of(values).incr(value),
  };
}

/**
 * A histogram.
 *
 * @param buckets Upper bounds, growing.
 * @throws {TypeError} On a bad name, or one that is something else.
 * @throws {RangeError} When the buckets do not grow.
 *
 * @example
 * ```ts
 * import * as prom from "@oresty/stat/prom";
 * import { stop } from "@oresty/stat";
 *
 * const latency = prom.histogram("latency_seconds", "How long.", ["host"], [
 *   0.1,
 *   1,
 * ]);
 * latency.observe(0.25, ["example.org"]);
 * await stop();
 * ```
 */
export function histogram(
  name: string,
  help: string,
  labels?: readonly string[],
  buckets?: readonly number[],
): PromHistogram {
  if (Array.isArray(labels) && labels.includes("le")) {
    throw new TypeError(
      `Cannot use label "le" of histogram "${name}": NAME_FORMAT_ERR, its ` +
        `buckets have it`,
    );
  }
  declare(name, {
    type: "histogram",
    help,
    ...buckets === undefined ? {} : { buckets },
  });
  const series = new Labelled<Histogram>(
    name,
    labels ?? [],
    (s) => s.histogram(name),
  );
  return {
    observe: (value, values) => series.of(values).observe(value),
  };
}

/**
 * All metrics of all isolates as text, for Prometheus.
 *
 * @example
 * ```ts
 * import * as prom from "@oresty/stat/prom";
 * import { stop } from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * prom.counter("jobs", "Jobs.").inc(3);
 * assertEquals((await prom.collect()).includes("jobs_total 3"), true);
 * await stop();
 * ```
 */
export async function collect(): Promise<string> {
  return await registry.metrics();
}

/**
 * Sets everything that was counted to nothing: ours in all isolates, that of
 * prom-client in this one.
 *
 * @example
 * ```ts
 * import * as prom from "@oresty/stat/prom";
 * import { stop } from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * prom.counter("jobs", "Jobs.").inc(3);
 * prom.flush();
 * assertEquals(await prom.metric_data(), ["jobs_total 0"]);
 * await stop();
 * ```
 */
export function flush(): void {
  isolateRegistry().flush();
  registry.resetMetrics();
}

/**
 * The lines of all metrics, without those of help and type.
 *
 * @example
 * ```ts
 * import * as prom from "@oresty/stat/prom";
 * import { stop } from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * prom.counter("jobs", "Jobs.").inc(3);
 * assertEquals(await prom.metric_data(), ["jobs_total 3"]);
 * await stop();
 * ```
 */
async function metricData(): Promise<string[]> {
  return (await collect()).split("\n").filter((line) =>
    line !== "" && !line.startsWith("#")
  );
}

export { metricData as metric_data, parseMetricData as parse_metric_data };

/**
 * Takes lines of metrics apart.
 *
 * @throws {SyntaxError} On a line that is none.
 *
 * @example
 * ```ts
 * import { parse_metric_data as parse } from "@oresty/stat/prom";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parse('jobs_total{a="b"} 3'), [
 *   { metric: "jobs_total", labels: '{a="b"}', value: 3 },
 * ]);
 * ```
 */
function parseMetricData(data: string | readonly string[]): MetricRow[] {
  return parseMetrics(typeof data === "string" ? data : data.join("\n"));
}

function declare(name: string, declaration: Declaration): void {
  isolateRegistry().declare(definitionOf(name, declaration));
}

interface Node<T> {
  readonly next: Map<string | number | boolean, Node<T>>;
  handle?: T;
}

/** Series by the values of their labels: a look-up a value, no text is made. */
class Labelled<T> {
  readonly #name: string;
  readonly #labels: readonly string[];
  readonly #make: (stat: Stat) => T;
  readonly #root: Node<T> = { next: new Map() };
  #nodes = 0;

  constructor(
    name: string,
    labels: readonly string[],
    make: (stat: Stat) => T,
  ) {
    if (!Array.isArray(labels) || new Set(labels).size < labels.length) {
      throw new TypeError(
        `Cannot use labels ${quote(labels)} of "${name}": NAME_FORMAT_ERR, ` +
          `expected a list of names, each once`,
      );
    }
    readLabels(Object.fromEntries(labels.map((label) => [label, "x"])));
    this.#name = name;
    this.#labels = [...labels];
    this.#make = make;
    // Without labels it is there at once, as 0.
    if (labels.length === 0) this.of([]);
  }

  of(values: LabelValues = []): T {
    if (!Array.isArray(values) || values.length !== this.#labels.length) {
      throw new TypeError(
        `Cannot use ${quote(values)} as values of labels of ` +
          `"${this.#name}": NAME_FORMAT_ERR, expected ` +
          `${this.#labels.length} in a list`,
      );
    }
    let node = this.#root;
    for (let i = 0; i < values.length; i++) {
      const next = node.next.get(values[i]!);
      if (next === undefined) return this.#add(values);
      node = next;
    }
    return node.handle ?? this.#add(values);
  }

  #add(values: LabelValues): T {
    const entries = this.#labels.map((label, i) => [label, values[i]!]);
    const handle = this.#make(create(Object.fromEntries(entries)));
    // What is beyond the cap is not kept here either.
    if (this.#nodes++ >= MOST_KEPT) return handle;
    let node = this.#root;
    for (const value of values) {
      let next = node.next.get(value);
      if (next === undefined) {
        next = { next: new Map() };
        node.next.set(value, next);
      }
      node = next;
    }
    node.handle = handle;
    return handle;
  }
}

const MOST_KEPT = 10_000;

export type { MetricRow };
