import { Shard } from "./_layout.ts";
import type { Memory } from "./_memory.ts";

/** Looks before a waiter sleeps. */
const SPINS = 200;
/** How long it sleeps at once, in milliseconds. */
const SLICE = 20;
/**
 * Slices in which nothing moved, after which the owner counts as dead. Slices
 * and not the clock: while the whole process is stopped none of them passes.
 */
const SLICES = 100;

/**
 * Takes the lock of a shard, and says that its entries may change. What runs
 * until `release` is short and synchronous, and calls no code of others. An
 * owner that died in it is robbed, and the shard wiped: what it left may be
 * torn, and a cache may forget.
 */
export function acquire(m: Memory, base: number): void {
  const { words } = m;
  const mine = m.isolate << 1;
  const isStolen =
    Atomics.compareExchange(words, base + Shard.lock, 0, mine) !== 0 &&
    contend(m, base, mine);
  // From one odd number to the next in one step: a reader never finds an even
  // one before the shard is wiped.
  const isTorn = (Atomics.load(words, base + Shard.seq) & 1) !== 0;
  Atomics.add(words, base + Shard.seq, isTorn ? 2 : 1);
  if (isTorn || isStolen || Atomics.load(words, base + Shard.dirty) !== 0) {
    wipe(m, base);
  }
}

/** @returns Whether the lock was taken from another that did not give it. */
function contend(m: Memory, base: number, mine: number): boolean {
  const { words } = m;
  const lock = base + Shard.lock;
  for (let i = 0; i < SPINS; i++) {
    if (Atomics.compareExchange(words, lock, 0, mine) === 0) return false;
    Atomics.pause();
  }
  let slices = 0;
  let owner = 0;
  let seq = 0;
  while (true) {
    const held = Atomics.load(words, lock);
    // Others may wait too: who takes it after a sleep wakes them.
    if (held === 0) {
      if (Atomics.compareExchange(words, lock, 0, mine | 1) === 0) return false;
      continue;
    }
    // This isolate does one thing at a time: it lost the lock out of its hands,
    // as when the stack was full in the middle.
    if (held >> 1 === m.isolate) return true;
    const waited = held | 1;
    if (
      held !== waited &&
      Atomics.compareExchange(words, lock, held, waited) !== held
    ) continue;
    if (sleep(words, lock, waited)) continue;
    const now = Atomics.load(words, base + Shard.seq);
    if (owner !== waited || seq !== now) slices = 0;
    owner = waited;
    seq = now;
    if (
      ++slices >= SLICES &&
      Atomics.compareExchange(words, lock, waited, mine | 1) === waited
    ) {
      Atomics.add(words, base + Shard.steals, 1);
      return true;
    }
  }
}

/**
 * The one place that sleeps: memory that processes share one day cannot be
 * waited on, and needs another way here.
 *
 * @returns Whether it was woken, and not only over.
 */
function sleep(
  words: Int32Array<SharedArrayBuffer>,
  place: number,
  value: number,
): boolean {
  return Atomics.wait(words, place, value, SLICE) !== "timed-out";
}

/** Gives the lock back. */
export function release({ words, isolate }: Memory, base: number): void {
  const lock = base + Shard.lock;
  const mine = isolate << 1;
  if (Atomics.load(words, lock) >> 1 !== isolate) {
    // It was taken away meanwhile: what both wrote is mixed.
    Atomics.store(words, base + Shard.dirty, 1);
    return;
  }
  Atomics.add(words, base + Shard.seq, 1);
  if (Atomics.compareExchange(words, lock, mine, 0) === mine) return;
  if (Atomics.compareExchange(words, lock, mine | 1, 0) === (mine | 1)) {
    Atomics.notify(words, lock, 1);
  } else Atomics.store(words, base + Shard.dirty, 1);
}

/** Forgets all entries of a shard; its lock is held. */
export function wipe(m: Memory, base: number): void {
  const { words, geometry } = m;
  // First: whoever makes it dirty from now on is not done with it.
  Atomics.store(words, base + Shard.dirty, 0);
  words.fill(0, base + Shard.size, base + Shard.size + geometry.buckets);
  words[base + Shard.free] = 0;
  words[base + Shard.freeCount] = 0;
  words[base + Shard.bump] = 1;
  words[base + Shard.head] = 0;
  words[base + Shard.tail] = 0;
  words[base + Shard.count] = 0;
  Atomics.add(words, base + Shard.wipes, 1);
  // A change that was cut off may not have been told yet.
  m.raiseAll();
}
