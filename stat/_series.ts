import type { Store } from "./_store.ts";

/** Numbers of a counter's slot; `window` is 0 before the first increment. */
export const CounterSlot = {
  sum: 0,
  count: 1,
  /** The window of the last increment, and what there was at its start. */
  window: 2,
  startSum: 3,
  startCount: 4,
  /** What the window before it brought, and which it was; 0 is none. */
  lastSum: 5,
  lastCount: 6,
  lastWindow: 7,
  size: 8,
} as const;

/** Numbers of a gauge's slot. */
export const GaugeSlot = {
  value: 0,
  /** Whether it was set. */
  isSet: 1,
  /** When, in milliseconds since 1970; only where the last one counts. */
  setAt: 2,
  size: 3,
} as const;

/** Numbers of a histogram's slot: its sum, then its buckets, not cumulative. */
export const HistogramSlot = { sum: 0, buckets: 1 } as const;

/** A series that this isolate writes; its place changes as segments come. */
export interface Series {
  /** Where it is now. */
  readonly store: Store;
  readonly slot: number;
  /** Goes on in another place, with all that it has. */
  move(store: Store, slot: number): void;
  /** Goes on from nothing in another place. */
  bind(store: Store, slot: number): void;
}

/** A series that knows its place. */
export abstract class SlotSeries implements Series {
  store: Store;
  slot: number;
  /** The numbers of its segment, at hand for each change. */
  protected doubles: Float64Array<SharedArrayBuffer>;

  constructor(store: Store, slot: number) {
    this.store = store;
    this.slot = slot;
    this.doubles = store.doubles;
  }

  bind(store: Store, slot: number): void {
    this.store = store;
    this.slot = slot;
    this.doubles = store.doubles;
  }

  abstract move(store: Store, slot: number): void;
}

/** The number of the window that is now. */
export interface WindowClock {
  /** -1 while nobody sets it. */
  window: number;
  /** Called at the first increment in a window. */
  turn(): number;
}
