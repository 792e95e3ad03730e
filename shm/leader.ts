import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import { flushExpired } from "./_admin.ts";
import { checkName } from "./_arguments.ts";
import { compareAndSet } from "./_cas.ts";
import { LEAST_BYTES } from "./_layout.ts";
import { joinDictionary, type Joined, type Replaced } from "./_named_memory.ts";
import { Store } from "./_store.ts";
import { timeLeft } from "./_times.ts";

/** How a leader is elected. */
export interface LeaderOptions {
  /**
   * Seconds after which another isolate takes over from one that died or is
   * blocked, from 0.05 to 3600. It is renewed three times as often.
   *
   * @default {5}
   */
  ttl?: Duration;
}

/** Told when this isolate begins to lead, and when it does not any more. */
export type LeaderListener = (isLeader: boolean) => void;

const LEAST_TTL = 0.05;
const MOST_TTL = 3600;
/** No dictionary of others can be called so: control characters are refused. */
const DICTIONARY = "\u0001leaders";
/** How much later than at its end a lease is looked for, in milliseconds. */
const AFTER = 5;

/**
 * Stands for election among all isolates of the process: at most one leads
 * under a name. The leader has a lease in shared memory; one that dies, is
 * blocked or stopped loses it after `ttl`, and knows by `isLeader` that it did.
 * It keeps no process alive.
 *
 * @param name 1 to 255 characters, none of them control characters.
 * @returns Once it is known whether this isolate leads.
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 * @throws {RangeError} On a ttl out of range.
 *
 * @example
 * ```ts
 * import { leader } from "@oresty/shm";
 * import { assertEquals } from "@std/assert";
 *
 * using cleaner = await leader("cleaner", { ttl: 2 });
 * assertEquals(cleaner.isLeader, true);
 * cleaner.onChange((isLeader) => console.log(isLeader ? "my turn" : "not me"));
 * ```
 */
export async function leader(
  name: string,
  options: LeaderOptions = {},
): Promise<Leader> {
  checkName("leader", name);
  checkOptions("leader", options, ["ttl"]);
  const ttl = parseDuration(
    options.ttl ?? 5,
    `option "ttl" of leader "${name}"`,
  );
  if (ttl < LEAST_TTL || ttl > MOST_TTL) {
    throw new RangeError(
      `Cannot elect leader "${name}" for "${options.ttl}": ` +
        `expected ${LEAST_TTL} to ${MOST_TTL} seconds`,
    );
  }
  const moves: Replaced[] = [];
  const joined = await joinDictionary(
    DICTIONARY,
    { size: LEAST_BYTES, shards: 1 },
    (older) => moves.forEach((move) => move(older)),
  );
  return new Leader(name, ttl * 1000, joined, moves);
}

/** A candidate for the lead. */
class Leader implements Disposable {
  /** What it leads. */
  readonly name: string;
  readonly #ttl: number;
  readonly #token: string = crypto.randomUUID();
  readonly #leave: () => void;
  readonly #listeners: Set<LeaderListener> = new Set();
  #store: Store;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the lease ends, by both clocks: one may stand, the other may jump. */
  #until = 0;
  #wallUntil = 0;
  /** What the listeners were told. */
  #told = false;
  #isClosed = false;

  /** @internal `leader` makes it. */
  constructor(
    name: string,
    ttl: number,
    { buffer, leave }: Joined,
    moves: Replaced[],
  ) {
    this.name = name;
    this.#ttl = ttl;
    this.#store = Store.of(buffer);
    this.#leave = leave;
    moves.push((older) => {
      this.#store = Store.of(older);
      this.#turn();
    });
    this.#turn();
  }

  /**
   * Whether this isolate leads now. False at once when the lease is over, also
   * for one that was blocked and has not been told yet.
   */
  get isLeader(): boolean {
    return performance.now() < this.#until && Date.now() < this.#wallUntil;
  }

  /**
   * Calls a function whenever this isolate begins to lead or stops.
   *
   * @returns Ends it.
   * @throws {TypeError} When it is no function.
   */
  onChange(listener: LeaderListener): () => void {
    if (typeof listener !== "function") {
      throw new TypeError(
        `Cannot tell "${typeof listener}" of changes of leader ` +
          `"${this.name}": expected a function`,
      );
    }
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Gives the lead up, so that another takes over soon. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#until > 0) this.#write(1); // has long expired
    this.#until = 0;
    this.#leave();
    this.#tell();
  }

  /** As `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Renews the lease, or tries to get it. */
  #turn(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    const [now, wall] = [performance.now(), Date.now()];
    const isMine = this.#until > 0 && this.#write(wall + this.#ttl) ||
      this.#take(wall + this.#ttl);
    this.#until = isMine ? now + this.#ttl : 0;
    this.#wallUntil = wall + this.#ttl;
    this.#timer = setTimeout(() => this.#turn(), this.#wait(isMine));
    Deno.unrefTimer(this.#timer);
    this.#tell();
  }

  #wait(isMine: boolean): number {
    const usual = this.#ttl / 3;
    if (isMine) return usual;
    const left = timeLeft(this.#store, this.name);
    return left === undefined ? AFTER : Math.min(usual, left * 1000 + AFTER);
  }

  #take(expiresAt: number): boolean {
    const take = () =>
      this.#store.put(this.name, this.#token, {
        mode: "add",
        isSafe: true, // never at the cost of another's lease
        expiresAt,
        flags: 0,
      });
    const { ok, err } = take();
    if (err !== "no memory") return ok;
    // Leases that are over may stand behind more live ones than are passed.
    flushExpired(this.#store, 0);
    return take().ok;
  }

  /** @returns Whether the lease was still this one's. */
  #write(expiresAt: number): boolean {
    const { name } = this;
    return compareAndSet(this.#store, name, this.#token, this.#token, {
      mode: "set",
      isSafe: true,
      expiresAt,
      flags: 0,
    }).ok;
  }

  #tell(): void {
    const { isLeader } = this;
    if (isLeader === this.#told) return;
    this.#told = isLeader;
    for (const listener of [...this.#listeners]) {
      try {
        listener(isLeader);
      } catch (error) {
        // Uncaught, as any other; but the others are told, and the lease kept.
        reportError(error);
      }
    }
  }
}

export type { Leader };
