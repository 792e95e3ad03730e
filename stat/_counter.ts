import { CounterSlot, SlotSeries, type WindowClock } from "./_series.ts";
import type { Store } from "./_store.ts";
import type { Counter } from "./handles.ts";
import { refuseCounted } from "./_values.ts";

const S = CounterSlot;

/** A sum and a count in a slot, with what the last window brought. */
export class SlotCounter extends SlotSeries implements Counter {
  readonly #clock: WindowClock;

  constructor(store: Store, slot: number, clock: WindowClock) {
    super(store, slot);
    this.#clock = clock;
  }

  incr(value = 1): void {
    // A text would be appended to the sum.
    if (typeof value !== "number" || !(value >= 0 && value < Infinity)) {
      refuseCounted(value);
    }
    if (this.doubles[this.slot + S.window] !== this.#clock.window) {
      this.#turn(this.#clock.turn());
    }
    // Another one writes its own slot: no lock is needed.
    const doubles = this.doubles;
    const slot = this.slot;
    doubles[slot] = doubles[slot]! + value;
    doubles[slot + S.count] = doubles[slot + S.count]! + 1;
  }

  move(store: Store, slot: number): void {
    const from = this.doubles.subarray(this.slot, this.slot + S.size);
    this.bind(store, slot);
    const { doubles } = store;
    store.beginTurn();
    if (doubles[slot + S.window] === 0) {
      doubles.set(from, slot);
    } else {
      // Another isolate's that is gone: what was here counts from now on.
      if (from[S.window] !== 0) turn(doubles, slot, from[S.window]!);
      doubles[slot + S.sum]! += from[S.sum]!;
      doubles[slot + S.count]! += from[S.count]!;
    }
    store.endTurn();
  }

  /** Windows have another length from now on. */
  rescale(window: number): void {
    const { doubles } = this;
    if (doubles[this.slot + S.window] === 0) return;
    this.store.beginTurn();
    doubles[this.slot + S.window] = window;
    this.store.endTurn();
  }

  #turn(window: number): void {
    if (this.doubles[this.slot + S.window] === window) return;
    this.store.beginTurn();
    turn(this.doubles, this.slot, window);
    this.store.endTurn();
  }
}

function turn(
  doubles: Float64Array<SharedArrayBuffer>,
  slot: number,
  window: number,
): void {
  const last = doubles[slot + S.window]!;
  if (last === window) return;
  const sum = doubles[slot + S.sum]!;
  const count = doubles[slot + S.count]!;
  if (last !== 0) {
    doubles[slot + S.lastSum] = sum - doubles[slot + S.startSum]!;
    doubles[slot + S.lastCount] = count - doubles[slot + S.startCount]!;
    doubles[slot + S.lastWindow] = last;
  }
  doubles[slot + S.startSum] = sum;
  doubles[slot + S.startCount] = count;
  doubles[slot + S.window] = window;
}
