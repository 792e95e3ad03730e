import type { Collection, MongoDocument } from "./_collection.ts";

/** Milliseconds after which the difference is measured again. */
const VALID_MS = 60_000;

/** More than this between two host clocks since: one was set, or it slept. */
const JUMP_MS = 50;

/** The clocks of this host, for tests. */
export interface HostClock {
  /** Milliseconds as `Date.now`. */
  wall(): number;
  /** Milliseconds as `performance.now`. */
  steady(): number;
}

const HOST: HostClock = {
  wall: () => Date.now(),
  steady: () => performance.now(),
};

/**
 * The time of the server: this host's, and the difference that it had to the
 * server's when it was measured. Hosts whose clocks differ agree by it on what
 * is stale, to the time that an answer takes.
 */
export class ServerClock {
  readonly #host: HostClock;
  #offset = 0;
  #measured: { readonly wall: number; readonly steady: number } | undefined;
  #measuring: Promise<void> | undefined;

  constructor(host: HostClock = HOST) {
    this.#host = host;
  }

  /** Milliseconds. */
  now(): number {
    return Math.round(this.#host.wall() + this.#offset);
  }

  /** Measures where that is due; who comes meanwhile waits only if they must. */
  async ready(collection: Collection): Promise<void> {
    const wall = this.#host.wall();
    const steady = this.#host.steady();
    const last = this.#measured;
    const passed = last === undefined ? 0 : steady - last.steady;
    const isOff = last === undefined ||
      Math.abs(wall - last.wall - passed) > JUMP_MS;
    if (!isOff && passed < VALID_MS) return;
    this.#measuring ??= this.#measure(collection)
      .finally(() => this.#measuring = undefined);
    if (isOff) await this.#measuring;
    else this.#measuring.catch(() => {});
  }

  async #measure(collection: Collection): Promise<void> {
    const before = this.#host.wall();
    const localTime = await serverTime(collection);
    const after = this.#host.wall();
    this.#offset = localTime === undefined
      ? 0
      : localTime - (before + after) / 2;
    this.#measured = { wall: after, steady: this.#host.steady() };
  }
}

/** Undefined where a collection that was handed in has no way to its server. */
async function serverTime(collection: Collection): Promise<number | undefined> {
  const db = collection.db ?? collection.s?.db;
  if (db === undefined) return undefined;
  let answer: MongoDocument;
  try {
    answer = await db.command({ hello: 1 });
  } catch (error) {
    // Older servers, and those that only speak like one, know the other word.
    if (!/no such (command|cmd)/i.test(String(error))) throw error;
    answer = await db.command({ isMaster: 1 });
  }
  const time = answer["localTime"];
  return time instanceof Date ? time.getTime() : undefined;
}
