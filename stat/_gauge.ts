import { GaugeSlot, SlotSeries } from "./_series.ts";
import type { Store } from "./_store.ts";
import type { Gauge } from "./handles.ts";
import { refuseValue } from "./_values.ts";

const S = GaugeSlot;

/** A value in a slot. */
export class SlotGauge extends SlotSeries implements Gauge {
  readonly #isDated: boolean;

  /** @param isDated Whether it matters when it was set. */
  constructor(store: Store, slot: number, isDated: boolean) {
    super(store, slot);
    this.#isDated = isDated;
  }

  set(value: number): void {
    if (typeof value !== "number" || !(value - value === 0)) {
      refuseValue(value);
    }
    const { doubles } = this;
    doubles[this.slot] = value;
    doubles[this.slot + S.isSet] = 1;
    if (this.#isDated) doubles[this.slot + S.setAt] = Date.now();
  }

  incr(value = 1): void {
    if (typeof value !== "number") refuseValue(value);
    this.set(this.doubles[this.slot]! + value);
  }

  decr(value = 1): void {
    if (typeof value !== "number") refuseValue(value);
    this.set(this.doubles[this.slot]! - value);
  }

  move(store: Store, slot: number): void {
    const from = this.doubles.subarray(this.slot, this.slot + S.size);
    this.bind(store, slot);
    store.doubles.set(from, slot);
  }
}
