import type { GaugeAggregate, MetricType } from "./_definition.ts";
import { parseLabelText } from "./_labels.ts";
import type { MergedFamily } from "./_reader.ts";
import type { Registry } from "./_registry.ts";
import { CounterRow, GaugeRow, type HistogramRow, type Row } from "./_row.ts";

/** Everything that is known of the process at one moment, as plain objects. */
export interface Snapshot {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Seconds of a window, as this isolate has it. */
  readonly window: number;
  /** By their names, sorted. */
  readonly metrics: readonly MetricSnapshot[];
  /** Who writes, and who did. */
  readonly isolates: readonly IsolateSnapshot[];
  /** Label sets that were merged into overflow series. */
  readonly overflow: number;
}

/** A metric with its series. */
export interface MetricSnapshot {
  readonly name: string;
  readonly type: MetricType;
  /** As it was declared; else empty. */
  readonly help: string;
  /** Upper bounds of a histogram, without the last one; else empty. */
  readonly bounds: readonly number[];
  readonly aggregate: GaugeAggregate;
  /** By their labels, sorted. */
  readonly series: readonly SeriesSnapshot[];
}

/** A series of all isolates together. */
export interface SeriesSnapshot {
  readonly labels: Readonly<Record<string, string>>;
  /** The labels as they stand in a line, without braces. */
  readonly labelText: string;
  /** A counter's or histogram's sum, or a gauge's value. */
  readonly value: number;
  /** How many values were taken; 0 for a gauge. */
  readonly count: number;
  /** What the last window brought to a counter; else 0. */
  readonly delta: number;
  /** How many values that were; else 0. */
  readonly deltaCount: number;
  /** A histogram's buckets, not cumulative, one more than bounds; else empty. */
  readonly buckets: readonly number[];
}

/** An isolate that writes, or did. */
export interface IsolateSnapshot {
  /** Its `isolateNumber()`. */
  readonly number: number;
  /** `blocked`: it has had no time for 3 seconds, or has died without a word. */
  readonly state: "live" | "blocked" | "released" | "retired";
  /** Milliseconds since 1970. */
  readonly heartbeat: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** An isolate's heart beats once a second. */
const BLOCKED_AFTER = 3000;

/** Reads all series of all isolates: memory only, nobody is asked. */
export function takeSnapshot(registry: Registry): Snapshot {
  const metrics = registry.read().map(metricOf)
    .filter(({ series }) => series.length > 0);
  const { now } = registry;
  const isolates = new Map<string, IsolateSnapshot>();
  for (const segment of registry.group?.segments ?? []) {
    const { owner: number, heartbeat, createdAt } = segment;
    const state = segment.state === "live" && now - heartbeat > BLOCKED_AFTER
      ? "blocked"
      : segment.state;
    // One that has more than one segment is one.
    isolates.set(`${number} ${state}`, {
      ...{ number, state, heartbeat, createdAt },
    });
  }
  return {
    time: now,
    window: registry.windowSeconds,
    metrics,
    isolates: [...isolates.values()],
    overflow: registry.mergedOverflow,
  };
}

function metricOf({ definition, rows }: MergedFamily): MetricSnapshot {
  const { name, type, help, buckets, aggregate } = definition;
  const series = rows.filter(({ parts }) => parts > 0).map(seriesOf);
  return { name, type, help, bounds: buckets, aggregate, series };
}

function seriesOf(row: Row): SeriesSnapshot {
  const labels = parseLabelText(row.labels);
  const base = {
    ...{ labels, labelText: row.labels, value: 0, count: 0 },
    ...{ delta: 0, deltaCount: 0, buckets: [] },
  };
  if (row instanceof CounterRow) {
    const { sum, count, delta, deltaCount } = row;
    return { ...base, value: sum, count, delta, deltaCount };
  }
  if (row instanceof GaugeRow) return { ...base, value: row.value };
  const { sum, count, buckets } = row as HistogramRow;
  return { ...base, value: sum, count, buckets: [...buckets] };
}
