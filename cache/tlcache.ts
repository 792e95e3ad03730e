// deno-lint-ignore-file camelcase -- options have the predecessor's names
/**
 * The cache in the shape of its predecessor: `tlcache.new(name, dict, options)`
 * gives it at once, and joins the others with its first use.
 *
 * ```ts
 * import * as tlcache from "@oresty/cache/tlcache";
 * import { assertEquals } from "@std/assert";
 *
 * const cache1 = tlcache.new("cache1", "tlcache_example", {
 *   ttl: 10,
 *   neg_ttl: 10,
 * });
 * const value = await cache1.get("key1", { ttl: 10, neg_ttl: 10 }, () => 123);
 * assertEquals(value, 123);
 * await cache1.close();
 * ```
 *
 * @module
 */
import { checkOptions } from "@oresty/core";
import { checkCacheOptions, checkPlace } from "./_options.ts";
import { CacheError } from "./errors.ts";
import type { Loader } from "./loader.ts";
import { open } from "./open.ts";
import type { CacheOptions, GetOptions } from "./options.ts";
import type { MongoOptions } from "./mongo.ts";
import type { RedisOptions } from "./redis.ts";
import type { ThirdTierStore } from "./third_tier.ts";
import type { TLCache } from "./tl_cache.ts";

/** Options of `get`; `neg_ttl` is the predecessor's spelling of `negTtl`. */
export interface TLGetOptions extends GetOptions {
  /** As `negTtl`. */
  neg_ttl?: number | string;
}

/** Options of a cache, with the predecessor's spellings. */
export interface TLOptions extends CacheOptions {
  /** As `negTtl`. */
  neg_ttl?: number | string;
  /** Redis as third tier; `{}` is 127.0.0.1 and the usual port. */
  redis_config?: RedisOptions;
  /** MongoDB as third tier; it wins over Redis. */
  mongo_config?: MongoOptions;
}

/** A cache that opens with its first use. */
export class LazyCache implements AsyncDisposable {
  readonly #open: () => Promise<TLCache>;
  #opening: Promise<TLCache> | undefined;
  #isClosed = false;
  #cache: TLCache | undefined;

  /** Caches are made by `tlcache.new`. */
  constructor(opener: () => Promise<TLCache>) {
    this.#open = opener;
  }

  /**
   * The cache itself, with everything that it can do.
   *
   * @throws {CacheError} When it was closed before its first use.
   */
  ready(): Promise<TLCache> {
    if (this.#isClosed && this.#opening === undefined) {
      return Promise.reject(new CacheError("Cannot use a cache: it is closed"));
    }
    this.#opening ??= this.#open().then((cache) => this.#cache = cache, (e) => {
      this.#opening = undefined;
      throw e;
    });
    return this.#opening;
  }

  /** As {@linkcode TLCache.get}. */
  get<T = unknown>(
    key: string,
    options?: TLGetOptions,
  ): Promise<T | null | undefined>;
  /** As {@linkcode TLCache.get}. */
  get<T, A extends unknown[]>(
    key: string,
    options: TLGetOptions | undefined,
    loader: Loader<T, A>,
    ...args: A
  ): Promise<Exclude<T, undefined> | null>;
  /** As {@linkcode TLCache.get}. */
  get<T, A extends unknown[]>(
    key: string,
    options: TLGetOptions | undefined,
    loader: (...args: A) => T | Promise<T>,
    ...args: A
  ): Promise<Exclude<T, undefined> | null>;
  /** As {@linkcode TLCache.get}. */
  get<T>(
    key: string,
    loader: Loader<T>,
  ): Promise<Exclude<T, undefined> | null>;
  async get(
    key: string,
    options?: TLGetOptions | Loader<unknown>,
    loader?: Loader<unknown, unknown[]>,
    ...args: unknown[]
  ): Promise<unknown> {
    const cache = this.#cache ?? await this.ready();
    if (typeof options === "function") return await cache.get(key, options);
    const own = spelt("get", options) as GetOptions | undefined;
    return loader === undefined
      ? await cache.get(key, own)
      : await cache.get(key, own, loader, ...args);
  }

  /** As {@linkcode TLCache.set}. */
  async set(
    key: string,
    options: TLGetOptions | undefined,
    value: unknown,
  ): Promise<void> {
    const cache = await this.ready();
    await cache.set(key, spelt("set", options) as GetOptions, value);
  }

  /** As {@linkcode TLCache.delete}. */
  async delete(key: string): Promise<void> {
    await (await this.ready()).delete(key);
  }

  /** As {@linkcode TLCache.purge}. */
  async purge(flushExpired = false): Promise<void> {
    await (await this.ready()).purge(flushExpired);
  }

  /** What is known of a key; undefined before the first use. */
  peek(key: string, stale = false): ReturnType<TLCache["peek"]> {
    return this.#cache?.peek(key, stale);
  }

  /** Does nothing: isolates see each other's changes without it. */
  update(): void {}

  /** Lets go of everything. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#opening?.catch(() => undefined))?.close();
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Gives a cache; the dictionary, 16 MiB where nobody has opened it, and the
 * third tier are joined when it is first used.
 *
 * @throws {TypeError} On an unknown option, one of a wrong kind, or one in both
 * spellings.
 * @throws {RangeError} On an option out of range, or a name that is too long.
 */
