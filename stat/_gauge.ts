import { GaugeSlot, type Series } from "./_series.ts";
import type { Store } from "./_store.ts";
import type { Gauge } from "./handles.ts";
import { refuseValue } from "./_values.ts";

const S = GaugeSlot;

/** A value in a slot. */
export class SlotGauge implements Gauge, Series {
  #store: Store;
  #slot: number;
  readonly #isDated: boolean;

  /** @param isDated Whether it matters when it was set. */
  constructor(store: Store, slot: number, isDated: boolean) {
    this.#store = store;
    this.#slot = slot;
    this.#isDated = isDated;
  }

  set(value: number): void {
    if (typeof value !== "number" || !(value - value === 0)) {
      refuseValue(value);
    }
    const { doubles } = this.#store;
    doubles[this.#slot] = value;
    doubles[this.#slot + S.isSet] = 1;
    if (this.#isDated) doubles[this.#slot + S.setAt] = Date.now();
  }

  incr(value = 1): void {
    if (typeof value !== "number") refuseValue(value);
    this.set(this.#store.doubles[this.#slot]! + value);
  }

  decr(value = 1): void {
    if (typeof value !== "number") refuseValue(value);
    this.set(this.#store.doubles[this.#slot]! - value);
  }

  get store(): Store {
    return this.#store;
  }

  get slot(): number {
    return this.#slot;
  }

  bind(store: Store, slot: number): void {
    this.#store = store;
    this.#slot = slot;
  }

  move(store: Store, slot: number): void {
    const from = this.#store.doubles.subarray(this.#slot, this.#slot + S.size);
    this.bind(store, slot);
    store.doubles.set(from, slot);
  }
}
