import type { Context } from "./_context.ts";
import { delayOf } from "./_delay.ts";
import type { FirstTier } from "./_first_tier.ts";
import type { Loads } from "./_loads.ts";
import type { Found } from "./_marks.ts";
import type { SecondTier } from "./_second_tier.ts";
import type { Settings } from "./_settings.ts";
import type { Tally } from "./_tally.ts";
import type { Loaded } from "./_third_reads.ts";
import { LockTimeoutError, quoteKey } from "./errors.ts";
import type { Source } from "./events.ts";

/** What a look-up found. */
export interface Lookup<T = unknown> {
  /** The value; `null` when it is known absent, undefined when there is none. */
  readonly value: T | null | undefined;
  /**
   * 1 this isolate, 2 this process, 3 the third tier or the loader, 4 stale,
   * -1 nothing.
   */
  readonly hitLevel: 1 | 2 | 3 | 4 | -1;
  /** Whether its time had ended. */
  readonly stale: boolean;
  /** Where it came from. */
  readonly source: Source;
  /** Seconds that it is fresh yet; 0 is for ever, negative since it ended. */
  readonly ttl: number;
}

/** Loads a value. */
export type Load = (context: Context) => unknown;

/** What reads need of their cache. */
export interface ReadParts {
  readonly name: string;
  readonly first: FirstTier;
  readonly second: SecondTier;
  readonly loads: Loads;
  readonly tally: Tally;
  readonly now: () => number;
}

/** Finds values where this isolate has none, and decides what stale ones may do. */
export class Reads {
  readonly #parts: ReadParts;

  constructor(parts: ReadParts) {
    this.#parts = parts;
  }

  /** A fresh value of the second tier, taken into the first. */
  fromSecond(key: string): Lookup | undefined {
    const found = this.#parts.second.read(key);
    return found?.isFresh ? this.#take(key, found) : undefined;
  }

