import { parseLabelText } from "../_labels.ts";
import type { MergedFamily } from "../_reader.ts";
import type { Registry } from "../_registry.ts";
import { type CounterRow, GaugeRow, HistogramRow, type Row } from "../_row.ts";
import { isShown } from "./_series_names.ts";

/** A series at one moment. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** A counter's or histogram's sum, or a gauge's value. */
  readonly value: number;
  /** Values of a histogram in each bucket, not cumulative; else empty. */
  readonly buckets: readonly number[];
}

/** A metric at one moment. */
export interface Family {
  /** Upper bounds of a histogram, without the last one; else empty. */
  readonly bounds: readonly number[];
  /** By the text of their labels. */
  readonly series: ReadonlyMap<string, Series>;
}

/** What the page shows, at one moment. */
export interface Reading {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Those with at least one series. */
  readonly families: ReadonlyMap<string, Family>;
  /** Series of all names, shown or not. */
  readonly seriesCount: number;
  /** All names. */
  readonly nameCount: number;
  /** Label sets that were merged into overflow series. */
  readonly merged: number;
}

/** Label texts are parsed once. */
const parsed: WeakMap<Row, Readonly<Record<string, string>>> = new WeakMap();

/** Reads the series of all isolates: memory only, nobody is asked. */
export function takeReading(registry: Registry): Reading {
  const families = new Map<string, Family>();
  let seriesCount = 0;
  let nameCount = 0;
  for (const family of registry.read()) {
    let count = 0;
    for (const { parts } of family.rows) if (parts > 0) count++;
    if (count === 0) continue;
    seriesCount += count;
    nameCount++;
    const { name } = family.definition;
    if (isShown(name)) families.set(name, familyOf(family));
  }
  return {
    time: registry.now,
    families,
    seriesCount,
    nameCount,
    merged: registry.mergedOverflow,
  };
}

function familyOf({ definition, rows }: MergedFamily): Family {
  const series = new Map<string, Series>();
  for (const row of rows) {
    if (row.parts > 0) series.set(row.labels, seriesOf(row));
  }
  return { bounds: definition.buckets, series };
}

function seriesOf(row: Row): Series {
  let labels = parsed.get(row);
  if (labels === undefined) {
    labels = parseLabelText(row.labels);
    parsed.set(row, labels);
  }
  if (row instanceof HistogramRow) {
    return { labels, value: row.sum, buckets: [...row.buckets] };
  }
  if (row instanceof GaugeRow) return { labels, value: row.value, buckets: [] };
  return { labels, value: (row as CounterRow).sum, buckets: [] };
}
