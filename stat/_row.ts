import { CounterSlot, GaugeSlot, HistogramSlot } from "./_series.ts";
import type { GaugeAggregate } from "./_definition.ts";
import type { Store } from "./_store.ts";

/** How often a slot is read again while its owner turns a window. */
const MOST_TRIES = 100;

/** A series of all isolates together, as the last reading found it. */
export abstract class Row {
  /** The labels as they stand in a line, without braces. */
  readonly labels: string;
  /** How many isolates have it. */
  parts = 0;
  /** What its lines begin with; who writes them keeps it here. */
  prefixes: string[] | undefined;

  constructor(labels: string) {
    this.labels = labels;
  }

  /** A new reading begins. */
  abstract reset(): void;
}

/** Of a counter or an untyped metric. */
export class CounterRow extends Row {
  sum = 0;
  count = 0;
  #delta = 0;
  #deltaCount = 0;
  /** The same of isolates in which it is younger than the last window. */
  #youngDelta = 0;
  #youngCount = 0;
  #isOld = false;

  override reset(): void {
    this.parts = this.sum = this.count = 0;
    this.#delta =
      this.#deltaCount =
      this.#youngDelta =
      this.#youngCount =
        0;
    this.#isOld = false;
  }

  /** What the last window brought; before it ended once, what came until now. */
  get delta(): number {
    return this.#isOld ? this.#delta : this.#youngDelta;
  }

  /** The number of increments of `delta`. */
  get deltaCount(): number {
    return this.#isOld ? this.#deltaCount : this.#youngCount;
  }

  /** Adds what an isolate has. */
  add(store: Store, slot: number, window: number): void {
    const { doubles } = store;
    this.parts++;
    this.sum += doubles[slot]!;
    this.count += doubles[slot + CounterSlot.count]!;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const before = store.turning;
      if ((before & 1) === 0 || tries === MOST_TRIES - 1) {
        const last = doubles[slot + CounterSlot.window]!;
        if (last === window) {
          const lastWindow = doubles[slot + CounterSlot.lastWindow]!;
          const lastSum = doubles[slot + CounterSlot.lastSum]!;
          const lastCount = doubles[slot + CounterSlot.lastCount]!;
          const sum = doubles[slot]! - doubles[slot + CounterSlot.startSum]!;
          const count = doubles[slot + CounterSlot.count]! -
            doubles[slot + CounterSlot.startCount]!;
          if (store.turning !== before && tries < MOST_TRIES - 1) continue;
          if (lastWindow === 0) this.#addYoung(sum, count);
          else if (lastWindow === window - 1) this.#addOld(lastSum, lastCount);
          else this.#addOld(0, 0);
          return;
        }
        const sum = doubles[slot]! - doubles[slot + CounterSlot.startSum]!;
        const count = doubles[slot + CounterSlot.count]! -
          doubles[slot + CounterSlot.startCount]!;
        if (store.turning !== before && tries < MOST_TRIES - 1) continue;
        if (last === 0) this.#addYoung(0, 0);
        else if (last === window - 1) this.#addOld(sum, count);
        else this.#addOld(0, 0);
        return;
      }
    }
  }

  #addYoung(sum: number, count: number): void {
    this.#youngDelta += sum;
    this.#youngCount += count;
  }

  #addOld(sum: number, count: number): void {
    this.#isOld = true;
    this.#delta += sum;
    this.#deltaCount += count;
  }
}

/** Of a gauge. */
export class GaugeRow extends Row {
  #aggregate: GaugeAggregate;
  #value = 0;
  #setAt = 0;

  constructor(labels: string, aggregate: GaugeAggregate) {
    super(labels);
    this.#aggregate = aggregate;
  }

  override reset(): void {
    this.parts = 0;
    this.#value = 0;
    this.#setAt = 0;
  }

  get value(): number {
    return this.#aggregate === "avg" && this.parts > 0
      ? this.#value / this.parts
      : this.#value;
  }

  /** Adds what an isolate has set, if it did. */
  add(store: Store, slot: number): void {
    const { doubles } = store;
    if (doubles[slot + GaugeSlot.isSet] === 0) return;
    const value = doubles[slot]!;
    const isFirst = this.parts++ === 0;
    switch (this.#aggregate) {
      case "max":
        if (isFirst || value > this.#value) this.#value = value;
        return;
      case "min":
        if (isFirst || value < this.#value) this.#value = value;
        return;
      case "last": {
        const at = doubles[slot + GaugeSlot.setAt]!;
        if (isFirst || at >= this.#setAt) {
          this.#value = value;
          this.#setAt = at;
        }
        return;
      }
      default:
        this.#value += value;
    }
  }
}

/** The bucket of a row in which each bucket of a slot counts. */
export type BucketTargets = Uint8Array;

/** Of a histogram. */
export class HistogramRow extends Row {
  sum = 0;
  /** Values in each bucket, the last one without an upper bound. */
  readonly buckets: Float64Array;

  constructor(labels: string, bounds: number) {
    super(labels);
    this.buckets = new Float64Array(bounds + 1);
  }

  override reset(): void {
    this.parts = this.sum = 0;
    this.buckets.fill(0);
  }

  /** Values in all buckets. */
  get count(): number {
    return this.buckets.reduce((sum, count) => sum + count, 0);
  }

  /** Adds what an isolate has. */
  add({ doubles }: Store, slot: number, targets: BucketTargets): void {
    const { buckets } = this;
    this.parts++;
    this.sum += doubles[slot]!;
    const start = slot + HistogramSlot.buckets;
    for (let i = 0; i < targets.length; i++) {
      buckets[targets[i]!]! += doubles[start + i]!;
    }
  }
}
