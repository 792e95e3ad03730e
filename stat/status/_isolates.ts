import type { SegmentGroup, SegmentState } from "@oresty/shm";
import type { Reading } from "./_reading.ts";
import { Names } from "./_series_names.ts";

/** An isolate that writes, or did. */
export interface IsolateRow {
  /** Its `isolateNumber()`, or the label that it counts under. */
  readonly isolate: string;
  /** Unknown when it only counts under a label of another form. */
  readonly state: SegmentState | "blocked" | "unknown";
  /** Whether it is the worker that answers here. */
  readonly isThis: boolean;
  /** Seconds since it last had time; null when it is not known. */
  readonly silence: number | null;
  /** Seconds since its memory was made. */
  readonly age: number | null;
  /** Seconds that its timers are late. */
  readonly lag: number | null;
  /** Bytes in use. */
  readonly heap: number | null;
}

/** Isolates, and how many there are in each state. */
export interface Isolates {
  readonly counts: Readonly<Record<string, number>>;
  /** Live and blocked ones first. */
  readonly rows: readonly IsolateRow[];
}

/** An isolate's heart beats once a second. */
const BLOCKED_AFTER = 3000;
const MOST = 50;
const ORDER = ["blocked", "live", "unknown", "released", "retired"];

/** All isolates that have counted anything. */
export function isolatesOf(
  reading: Reading,
  group: SegmentGroup | undefined,
  self: number,
): Isolates {
  const lags = byIsolate(reading, Names.lag);
  const heaps = byIsolate(reading, Names.heap);
  const rows = new Map<string, IsolateRow>();
  for (const segment of group?.segments ?? []) {
    const { owner, heartbeat, createdAt } = segment;
    const silence = reading.time - heartbeat;
    const state = segment.state === "live" && silence > BLOCKED_AFTER
      ? "blocked"
      : segment.state;
    const isolate = String(owner);
    // One that has more than one segment is one.
    rows.set(`${isolate} ${state}`, {
      isolate,
      state,
      isThis: owner === self,
      silence: Math.max(silence, 0) / 1000,
      age: Math.max(reading.time - createdAt, 0) / 1000,
      lag: lags.get(isolate) ?? null,
      heap: heaps.get(isolate) ?? null,
    });
  }
  const known = new Set([...rows.values()].map(({ isolate }) => isolate));
  for (const isolate of new Set([...lags.keys(), ...heaps.keys()])) {
    if (known.has(isolate)) continue;
    rows.set(isolate, {
      ...{ isolate, state: "unknown", isThis: false, silence: null, age: null },
      lag: lags.get(isolate) ?? null,
      heap: heaps.get(isolate) ?? null,
    });
  }
  const counts: Record<string, number> = {};
  for (const { state } of rows.values()) {
    counts[state] = (counts[state] ?? 0) + 1;
  }
  const sorted = [...rows.values()].sort((a, b) =>
    ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
    (b.age ?? 0) - (a.age ?? 0)
  );
  return { counts, rows: sorted.slice(0, MOST) };
}

function byIsolate({ families }: Reading, name: string): Map<string, number> {
  return new Map(
    [...families.get(name)?.series.values() ?? []]
      .map(({ labels, value }) => [labels.isolate ?? "all", value]),
  );
}
