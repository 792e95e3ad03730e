import { baseName } from "./_definition.ts";
import { labelText } from "./_labels.ts";
import {
  boundText,
  type MetricsFormat,
  numberText,
  prefixOf,
  writeHead,
} from "./_text.ts";

/** A metric as prom-client gives it in `getMetricsAsJSON`. */
export interface PromMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator?: string;
  readonly values: readonly PromValue[];
}

/** A line of it. */
export interface PromValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Where it differs from the metric's. */
  readonly metricName?: string;
}

/** The metrics of an isolate. */
export interface PromPart {
  readonly metrics: readonly PromMetric[];
  /** Whether its gauges are of now. */
  readonly isAlive: boolean;
}

interface Line {
  readonly name: string;
  readonly labels: Readonly<Record<string, string | number>>;
  values: number[];
}

/** Adds the metrics of isolates up; each metric says how. */
export function mergeProm(parts: readonly PromPart[]): PromMetric[] {
  const merged: Map<string, { metric: PromMetric; lines: Map<string, Line> }> =
    new Map();
  for (const { metrics, isAlive } of parts) {
    for (const metric of metrics) {
      if (metric.type === "gauge" && !isAlive) continue;
      let entry = merged.get(metric.name);
      if (entry === undefined) {
        entry = { metric, lines: new Map() };
        merged.set(metric.name, entry);
      }
      // Of another kind: the first one has the name.
      if (entry.metric.type !== metric.type) continue;
      for (const { value, labels, metricName } of metric.values) {
        const name = metricName ?? metric.name;
        const key = `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
        const line = entry.lines.get(key);
        if (line === undefined) {
          entry.lines.set(key, { name, labels, values: [value] });
        } else line.values.push(value);
      }
    }
  }
  return [...merged.values()].map(({ metric, lines }) => ({
    ...metric,
    values: [...lines.values()].flatMap((line) => lineOf(metric, line)),
  }));
}

function lineOf(
  { name: metricName, type, aggregator = "sum" }: PromMetric,
  { name, labels, values }: Line,
): PromValue[] {
  // Quantiles of several isolates say nothing about all of them.
  const isQuantile = type === "summary" && name === metricName;
  if (values.length > 1 && isQuantile || aggregator === "omit") return [];
  const value = aggregate(values, aggregator);
  return [{
    value,
    labels,
    ...name === metricName ? {} : { metricName: name },
  }];
}

function aggregate(values: readonly number[], how: string): number {
  const sum = () => values.reduce((a, b) => a + b, 0);
  switch (how) {
    case "first":
      return values[0]!;
    case "min":
      return values.reduce((a, b) => Math.min(a, b));
    case "max":
      return values.reduce((a, b) => Math.max(a, b));
    case "average":
      return sum() / values.length;
    default:
      return sum();
  }
}

/** Writes metrics of prom-client, but those whose names are taken. */
export function writeProm(
  metrics: readonly PromMetric[],
  format: MetricsFormat,
  taken: ReadonlySet<string>,
): string {
  const sorted = metrics.toSorted((a, b) => a.name < b.name ? -1 : 1);
  return sorted.filter((metric) =>
    metric.values.length > 0 && !taken.has(metric.name) &&
    !metric.values.some(({ metricName }) =>
      metricName !== undefined && taken.has(metricName)
    )
  ).map((metric) => writeMetric(metric, format)).join("");
}

function writeMetric(metric: PromMetric, format: MetricsFormat): string {
  const { type, help } = metric;
  // In OpenMetrics the line of a counter ends in _total, its family does not.
  const isOpenCounter = format === "openmetrics" && type === "counter";
  const family = isOpenCounter ? baseName(metric.name) : metric.name;
  const lines = metric.values.map(({ value, labels, metricName }) => {
    const name = isOpenCounter ? `${family}_total` : metricName ?? metric.name;
    const texts = Object.entries(labels).map(([label, text]) =>
      [
        label,
        label === "le" || label === "quantile"
          ? boundText(Number(text === "+Inf" ? Infinity : text), format)
          : String(text).toWellFormed(),
      ] as const
    );
    return `${prefixOf(name, labelText(new Map(texts)))}${numberText(value)}\n`;
  });
  const says = help === "" ? "A metric of prom-client." : help;
  return writeHead(family, type, says, format) + lines.join("");
}
