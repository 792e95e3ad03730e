import type {
  Claim,
  NewValue,
  StoredValue,
  ThirdTier,
  ThirdTierStore,
  TierListener,
} from "../../cache/third_tier.ts";

interface Entry {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly epoch: number;
  /** Milliseconds of the store's clock; Infinity is never. */
  readonly staleAt: number;
  readonly goneAt: number;
}

interface Lock {
  readonly token: string;
  readonly until: number;
  readonly fence: number;
}

/** What the hosts of one cache share. */
interface Room {
  readonly entries: Map<string, Entry>;
  readonly locks: Map<string, Lock>;
  readonly fences: Map<string, number>;
  readonly counters: Map<string, number>;
  readonly listeners: Set<TierListener>;
}

/** Every call that a host made, in order: `["claim", "key"]`. */
export type TierCall = readonly [operation: string, ...keys: string[]];

/**
 * A third tier in this isolate's memory: every `open` is another host of the
 * same store. It does what the servers do, and what they do on a bad day when
 * its knobs are turned.
 *
 * @param now Milliseconds, as `Date.now`.
 */
export function memoryStore(now: () => number = Date.now): MemoryStore {
  return new MemoryStore(now);
}

/** Made by {@linkcode memoryStore}. */
export class MemoryStore implements ThirdTierStore {
  /** What every call fails with, after its delay; undefined is no failure. */
  fail: Error | undefined;
  /** Whether a call that fails has done its work (its answer is lost). */
  failAfter = false;
  /** Seconds that every call takes; Infinity hangs until it is changed. */
  delay = 0;
  /** Whether nobody hears what is told, as with a cut subscription. */
  deaf = false;
  /** Whether the store has no subscription at all. */
  mute = false;
  /** What was called since it was emptied last. */
  readonly calls: TierCall[] = [];

  readonly #now: () => number;
  readonly #rooms = new Map<string, Room>();

  constructor(now: () => number) {
    this.#now = now;
  }

  open(name: string): ThirdTier {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      room = {
        entries: new Map(),
        locks: new Map(),
        fences: new Map(),
        counters: new Map(),
        listeners: new Set(),
      };
      this.#rooms.set(name, room);
    }
    return new MemoryTier(this, room, this.#now);
  }

  /** Tells all who listen that so many seconds of messages are lost. */
  gap(seconds: number): void {
    for (const room of this.#rooms.values()) {
      for (const listener of room.listeners) listener.gap(seconds);
    }
  }

  /** Forgets everything, as a server without a disk that starts again. */
  clear(): void {
    for (const room of this.#rooms.values()) {
      room.entries.clear();
      room.locks.clear();
      room.fences.clear();
      room.counters.clear();
    }
  }

  /** Runs a call as its knobs say. */
  async run<T>(call: TierCall, work: () => T): Promise<T> {
    this.calls.push(call);
    await this.#wait();
    if (this.fail !== undefined && !this.failAfter) throw this.fail;
    const answer = work();
    if (this.fail !== undefined) throw this.fail;
    return answer;
  }

  async #wait(): Promise<void> {
    // A turn at least, as with any server.
    await Promise.resolve();
    const began = performance.now();
    while ((performance.now() - began) / 1000 < this.delay) {
      const left = this.delay - (performance.now() - began) / 1000;
      // In slices, so that a delay that is shortened ends those who wait.
      await new Promise((resolve) =>
        setTimeout(resolve, Math.min(left, 0.01) * 1000)
      );
    }
  }
}

class MemoryTier implements ThirdTier {
  readonly kind = "memory";
  readonly #store: MemoryStore;
  readonly #room: Room;
  readonly #now: () => number;
  readonly #mine = new Set<TierListener>();
  #isClosed = false;

  constructor(store: MemoryStore, room: Room, now: () => number) {
    this.#store = store;
    this.#room = room;
    this.#now = now;
  }

  read(
    keys: readonly string[],
    epoch: number,
  ): Promise<(StoredValue | undefined)[]> {
    return this.#run(
      ["read", ...keys],
      () => keys.map((key) => this.#value(key, epoch)),
    );
  }

