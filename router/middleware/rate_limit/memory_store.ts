import { checkOptions } from "@oresty/core";
import { BoundedMap, checkMost } from "../_bounded_map.ts";
import type { RatePolicy, RateState, RateStore } from "./rate_limit.ts";

/** How much a {@linkcode MemoryRateStore} keeps. */
export interface MemoryRateStoreOptions {
  /**
   * Keys at most; beyond it that which was longest unused is dropped.
   *
   * @default {100_000}
   */
  most?: number;
  /**
   * The time, in seconds.
   *
   * @default {a clock that never goes back}
   */
  now?: () => number;
}

interface Bucket {
  /** Tokens there were. */
  readonly tokens: number;
  /** When there were so many, in seconds. */
  readonly at: number;
  /** When it is full again: an entry is worth nothing then. */
  readonly full: number;
}

/**
 * Token buckets in this isolate: other workers have their own. It has no timer;
 * full buckets go as others come.
 *
 * @example
 * ```ts
 * import { MemoryRateStore } from "@oresty/router/rate-limit";
 * import { assertEquals } from "@std/assert";
 *
 * let now = 0;
 * const store = new MemoryRateStore({ now: () => now });
 * const policy = { limit: 2, window: 10 };
 * assertEquals(store.take("a", policy).remaining, 1);
 * assertEquals(store.take("a", policy).remaining, 0);
 * assertEquals(store.take("a", policy), {
 *   isAllowed: false,
 *   remaining: 0,
 *   retryAfter: 5,
 *   reset: 10,
 * });
 * now = 5;
 * assertEquals(store.take("a", policy).isAllowed, true);
 * ```
 */
export class MemoryRateStore implements RateStore {
  readonly #buckets: BoundedMap<Bucket>;
  readonly #now: () => number;

  /**
   * Makes an empty one.
   *
   * @throws {TypeError} On an unknown option or one of a wrong kind.
   */
  constructor(options: MemoryRateStoreOptions = {}) {
    checkOptions("MemoryRateStore", options, ["most", "now"]);
    const { most = 100_000, now = () => performance.now() / 1000 } = options;
    checkMost("MemoryRateStore", "most", most);
    this.#buckets = new BoundedMap(most);
    this.#now = now;
  }

  /** Takes a token for a key, if there is one. */
  take(key: string, policy: RatePolicy): RateState {
    const { limit, window } = policy;
    const rate = limit / window;
    const now = this.#now();
    const bucket = this.#buckets.get(key);
    const had = bucket === undefined
      ? limit
      : Math.min(limit, bucket.tokens + Math.max(0, now - bucket.at) * rate);
    // Less than a millionth is lost in the arithmetic of times.
    const isAllowed = had >= 1 - 1e-6;
    const tokens = isAllowed ? Math.max(0, had - 1) : had;
    const reset = (limit - tokens) / rate;
    this.#buckets.sweep(({ full }) => full <= now);
    this.#buckets.set(key, { tokens, at: now, full: now + reset });
    return {
      isAllowed,
      remaining: Math.floor(tokens + 1e-6),
      retryAfter: isAllowed ? 0 : (1 - tokens) / rate,
      reset,
    };
  }

  /** Keys that are kept. */
  get size(): number {
    return this.#buckets.size;
  }
}