  #take(key: string, { record, mark }: Found): Lookup {
    const { first } = this.#parts;
    const kept = first.prepare(record.value, true);
    first.keep(key, kept, record, mark);
    return this.#give(key, kept, "l2", record.freshUntil);
  }

  #give(
    key: string,
    kept: unknown,
    source: Source,
    freshUntil: number,
    stale = false,
  ): Lookup {
    const { first, tally, now } = this.#parts;
    tally.found(key, source, stale);
    const ttl = freshUntil === 0 ? 0 : (freshUntil - now()) / 1000;
    const hitLevel = stale ? 4 : source === "l2" ? 2 : 3;
    const value = first.handOut(kept);
    return { value, hitLevel, stale, source, ttl };
  }

  /** Finds or loads a value that is not in the first tier. */
  async find(
    key: string,
    settings: Settings,
    load: Load | undefined,
  ): Promise<Lookup> {
    const { second, loads } = this.#parts;
    const found = second.read(key);
    const { forceFresh } = settings;
    // Without a loader there is nothing to load.
    if (found?.isFresh && !(forceFresh && load !== undefined)) {
      this.refreshEarly(key, found.record, settings, load);
      return this.#take(key, found);
    }
    if (load === undefined) {
      const loaded = await loads.third.read(key, settings);
      if (loaded !== undefined) return this.#loaded(key, loaded);
      this.#parts.tally.found(key, "none", false);
      return MISS;
    }
    const isUsable = found !== undefined && this.#isUsable(found, settings);
    if (isUsable && !forceFresh) {
      if (second.isBackedOff(key)) return this.#stale(key, found);
      if (settings.timeout === 0) {
        this.#begin(key, settings, load, found, true);
        return this.#stale(key, found);
      }
    }
    loads.checkReentry(key);
    try {
      const loaded = await this.#load(key, settings, load, found, isUsable);
      return loaded === undefined
        ? this.#stale(key, found!)
        : this.#loaded(key, loaded);
    } catch (error) {
      const last = this.#lastOf(key, found);
      if (
        last === undefined || !this.#isUsable(last, settings) ||
        settings.resurrectIf?.(error) === false
      ) throw error;
      this.#backOff(key, settings, error);
      return last.isFresh ? this.#take(key, last) : this.#stale(key, last);
    }
  }

  /** What there is after a load: set or deleted meanwhile, or found above. */
  #lastOf(key: string, found: Found | undefined): Found | undefined {
    const { second } = this.#parts;
    const last = second.read(key);
    if (last !== undefined || found === undefined) return last;
    // A memory that is full may have forgotten it; nobody deleted it then.
    return second.isCurrent(found.mark) ? found : undefined;
  }

  /** Begins a load, unless one runs here; its failure lets others wait a while. */
  #begin(
    key: string,
    settings: Settings,
    load: Load,
    found: Found | undefined,
    isBackground: boolean,
  ): Promise<Loaded | undefined> {
    const { loads } = this.#parts;
    const running = loads.running(key);
    if (running !== undefined) return running;
    const staleValue = found?.record.value;
    const job = { key, settings, load, staleValue };
    const started = loads.start(job, isBackground);
    if (isBackground) {
      started.catch((error) => this.#backOff(key, settings, error));
    }
    return started;
  }

  /** After a load that failed others wait a while before they try. */
  #backOff(key: string, { backoff }: Settings, error: unknown): void {
    const { loads, second } = this.#parts;
    // One that waited for another's load, or was called off, did not fail.
    if (error instanceof LockTimeoutError || loads.isClosing) return;
    second.backOff(key, backoff);
  }

  /** @returns Undefined when the stale value is served in its place. */
  async #load(
    key: string,
    settings: Settings,
    load: Load,
    found: Found | undefined,
    isUsable: boolean,
  ): Promise<Loaded | undefined> {
    const { loads } = this.#parts;
    const soft = isUsable ? settings.timeout : Infinity;
    while (true) {
      const isWaiting = loads.running(key) !== undefined;
      const load_ = this.#begin(key, settings, load, found, false);
      const hard = isWaiting ? settings.lockTimeout : Infinity;
      const result = await within(load_, Math.min(soft, hard));
      if (result === LATE) {
        if (soft <= hard) {
          // It goes on; when it fails nobody is there to say so.
          load_.catch((error) => this.#backOff(key, settings, error));
          return undefined;
        }
        this.#parts.tally.emit({ type: "lock_timeout", key });
        throw new LockTimeoutError(
          `Cannot get key ${quoteKey(key)} of cache "${this.#parts.name}": ` +
            `another load of it took longer than ${settings.lockTimeout} s`,
        );
      }
      // A load in the background gave way to one of another isolate.
      if (result === undefined) continue;
      // One that began with no such wish may have found what was to be renewed.
      if (settings.forceFresh && isWaiting && result.source !== "loader") {
        continue;
      }
      return result;
    }
  }

  /** Loads a value before its time ends, at times. */
  refreshEarly(
    key: string,
    record: { readonly freshUntil: number; readonly loadMs: number },
    settings: Settings,
    load: Load | undefined,
  ): void {
    const { earlyRefresh } = settings;
    const { freshUntil, loadMs } = record;
    if (earlyRefresh === 0 || load === undefined || freshUntil === 0) return;
    const left = freshUntil - this.#parts.now();
    const gap = loadMs * earlyRefresh * -Math.log(Math.random());
    const { loads, second } = this.#parts;
    if (gap < left || loads.running(key) !== undefined) return;
    if (second.isBackedOff(key)) return;
    // Forced, as there is a fresh value still.
    const forced = { ...settings, forceFresh: true, skipBusNotify: true };
    this.#begin(key, forced, load, undefined, true);
  }

  #isUsable({ record }: Found, { window }: Settings): boolean {
    const { freshUntil } = record;
    // One that would be fresh for ever is stale since an unknown time.
    if (freshUntil === 0) return window > 0;
    return this.#parts.now() - freshUntil <= window * 1000 && window > 0;
  }

  #stale(key: string, { record }: Found): Lookup {
    const { first } = this.#parts;
    const kept = first.prepare(record.value, true);
    return this.#give(key, kept, "l2", record.freshUntil, true);
  }

  #loaded(key: string, { kept, source, freshUntil }: Loaded): Lookup {
    return this.#give(key, kept, source, freshUntil);
  }
}

/** What there is when there is nothing. */
export const MISS: Lookup = {
  value: undefined,
  hitLevel: -1,
  stale: false,
  source: "none",
  ttl: 0,
};

const LATE: unique symbol = Symbol("late");

async function within<T>(
  promise: Promise<T>,
  seconds: number,
): Promise<T | typeof LATE> {
  if (seconds === Infinity) return await promise;
  const { promise: late, resolve } = Promise.withResolvers<typeof LATE>();
  const timer = setTimeout(() => resolve(LATE), delayOf(seconds));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
