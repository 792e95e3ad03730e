import { baseName } from "./_definition.ts";
import type { MergedFamily } from "./_reader.ts";
import type { CounterRow, GaugeRow, HistogramRow, Row } from "./_row.ts";

/** How metrics are written: text 0.0.4 of Prometheus, or OpenMetrics 1.0. */
export type MetricsFormat = "text" | "openmetrics";

/** What a response with them says it is. */
export const CONTENT_TYPES: Readonly<Record<MetricsFormat, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** The last line of OpenMetrics. */
export const END = "# EOF\n";

/** Writes metrics; the last line of OpenMetrics is left to the caller. */
export function writeMetrics(
  families: readonly MergedFamily[],
  format: MetricsFormat,
): string {
  let text = "";
  for (const family of families) {
    switch (family.definition.type) {
      case "untyped":
        text += writeUntyped(family, format);
        break;
      case "counter":
        text += writeCounter(family, format);
        break;
      case "gauge":
        text += writeGauge(family, format);
        break;
      case "histogram":
        text += writeHistogram(family, format);
    }
  }
  return text;
}

/** The lines before those of a metric. */
export function writeHead(
  name: string,
  type: string,
  help: string,
  format: MetricsFormat,
): string {
  let escaped = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  if (format === "openmetrics") escaped = escaped.replaceAll('"', '\\"');
  const word = type === "untyped" && format === "openmetrics"
    ? "unknown"
    : type;
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${word}\n`;
}

/** What a line begins with: name, labels and the space before the value. */
export function prefixOf(name: string, labels: string): string {
  return labels === "" ? `${name} ` : `${name}{${labels}} `;
}

/** A number as Prometheus reads it. */
export function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

/** What a bucket's bound is called. */
export function boundText(bound: number, format: MetricsFormat): string {
  const text = numberText(bound);
  // OpenMetrics wants to see that it is a float.
  return format === "openmetrics" && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** The four names of an untyped metric, and what they say. */
const UNTYPED = [
  ["", "untyped", "Sum of all values."],
  ["_count", "untyped", "Number of values."],
  ["_delta", "gauge", "Sum of the values of the last window."],
  ["_avg", "gauge", "Average of the values of the last window."],
] as const;

function writeUntyped(
  { definition: { name, help }, rows }: MergedFamily,
  format: MetricsFormat,
): string {
  const texts = ["", "", "", ""];
  for (const row of rows as CounterRow[]) {
    if (row.parts === 0) continue;
    const [sum, count, delta, avg] = row.prefixes ??= UNTYPED.map(([end]) =>
      prefixOf(name + end, row.labels)
    );
    texts[0] += `${sum}${numberText(row.sum)}\n`;
    texts[1] += `${count}${row.count}\n`;
    texts[2] += `${delta}${numberText(row.delta)}\n`;
    const { deltaCount } = row;
    if (deltaCount > 0) {
      texts[3] += `${avg}${numberText(row.delta / deltaCount)}\n`;
    }
  }
  return UNTYPED.reduce((text, [end, type, says], i) => {
    if (texts[i] === "") return text;
    const words = i === 0 && help !== "" ? help : says;
    return text + writeHead(name + end, type, words, format) + texts[i];
  }, "");
}

function writeCounter(
  { definition: { name, help }, rows }: MergedFamily,
  format: MetricsFormat,
): string {
  const base = baseName(name);
  let text = "";
  for (const row of rows as CounterRow[]) {
    if (row.parts === 0) continue;
    const [prefix] = row.prefixes ??= [
      prefixOf(`${base}_total`, row.labels),
    ];
    text += `${prefix}${numberText(row.sum)}\n`;
  }
  if (text === "") return "";
  const family = format === "openmetrics" ? base : `${base}_total`;
  return writeHead(family, "counter", help || "Counter.", format) + text;
}

function writeGauge(
  { definition: { name, help }, rows }: MergedFamily,
  format: MetricsFormat,
): string {
  let text = "";
  for (const row of rows as GaugeRow[]) {
    if (row.parts === 0) continue;
    const [prefix] = row.prefixes ??= [prefixOf(name, row.labels)];
    text += `${prefix}${numberText(row.value)}\n`;
  }
  if (text === "") return "";
  return writeHead(name, "gauge", help || "Gauge.", format) + text;
}

function writeHistogram(
  { definition: { name, help, buckets }, rows }: MergedFamily,
  format: MetricsFormat,
): string {
  let text = "";
  const other = format === "text" ? 0 : buckets.length + 1;
  for (const row of rows as HistogramRow[]) {
    if (row.parts === 0) continue;
    const prefixes = row.prefixes ??= histogramPrefixes(name, buckets, row);
    let count = 0;
    for (let i = 0; i <= buckets.length; i++) {
      count += row.buckets[i]!;
      text += `${prefixes[other + i]}${count}\n`;
    }
    text += `${prefixes.at(-2)}${numberText(row.sum)}\n`;
    text += `${prefixes.at(-1)}${count}\n`;
  }
  if (text === "") return "";
  return writeHead(name, "histogram", help || "Histogram.", format) + text;
}

/** Buckets in both formats, then sum and count. */
function histogramPrefixes(
  name: string,
  buckets: readonly number[],
  { labels }: Row,
): string[] {
  const bounds = [...buckets, Infinity];
  const before = labels === "" ? "" : `${labels},`;
  const lines = (["text", "openmetrics"] as const).flatMap((format) =>
    bounds.map((bound) =>
      prefixOf(`${name}_bucket`, `${before}le="${boundText(bound, format)}"`)
    )
  );
  return [
    ...lines,
    prefixOf(`${name}_sum`, labels),
    prefixOf(`${name}_count`, labels),
  ];
}
