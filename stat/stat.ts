import {
  type Declaration,
  definitionOf,
  type MetricType,
} from "./_definition.ts";
import { HistogramTimer } from "./_histogram.ts";
import { isolateRegistry } from "./_isolate.ts";
import { type LabelMap, type Labels, readLabels } from "./_labels.ts";
import type { Registry, SeriesOf } from "./_registry.ts";
import type { Counter, Gauge, Histogram, Timer } from "./handles.ts";

const COUNTED = ["counter", "untyped"] as const;

/**
 * Counts under fixed labels; `create` gives one. A key is one metric in the
 * whole process, whoever counts.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * const s = stat.create({ app: "demo" });
 * s.incr("requests");
 * const hits = s.with({ tier: "l1" }).counter("hits"); // kept: no look-up
 * hits.incr(2);
 * s.gauge("depth").set(3);
 * s.histogram("size_bytes", [100, 1000]).observe(512);
 * assertEquals(
 *   stat.get_metrics().find(({ metric }) => metric === "hits")?.labels,
 *   '{app="demo",tier="l1"}',
 * );
 * await stat.stop();
 * ```
 */
export class Stat {
  readonly #registry: Registry;
  readonly #labels: LabelMap;
  readonly #counters: Map<string, Counter> = new Map();

  /** @internal `create` makes it. */
  constructor(labels: LabelMap, registry: unknown) {
    this.#labels = labels;
    this.#registry = registry as Registry;
  }

  /**
   * Adds to a key, which need not be declared.
   *
   * @param value Finite, and not negative.
   * @throws {TypeError} On a bad key (KEY_FORMAT_ERR) or value
   * (VALUE_FORMAT_ERR).
   */
  incr(key: string, value = 1): void {
    const counter = this.#counters.get(key);
    if (counter === undefined) this.counter(key).incr(value);
    else counter.incr(value);
  }

  /**
   * The counter of a key, for a call without a look-up. What `incr` of the key
   * does is the same one.
   *
   * @throws {TypeError} On a bad key, or one that is something else.
   */
  counter(key: string): Counter {
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      counter = this.#series(key, COUNTED, "untyped");
      this.#counters.set(key, counter);
    }
    return counter;
  }

  /**
   * The gauge of a key; keep it, when it is set often.
   *
   * @throws {TypeError} On a bad key, or one that is something else.
   */
  gauge(key: string): Gauge {
    return this.#series(key, ["gauge"], "gauge");
  }

  /**
   * The histogram of a key; keep it, when it is used often.
   *
   * @param buckets Upper bounds, where it was not declared.
   * @throws {TypeError} On a bad key, or one that is something else.
   * @throws {RangeError} When the buckets do not grow.
   */
  histogram(key: string, buckets?: readonly number[]): Histogram {
    if (buckets !== undefined) {
      this.#registry.declare(
        definitionOf(key, { type: "histogram", buckets }),
      );
    }
    return this.#series(key, ["histogram"], "histogram");
  }

  /**
   * The histogram of a key as a timer, in seconds.
   *
   * @param buckets Upper bounds in seconds, where it was not declared.
   * @throws {TypeError} On a bad key, or one that is something else.
   * @throws {RangeError} When the buckets do not grow.
   *
   * @example
   * ```ts
   * import * as stat from "@oresty/stat";
   *
   * const seconds = stat.create().timer("work_duration_seconds");
   * {
   *   using _watch = seconds.start();
   *   // what is measured
   * }
   * await stat.stop();
   * ```
   */
  timer(key: string, buckets?: readonly number[]): Timer {
    return new HistogramTimer(this.histogram(key, buckets));
  }

  /**
   * The same with further labels; an equal name takes the new value, an empty
   * value takes the label away. Keep it, when it is used often.
   *
   * @throws {TypeError} On bad labels: NAME_FORMAT_ERR.
   */
  with(labels: Labels): Stat {
    return new Stat(readLabels(labels, this.#labels), this.#registry);
  }

  #series<T extends MetricType>(
    key: string,
    accepted: readonly T[],
    type: T,
  ): SeriesOf<T> {
    return this.#registry.series(
      key,
      this.#labels,
      accepted,
      () => definitionOf(key, { type }),
    );
  }
}

/**
 * Begins to count under labels.
 *
 * @param labels An object, or a text such as `"a=b&c=d"`, taken as it is.
 * @throws {TypeError} On bad labels: NAME_FORMAT_ERR.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * const s = stat.new("label_name=label_value");
 * s.incr("key_name", 123);
 * assertEquals(stat.get_metrics()[0], {
 *   metric: "key_name",
 *   labels: '{label_name="label_value"}',
 *   value: 123,
 * });
 * await stat.stop();
 * ```
 */
export function create(labels?: Labels): Stat {
  return new Stat(readLabels(labels), isolateRegistry());
}

export { create as new };

/**
 * Says what a metric is, before it is used; the same in every isolate.
 *
 * @throws {TypeError} On a bad key, a bad option, or a key that is used already
 * as something else.
 * @throws {RangeError} When buckets do not grow.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * stat.declare("jobs", { type: "counter", help: "Jobs that are done." });
 * stat.create().incr("jobs");
 * const [row] = await stat.getMetrics();
 * assertEquals(row, { metric: "jobs_total", labels: undefined, value: 1 });
 * await stat.stop();
 * ```
 */
export function declare(key: string, declaration: Declaration = {}): void {
  isolateRegistry().declare(definitionOf(key, declaration));
}