function create(
  name: string,
  dictName: string,
  options: TLOptions = {},
): LazyCache {
  const { redis_config, mongo_config, ...rest } =
    (spelt("tlcache.new", options) ?? {}) as TLOptions;
  checkPlace(name, dictName);
  checkCacheOptions(`cache "${name}"`, rest as CacheOptions);
  for (
    const [option, config] of Object.entries({ redis_config, mongo_config })
  ) {
    if (config !== undefined && (typeof config !== "object" || !config)) {
      throw new TypeError(
        `Cannot use option "${option}" of tlcache.new: "${String(config)}" ` +
          `was given, expected an object`,
      );
    }
    if (config !== undefined && rest.l3 !== undefined) {
      throw new TypeError(
        `Cannot use options "l3" and "${option}" of tlcache.new: expected one ` +
          `of them`,
      );
    }
  }
  if (redis_config !== undefined && mongo_config !== undefined) {
    // deno-lint-ignore no-console -- there is no logger this far down
    console.warn(
      `oresty: cache "${name}" was given mongo_config and redis_config, and ` +
        `takes MongoDB`,
    );
  }
  return new LazyCache(async () => {
    const l3 = await thirdTier(redis_config, mongo_config);
    const all = l3 === undefined ? rest : { ...rest, l3 };
    return await open(name, dictName, all as CacheOptions);
  });
}

export { create as new };

async function thirdTier(
  redisConfig: RedisOptions | undefined,
  mongoConfig: MongoOptions | undefined,
): Promise<ThirdTierStore | undefined> {
  if (mongoConfig !== undefined) {
    const { mongo } = await import("./mongo.ts");
    return mongo(mongoConfig);
  }
  if (redisConfig === undefined) return undefined;
  const { redis } = await import("./redis.ts");
  return redis(redisConfig);
}

/** Options with the predecessor's `neg_ttl` in the spelling of all others. */
function spelt(
  where: string,
  options: object | null | undefined,
): object | undefined {
  if (options === null) return undefined;
  if (typeof options !== "object") {
    // What is wrong with it the reader of options says.
    checkOptions(where, options, []);
    return undefined;
  }
  if (!("neg_ttl" in options)) return options;
  const { neg_ttl, ...rest } = options as TLOptions;
  if (rest.negTtl !== undefined) {
    throw new TypeError(
      `Cannot use options "neg_ttl" and "negTtl" of ${where}: expected one ` +
        `of them`,
    );
  }
  return neg_ttl === undefined ? rest : { ...rest, negTtl: neg_ttl };
}
