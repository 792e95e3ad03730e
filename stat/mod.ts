/**
 * Counters, gauges and histograms of all isolates of a process, exact without a
 * lock, and as text for Prometheus.
 *
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * const s = stat.new("label_name=label_value");
 * s.incr("key_name", 123);
 *
 * const lines = [];
 * for (const m of stat.get_metrics()) {
 *   lines.push(`${m.metric}${m.labels ?? ""} ${m.value}`);
 * }
 * assertEquals(lines, [
 *   'key_name{label_name="label_value"} 123',
 *   'key_name_count{label_name="label_value"} 1',
 *   'key_name_delta{label_name="label_value"} 123',
 *   'key_name_avg{label_name="label_value"} 123',
 * ]);
 * await stat.stop();
 * ```
 *
 * @module
 */
export * from "./stat.ts";
export * from "./handles.ts";
export * from "./error_sinks.ts";
export * from "./isolates.ts";
export * from "./metrics.ts";
export * from "./metrics_sink.ts";
export * from "./process.ts";
export * from "./sample.ts";
export * from "./serve.ts";
export * from "./span_route.ts";
export * from "./start.ts";
export * from "./status/error_ring.ts";
export { stop } from "./_lifecycle.ts";
export type { MetricRow } from "./metric_rows.ts";
export type { MetricsFormat } from "./_text.ts";
export type { Declaration, GaugeAggregate, MetricType } from "./_definition.ts";
export type { Labels } from "./_labels.ts";
