import type { Family, Reading, Series } from "./_reading.ts";

/** What a series has gained between two readings. */
export interface Gain {
  readonly labels: Readonly<Record<string, string>>;
  /** What its sum has gained. */
  readonly value: number;
  /** What its buckets have gained; empty when it is no histogram. */
  readonly buckets: readonly number[];
  /** Values of a histogram that came. */
  readonly count: number;
  /** Its sum, and the values of a histogram, since ever. */
  readonly total: number;
  readonly totalCount: number;
}

/** The time between two readings. */
export class Span {
  readonly #from: Reading;
  readonly #to: Reading;
  /** Seconds. */
  readonly seconds: number;

  constructor(from: Reading, to: Reading) {
    this.#from = from;
    this.#to = to;
    // A clock that was set back must not make rates negative.
    this.seconds = Math.max((to.time - from.time) / 1000, 0);
  }

  /** Whether there is a time in which something can have been gained. */
  get isEmpty(): boolean {
    return this.seconds === 0;
  }

  /** Upper bounds of a histogram. */
  bounds(name: string): readonly number[] {
    return this.#to.families.get(name)?.bounds ?? [];
  }

  /** What each series of a name has gained; undefined without one. */
  gains(name: string): Gain[] | undefined {
    const family = this.#to.families.get(name);
    if (family === undefined) return undefined;
    const before = this.#from.families.get(name);
    const gains: Gain[] = [];
    for (const [key, series] of family.series) {
      gains.push(gainOf(series, family, before, key));
    }
    return gains;
  }

  /** What has been gained a second. */
  rate(gained: number): number {
    return this.isEmpty ? 0 : gained / this.seconds;
  }
}

function gainOf(
  { labels, value, buckets }: Series,
  { bounds }: Family,
  before: Family | undefined,
  key: string,
): Gain {
  // One that was not there has begun with nothing; one of other buckets, or of
  // more than it has now, began anew.
  const old = before?.bounds.length === bounds.length
    ? before.series.get(key)
    : undefined;
  const isAnew = old === undefined || old.value > value ||
    old.buckets.some((count, i) => count > buckets[i]!);
  const gained = isAnew
    ? buckets
    : buckets.map((count, i) => count - old.buckets[i]!);
  return {
    labels,
    value: isAnew ? value : value - old.value,
    buckets: gained,
    count: sum(gained),
    total: value,
    totalCount: sum(buckets),
  };
}

/** The sum of numbers. */
export function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/** The sum of what several histograms have gained, bucket by bucket. */
export function sumBuckets(gains: readonly Gain[]): number[] {
  const total: number[] = [];
  for (const { buckets } of gains) {
    for (let i = 0; i < buckets.length; i++) {
      total[i] = (total[i] ?? 0) + buckets[i]!;
    }
  }
  return total;
}

/** Gains by the value of labels; one without a label has undefined there. */
export function groupBy(
  gains: readonly Gain[],
  ...labels: string[]
): Map<string, Gain[]> {
  const groups = new Map<string, Gain[]>();
  for (const gain of gains) {
    const key = JSON.stringify(labels.map((label) => gain.labels[label]));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [gain]);
    else group.push(gain);
  }
  return groups;
}
