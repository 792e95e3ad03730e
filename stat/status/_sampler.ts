import type { Registry } from "../_registry.ts";
import { History, type Point } from "./_history.ts";
import { quantile } from "./_quantile.ts";
import { type Reading, takeReading } from "./_reading.ts";
import { Names } from "./_series_names.ts";
import { type Gain, Span, sum, sumBuckets } from "./_span.ts";

const EVERY = 1000;
/** Of how long ago rates and quantiles are, in milliseconds. */
const LOOK_BACK = 60_000;
/** How often a reading is kept to look back at, in milliseconds. */
const KEEP_EVERY = 5000;
/** Readings that are kept: a minute of them, and the one before it. */
const MOST_KEPT = LOOK_BACK / KEEP_EVERY + 1;

/** Reads the series once a second, and keeps what the page looks back at. */
export class Sampler implements Disposable {
  readonly #registry: Registry;
  readonly history: History = new History();
  readonly #kept: Reading[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  #last: Reading;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#last = takeReading(registry);
    this.#kept.push(this.#last);
    this.#timer = setInterval(() => this.sample(), EVERY);
    Deno.unrefTimer(this.#timer);
  }

  /** Reads now; a timer does. */
  sample(): void {
    const reading = takeReading(this.#registry);
    const second = new Span(this.#last, reading);
    // The clock was set back: what was kept is of another time.
    if (second.isEmpty) {
      this.#kept.length = 0;
      this.history.clear();
    } else {
      this.history.add(
        reading.time,
        pointOf(second, new Span(this.#base(reading), reading), reading),
      );
    }
    this.#last = reading;
    const newest = this.#kept.at(-1);
    if (
      newest !== undefined &&
      reading.time - newest.time < KEEP_EVERY - EVERY / 2
    ) return;
    this.#kept.push(reading);
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
  }

  /** What has happened in the last minute, or since there are readings. */
  look(): { reading: Reading; minute: Span } {
    const reading = takeReading(this.#registry);
    return { reading, minute: new Span(this.#base(reading), reading) };
  }

  /** The newest reading that is a minute old, or else the oldest one. */
  #base({ time }: Reading): Reading {
    return this.#kept.findLast((kept) => time - kept.time >= LOOK_BACK) ??
      this.#kept[0] ?? this.#last;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function pointOf(second: Span, minute: Span, reading: Reading): Point {
  const requests = second.gains(Names.requests);
  const classes = requests === undefined ? undefined : byClass(requests);
  const ofClass = (status: string) =>
    classes === undefined ? null : second.rate(classes[status] ?? 0);
  const buckets = sumBuckets(minute.gains(Names.requests) ?? []);
  const bounds = minute.bounds(Names.requests);
  const below = (share: number) => quantile(share, bounds, buckets) ?? null;
  const hits = second.gains(Names.hits) ?? [];
  const found = sum(hits.map(({ value }) => value));
  const first = sum(
    hits.filter(({ labels }) => labels.tier === "l1").map((g) => g.value),
  );
  const lookUps = found +
    sum((second.gains(Names.misses) ?? []).map(({ value }) => value));
  const lags = gauges(reading, Names.lag);
  const heaps = gauges(reading, Names.heap);
  return {
    s2xx: ofClass("2xx"),
    s3xx: ofClass("3xx"),
    s4xx: ofClass("4xx"),
    s5xx: ofClass("5xx"),
    other: classes === undefined
      ? null
      : second.rate((classes["1xx"] ?? 0) + (classes.other ?? 0)),
    p50: below(0.5),
    p95: below(0.95),
    p99: below(0.99),
    hits: lookUps > 0 ? found / lookUps : null,
    l1: lookUps > 0 ? first / lookUps : null,
    lag: lags.length > 0 ? Math.max(...lags) : null,
    heap: heaps.length > 0 ? sum(heaps) : null,
  };
}

/** Requests by their class of status; what has none is under "other". */
export function byClass(gains: readonly Gain[]): Record<string, number> {
  const classes: Record<string, number> = {};
  for (const { labels: { status = "" }, count } of gains) {
    const name = /^[1-5]\d\d$/.test(status) ? `${status[0]}xx` : "other";
    classes[name] = (classes[name] ?? 0) + count;
  }
  return classes;
}

/** Values of the gauges of a name. */
export function gauges({ families }: Reading, name: string): number[] {
  return [...families.get(name)?.series.values() ?? []]
    .map(({ value }) => value);
}
