import { HistogramSlot, SlotSeries } from "./_series.ts";
import type { Store } from "./_store.ts";
import type { Histogram, Stopwatch, Timer } from "./handles.ts";
import { refuseValue } from "./_values.ts";

/** A sum and the number of values in each bucket, in a slot. */
export class SlotHistogram extends SlotSeries implements Histogram {
  readonly #bounds: Float64Array;

  constructor(store: Store, slot: number, buckets: readonly number[]) {
    super(store, slot);
    this.#bounds = Float64Array.from(buckets);
  }

  observe(value: number): void {
    if (typeof value !== "number" || !(value - value === 0)) {
      refuseValue(value);
    }
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    const doubles = this.doubles;
    const at = this.slot + HistogramSlot.buckets + bucket;
    doubles[this.slot] = doubles[this.slot]! + value;
    doubles[at] = doubles[at]! + 1;
  }

  move(store: Store, slot: number): void {
    const from = this.doubles;
    const start = this.slot;
    this.bind(store, slot);
    const size = this.#bounds.length + 2;
    for (let i = 0; i < size; i++) store.doubles[slot + i]! += from[start + i]!;
  }
}

/** A histogram that measures times itself. */
export class HistogramTimer implements Timer {
  readonly #histogram: Histogram;

  constructor(histogram: Histogram) {
    this.#histogram = histogram;
  }

  observe(value: number): void {
    this.#histogram.observe(value);
  }

  start(): Stopwatch {
    const histogram = this.#histogram;
    const began = performance.now();
    let seconds = -1;
    const stop = () => {
      if (seconds < 0) {
        seconds = (performance.now() - began) / 1000;
        histogram.observe(seconds);
      }
      return seconds;
    };
    return { stop, [Symbol.dispose]: stop };
  }
}