  claim(
    key: string,
    epoch: number,
    token: string,
    life: number,
    isForced: boolean,
  ): Promise<Claim> {
    return this.#run(["claim", key], () => {
      const value = this.#value(key, epoch);
      if (value !== undefined && value.fresh > 0 && !isForced) {
        return { state: "fresh", value };
      }
      const { locks, fences } = this.#room;
      // No time at all would be no lock.
      const until = this.#now() + Math.max(1, milliseconds(life));
      const lock = this.#lock(key);
      if (lock !== undefined && lock.token !== token) {
        return {
          state: "taken",
          value,
          wait: (lock.until - this.#now()) / 1000,
        };
      }
      const fence = lock?.fence ?? (fences.get(key) ?? 0) + 1;
      fences.set(key, fence);
      locks.set(key, { token, until, fence });
      return { state: "mine", value, fence };
    });
  }

  renew(key: string, token: string, life: number): Promise<boolean> {
    return this.#run(["renew", key], () => {
      const lock = this.#lock(key);
      if (lock?.token !== token) return false;
      const until = this.#now() + life * 1000;
      this.#room.locks.set(key, { ...lock, until });
      return true;
    });
  }

  commit(
    key: string,
    epoch: number,
    token: string,
    value: NewValue,
    message: string,
  ): Promise<boolean> {
    return this.#run(["commit", key], () => {
      if (this.#lock(key)?.token !== token) return false;
      this.#put(key, epoch, value);
      this.#tell(message);
      return true;
    });
  }

  release(key: string, token: string, message: string): Promise<void> {
    return this.#run(["release", key], () => {
      if (this.#lock(key)?.token !== token) return;
      this.#room.locks.delete(key);
      this.#tell(message);
    });
  }

  write(
    key: string,
    epoch: number,
    value: NewValue,
    message: string,
  ): Promise<void> {
    return this.#run(["write", key], () => {
      this.#put(key, epoch, value);
      this.#tell(message);
    });
  }

  remove(keys: readonly string[], message: string): Promise<void> {
    return this.#run(["remove", ...keys], () => {
      for (const key of keys) {
        this.#room.entries.delete(key);
        this.#room.locks.delete(key);
      }
      this.#tell(message);
    });
  }

  expire(
    key: string,
    fresh: number,
    grace: number,
    message: string,
  ): Promise<void> {
    return this.#run(["expire", key], () => {
      milliseconds(fresh);
      milliseconds(grace);
      const now = this.#now();
      const entry = this.#room.entries.get(key);
      if (entry !== undefined && entry.staleAt > now) {
        const staleAt = now + milliseconds(fresh);
        const goneAt = staleAt + milliseconds(grace);
        this.#room.entries.set(key, { ...entry, staleAt, goneAt });
      }
      this.#room.locks.delete(key);
      this.#tell(message);
    });
  }

  counters(names: readonly string[]): Promise<number[]> {
    return this.#run(
      ["counters", ...names],
      () => names.map((name) => this.#room.counters.get(name) ?? 0),
    );
  }

  raise(names: readonly string[], message: string): Promise<number[]> {
    return this.#run(["raise", ...names], () => {
      const raised = names.map((name) => {
        const count = (this.#room.counters.get(name) ?? 0) + 1;
        this.#room.counters.set(name, count);
        return count;
      });
      this.#tell(message);
      return raised;
    });
  }

  subscribe(
    listener: TierListener,
  ): Promise<(() => Promise<void>) | undefined> {
    return this.#run(["subscribe"], () => {
      if (this.#store.mute) return undefined;
      this.#mine.add(listener);
      this.#room.listeners.add(listener);
      return () => {
        this.#mine.delete(listener);
        this.#room.listeners.delete(listener);
        return Promise.resolve();
      };
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const listener of this.#mine) this.#room.listeners.delete(listener);
    this.#mine.clear();
    return Promise.resolve();
  }

  async #run<T>(call: TierCall, work: () => T): Promise<T> {
    if (this.#isClosed) {
      throw new Error(`Cannot ${call[0]} in memory: it is closed`);
    }
    return await this.#store.run(call, work);
  }

  #value(key: string, epoch: number): StoredValue | undefined {
    const entry = this.#room.entries.get(key);
    if (entry === undefined || entry.epoch !== epoch) return undefined;
    const now = this.#now();
    if (entry.goneAt <= now) return undefined;
    const fresh = (entry.staleAt - now) / 1000;
    return { data: entry.data.slice(), fresh };
  }

  #lock(key: string): Lock | undefined {
    const lock = this.#room.locks.get(key);
    return lock !== undefined && lock.until > this.#now() ? lock : undefined;
  }

  #put(key: string, epoch: number, value: NewValue): void {
    const staleAt = value.fresh === 0
      ? Infinity
      : this.#now() + milliseconds(value.fresh);
    const goneAt = staleAt + milliseconds(value.grace);
    const data = new Uint8Array(value.data);
    this.#room.entries.set(key, { data, epoch, staleAt, goneAt });
    this.#room.locks.delete(key);
  }

  /** As the servers do it: soon, in the order of the telling. */
  #tell(message: string): void {
    if (message === "" || this.#store.deaf) return;
    for (const listener of this.#room.listeners) {
      queueMicrotask(() => listener.message(message));
    }
  }
}

function milliseconds(seconds: number): number {
  if (!(seconds >= 0)) {
    throw new RangeError(
      `Cannot use a time: "${seconds}" was given, expected 0 or more seconds`,
    );
  }
  return seconds * 1000;
}
