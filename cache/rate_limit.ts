/**
 * Token buckets of the router in shared memory: exact over all workers.
 *
 * @module
 */
import { checkOptions } from "@oresty/core";
import { SharedDict } from "@oresty/shm";

/** How many requests in what time. */
export interface SharedRatePolicy {
  /** Requests; so many may come at once. */
  readonly limit: number;
  /** The time in which so many tokens come back, in seconds. */
  readonly window: number;
}

/** What the store says of a request. */
export interface SharedRateState {
  /** Whether it may pass. */
  readonly isAllowed: boolean;
  /** Requests that may still come at once. */
  readonly remaining: number;
  /** Seconds until the next one may; 0 when this one may. */
  readonly retryAfter: number;
  /** Seconds until all of the limit is there again. */
  readonly reset: number;
}

/** How a {@linkcode SharedRateStore} keeps time. */
export interface SharedRateStoreOptions {
  /**
   * The time, in seconds, the same for all workers.
   *
   * @default {the clock of the machine}
   */
  now?: () => number;
}

/**
 * A store for `rateLimit({ store })` of `@oresty/router/rate-limit`. A bucket is
 * one number, the time at which it is full again (GCRA, ITU-T I.371), changed by
 * compare-and-set: workers together let through exactly the limit.
 *
 * @example
 * ```ts
 * import { SharedRateStore } from "@oresty/cache/rate_limit";
 * import { SharedDict } from "@oresty/shm";
 * import { assertEquals } from "@std/assert";
 *
 * const dict = await SharedDict.open("example_rates", { size: "1m" });
 * const store = new SharedRateStore(dict);
 * const policy = { limit: 2, window: 60 };
 * assertEquals(store.take("ada", policy).remaining, 1);
 * assertEquals(store.take("ada", policy).isAllowed, true);
 * assertEquals(store.take("ada", policy).isAllowed, false);
 * dict.close();
 * ```
 */
export class SharedRateStore {
  readonly #dict: SharedDict;
  readonly #now: () => number;

  /**
   * Keeps buckets in a dictionary; what was longest unused is forgotten when it
   * is full.
   *
   * @throws {TypeError} When it is none, or on an unknown option.
   */
  constructor(dict: SharedDict, options: SharedRateStoreOptions = {}) {
    if (!(dict instanceof SharedDict)) {
      throw new TypeError(
        `Cannot keep rates in "${String(dict)}": expected a SharedDict`,
      );
    }
    checkOptions("SharedRateStore", options, ["now"]);
    this.#dict = dict;
    this.#now = options.now ?? (() => Date.now() / 1000);
  }

  /**
   * Takes a token for a key, if there is one.
   *
   * @throws {RangeError} On a policy without requests or without time.
   */
  take(key: string, { limit, window }: SharedRatePolicy): SharedRateState {
    const dict = this.#dict;
    if (!(limit > 0 && limit < Infinity && window > 0 && window < Infinity)) {
      throw new RangeError(
        `Cannot take a token of "${limit}" in "${window}" seconds: expected ` +
          `numbers over 0`,
      );
    }
    const place = `rate:${key}`;
    const each = window / limit;
    while (true) {
      const now = this.#now();
      const kept = dict.get(place);
      const before = typeof kept === "number" ? kept : undefined;
      // A clock that went back must not lock anybody out for longer.
      const full = Math.min(Math.max(before ?? now, now), now + window);
      const after = full + each;
      // Less than a millionth is lost in the arithmetic of times.
      const isAllowed = after - now <= window + each * 1e-6;
      const reset = Math.max(0, (isAllowed ? after : full) - now);
      const state = {
        isAllowed,
        remaining: Math.floor((window - reset) / each + 1e-6),
        retryAfter: isAllowed ? 0 : after - now - window,
        reset,
      };
      if (!isAllowed) return state;
      const { ok, err } = before !== undefined
        ? dict.cas(place, before, after, reset)
        : kept === undefined
        ? dict.add(place, after, reset)
        // Not written by a store of rates: it would be there for ever.
        : dict.set(place, after, reset);
      // A full memory forgets: it lets through rather than nobody.
      if (ok || err === "no memory") return state;
    }
  }
}
