import type { Duration } from "@oresty/core";
import type { SharedDict } from "@oresty/shm";
import type { CacheEvent } from "./events.ts";
import type { MetricsSink } from "./metrics_sink.ts";
import type { ThirdTierStore } from "./third_tier.ts";

/** Turns values that JSON cannot hold into text or bytes, and back. */
export interface CacheSerializer {
  /** Gives text or bytes for a value. */
  encode(value: unknown): string | Uint8Array;
  /** The value again; of text as text, of bytes as bytes. */
  decode(data: string | Uint8Array<ArrayBuffer>): unknown;
}

/** What the first tier is made of: the part of `lru-cache` that is used. */
export interface FirstTierStore {
  /** The record of a key. */
  get(key: string): unknown;
  /** Keeps the record of a key. */
  set(key: string, record: unknown): unknown;
  /** Forgets the record of a key. */
  delete(key: string): unknown;
  /** Forgets all. */
  clear(): void;
}

/** When the third tier is left alone for a while, because it fails. */
export interface BreakerOptions {
  /**
   * Failures one after another.
   *
   * @default {5}
   */
  failures?: number;
  /**
   * How long it is left alone, in seconds; one call is tried then.
   *
   * @default {2}
   */
  cooldown?: Duration;
}

/** What may be said for one value; lengths of time in seconds, or "5m". */
export interface ValueOptions {
  /**
   * How long a value is fresh; 0 is for ever.
   *
   * @default {30}
   */
  ttl?: Duration;
  /**
   * How long "known absent" is fresh; 0 is for ever.
   *
   * @default {5}
   */
  negTtl?: Duration;
  /**
   * How long a value is fresh in the third tier; 0 is for ever. The tiers before
   * it never keep a value for longer than it.
   *
   * @default {the ttl}
   */
  ttlL3?: Duration;
  /**
   * What part of its ttl a value may live longer in the third tier, by chance,
   * so that not all end at once; 0 to 1.
   *
   * @default {0.1}
   */
  jitter?: number;
  /**
   * How long a stale value is served again when a load fails, before another
   * load is tried. As `graceBackoff`, but with no end: a value that is there is
   * served, however old.
   */
  resurrectTtl?: Duration;
  /** How long after its end a value may still be served, stale. */
  grace?: Duration;
  /**
   * How long no other load is tried when one failed and a stale value was
   * served.
   *
   * @default {"1s"}
   */
  graceBackoff?: Duration;
  /** Names that `deleteByTag` forgets values by. */
  tags?: readonly string[];
  /**
   * Whether the third tier is passed over.
   *
   * @default {false}
   */
  skipL3Write?: boolean;
  /**
   * Whether other hosts are not told.
   *
   * @default {false}
   */
  skipBusNotify?: boolean;
}

/** How values are loaded. */
export interface LoadOptions extends ValueOptions {
  /**
   * Whether a failed load may be answered with a stale value. An error for
   * which it gives false is thrown.
   *
   * @default {all may}
   */
  resurrectIf?: (error: unknown) => boolean;
  /**
   * How long a load may take before a stale value is served in its place, the
   * load going on; 0 serves it at once (stale-while-revalidate). It needs
   * `grace` or `resurrectTtl`.
   */
  timeout?: Duration;
  /**
   * How long a load may take before it counts as failed, its `ctx.signal` fires,
   * and others may try.
   *
   * @default {"30s"}
   */
  hardTimeout?: Duration;
  /**
   * How long one waits for a load of another: a caller of this isolate, another
   * isolate, another host. Then a stale value is served, or
   * {@linkcode LockTimeoutError} thrown.
   *
   * @default {5}
   */
  lockTimeout?: Duration;
  /**
   * Loads again before a value ends, the sooner the longer its load takes
   * (XFetch, Vattani et al. 2015): 1 is balanced, more is earlier, 0 is never.
   *
   * @default {0}
   */
  earlyRefresh?: number;
  /**
   * Whether failures of the third tier are left out, and told as events.
   *
   * @default {true}
   */
  suppressL3Errors?: boolean;
}

/** What may be said with one `get`. */
export interface GetOptions extends LoadOptions {
  /**
   * Whether it is loaded even when there is a fresh value.
   *
   * @default {false}
   */
  forceFresh?: boolean;
}

/** What may be said with one `set`. */
export interface SetOptions extends ValueOptions {
  /** As in {@linkcode LoadOptions}. */
  suppressL3Errors?: boolean;
}

/** How a cache is opened. */
export interface CacheOptions extends LoadOptions {
  /**
   * Values of the first tier at most.
   *
   * @default {100}
   */
  lruSize?: number;
  /** The first tier itself, to be shared by caches. */
  lru?: FirstTierStore;
  /**
   * What the first tier hands out: the same object to all, the same deeply
   * frozen, or a copy each time.
   *
   * @default {"shared"}
   */
  l1Mode?: "shared" | "frozen" | "clone";
  /** Makes of a value what the first tier keeps: once, not at each hit. */
  l1Serializer?: (value: unknown) => unknown;
  /** Writes and reads what JSON cannot hold, in the second and third tier. */
  serializer?: CacheSerializer;
  /** Another dictionary for "known absent", so that it pushes no value out. */
  shmMiss?: string | SharedDict;
  /** Accepted, as a dictionary needs no second try. */
  shmSetTries?: number;
  /** Accepted, as caches need no channel to agree. */
  ipc?: unknown;
  /** The third tier: `redis(…)`, `mongo(…)`. */
  l3?: ThirdTierStore;
  /** When the third tier is left alone; false is never. */
  breaker?: BreakerOptions | false;
  /** Hears of everything; must not throw. */
  on?: (event: CacheEvent) => void;
  /** Where hits, misses and times are counted. */
  metrics?: MetricsSink;
  /**
   * The time in milliseconds, the same in all isolates of the process.
   *
   * @default {Date.now}
   */
  now?: () => number;
}
