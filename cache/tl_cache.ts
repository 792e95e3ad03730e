import type { Duration } from "@oresty/core";
import {
  type BulkItem,
  type BulkOptions,
  type BulkResult,
  getAll,
} from "./_bulk.ts";
import { LONGEST_KEY } from "./_bus_message.ts";
import type { CacheParts } from "./_cache_parts.ts";
import { isPlain } from "./_plain_options.ts";
import type { Load, Lookup } from "./_reads.ts";
import {
  checkTags,
  secondsOf,
  SET_NAMES,
  type Settings,
  settingsOf,
} from "./_settings.ts";
import type { CacheStats } from "./_tally.ts";
import type { MetricsSink } from "./metrics_sink.ts";
import { CacheError } from "./errors.ts";
import type { Loader } from "./loader.ts";
import type { GetOptions, SetOptions } from "./options.ts";

/** What is known of a key without a load. */
export interface Peeked<T = unknown> {
  /** The value; `null` when it is known absent. */
  readonly value: T | null;
  /** Seconds that it is fresh yet; 0 is for ever, negative since it ended. */
  readonly ttl: number;
  /** Whether its time has ended. */
  readonly stale: boolean;
}

/**
 * A cache of three tiers: values in this isolate, in memory that all isolates of
 * the process share, and in a store that all hosts share. `open` gives one.
 *
 * @example
 * ```ts
 * import { open } from "@oresty/cache";
 * import { assertEquals } from "@std/assert";
 *
 * await using cache = await open("users", "example_users", { ttl: "1m" });
 * let loads = 0;
 * const load = (id: number) => ({ id, loads: ++loads });
 * assertEquals(await cache.get("7", {}, load, 7), { id: 7, loads: 1 });
 * assertEquals(await cache.get("7", {}, load, 7), { id: 7, loads: 1 });
 * await cache.delete("7");
 * assertEquals(await cache.get("7"), undefined);
 * ```
 */
export class TLCache implements AsyncDisposable {
  /** What it is called. */
  readonly name: string;
  readonly #parts: CacheParts;
  readonly #settings: Settings;
  readonly #where: string;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  /** Caches are made by `open`. */
  constructor(parts: CacheParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#where = `cache "${parts.name}"`;
  }

  /**
   * The value of a key: `null` when it is known absent, undefined when there is
   * none.
   *
   * @throws {TypeError} When the key is no text, or an option is wrong.
   */
  get<T = unknown>(
    key: string,
    options?: GetOptions,
  ): Promise<T | null | undefined>;
  /**
   * The value of a key, loaded where there is none; `null` when it is absent.
   *
   * @param args What the loader is called with, before its context.
   * @throws What the loader throws, when there is no stale value to serve.
   * @throws {LockTimeoutError} When another load of it takes too long.
   * @throws {ReentrancyError} Inside of the key's own loader.
   */
  get<T, A extends unknown[]>(
    key: string,
    options: GetOptions | undefined,
    loader: Loader<T, A>,
    ...args: A
  ): Promise<Exclude<T, undefined> | null>;
  /** With a loader that does not care for its context. */
  get<T, A extends unknown[]>(
    key: string,
    options: GetOptions | undefined,
    loader: (...args: A) => T | Promise<T>,
    ...args: A
  ): Promise<Exclude<T, undefined> | null>;
  /** As with options. */
  get<T>(
    key: string,
    loader: Loader<T>,
  ): Promise<Exclude<T, undefined> | null>;
  get(
    key: string,
    options?: GetOptions | Loader<unknown>,
    loader?: Loader<unknown, never[]>,
    ...args: unknown[]
  ): Promise<unknown> {
    const { first, reads, tally } = this.#parts;
    // Hits of both tiers here are answered without a promise of their own.
    try {
      const record = typeof key === "string" ? first.get(key) : undefined;
      if (this.#isPlain(options, record, loader)) {
        if (record !== undefined) {
          tally.firstHit(key);
          return Promise.resolve(first.handOut(record.value));
        }
        this.#check(key);
        const found = reads.fromSecond(key);
        if (found !== undefined) return Promise.resolve(found.value);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#find(key, options, loader, args).then(valueOf);
  }

  /** As `get`, and says where the value came from. */
  lookup<T = unknown>(key: string, options?: GetOptions): Promise<Lookup<T>>;
  /** As `get`, and says where the value came from. */
  lookup<T, A extends unknown[]>(
    key: string,
    options: GetOptions | undefined,
    loader: Loader<T, A>,
    ...args: A
  ): Promise<Lookup<Exclude<T, undefined>>>;
  /** As `get`, and says where the value came from. */
  lookup<T, A extends unknown[]>(
    key: string,
    options: GetOptions | undefined,
    loader: (...args: A) => T | Promise<T>,
    ...args: A
  ): Promise<Lookup<Exclude<T, undefined>>>;
  /** As `get`, and says where the value came from. */
  lookup<T>(
    key: string,
    loader: Loader<T>,
  ): Promise<Lookup<Exclude<T, undefined>>>;
  lookup(
    key: string,
    options?: GetOptions | Loader<unknown>,
    loader?: Loader<unknown, never[]>,
    ...args: unknown[]
  ): Promise<Lookup> {
    return this.#find(key, options, loader, args);
  }

  /**
   * The value of a key that this process has, at once: `null` when it is known
   * absent, undefined when there is none.
   */
  getSync<T = unknown>(key: string): T | null | undefined {
    const { first, reads, tally } = this.#parts;
    const record = typeof key === "string" ? first.get(key) : undefined;
    if (record !== undefined && !this.#isClosed) {
      tally.firstHit(key);
      return first.handOut(record.value) as T;
    }
    this.#check(key);
    const found = reads.fromSecond(key);
    if (found === undefined) tally.found(key, "none", false);
    return found?.value as T;
  }

  /**
   * What this process knows of a key, without a load, and without taking it to
   * the first tier; undefined when it is nothing.
   *
   * @param stale Whether a value that has ended counts.
   */
  peek<T = unknown>(key: string, stale = false): Peeked<T> | undefined {
    this.#check(key);
    const { first, second, now } = this.#parts;
    const found = second.read(key);
    // What is too large for the second tier is in the first alone.
    const record = found?.record ?? first.get(key);
    if (record === undefined) return undefined;
    const isStale = found !== undefined && !found.isFresh;
    if (isStale && !stale) return undefined;
    const { freshUntil } = record;
    const value = found === undefined
      ? first.handOut(record.value)
      : record.value;
    const ttl = freshUntil === 0 ? 0 : (freshUntil - now()) / 1000;
    return { value: value as T, ttl, stale: isStale };
  }

  /**
   * Finds or loads many values: those that this process has at once, those of
   * the third tier in one call, the rest a few at a time.
   *
   * @returns For each item a value, or the error that there was.
   */
  async getBulk(
    items: readonly BulkItem[],
    options: BulkOptions = {},
  ): Promise<BulkResult[]> {
    this.#checkOpen();
    return await getAll(this, this.#parts, items, options);
  }

  /** Stores a value; `null` says that it is known absent. */
  set(key: string, value: unknown): Promise<void>;
  /** Stores a value; `null` says that it is known absent. */
  set(
    key: string,
    options: SetOptions | undefined,
    value: unknown,
  ): Promise<void>;
  async set(key: string, ...rest: unknown[]): Promise<void> {
    this.#check(key);
    const [options, value] = rest.length > 1 ? rest : [undefined, rest[0]];
    const settings = this.#setSettings(options as SetOptions);
    await this.#parts.writes.set(key, value ?? null, settings);
  }

  /** Forgets a key, on all hosts. */
  async delete(key: string, options?: SetOptions): Promise<void> {
    this.#check(key);
    await this.#parts.writes.remove([key], this.#setSettings(options));
  }

  /** Forgets keys, on all hosts. */
  async deleteMany(
    keys: readonly string[],
    options?: SetOptions,
  ): Promise<void> {
    if (!Array.isArray(keys)) {
      throw new TypeError(
        `Cannot delete keys "${String(keys)}" of ${this.#where}: ` +
          `expected an array`,
      );
    }
    for (const key of keys) this.#check(key);
    await this.#parts.writes.remove(keys, this.#setSettings(options));
  }

  /** Whether there is a value that is fresh and not known absent. */
  async has(key: string): Promise<boolean> {
    const { value } = await this.#find(key, undefined, undefined, []);
    return value !== undefined && value !== null;
  }

  /** The value of a key, as `get` without a loader; then it is forgotten. */
  async pull<T = unknown>(key: string): Promise<T | null | undefined> {
    const { value } = await this.#find(key, undefined, undefined, []);
    if (value !== undefined) await this.delete(key);
    return value as T;
  }

  /**
   * Ends the time of a value; it may still be served as stale.
   *
   * @param ttl Seconds that it is fresh yet; 0, which is none, by default.
   */
  async expire(
    key: string,
    ttl?: Duration,
    options?: SetOptions,
  ): Promise<void> {
    this.#check(key);
    const seconds = ttl === undefined ? 0 : secondsOf(ttl, "ttl of expire");
    const settings = this.#setSettings(options);
    await this.#parts.writes.expire(key, seconds, settings);
  }

  /**
   * Forgets all values of this cache, and no others, at once on all hosts.
   *
   * @param flushExpired Whether the memory of what has ended is given back too.
   */
  async purge(flushExpired = false): Promise<void> {
    this.#checkOpen();
    await this.#parts.writes.purge(this.#settings);
    if (flushExpired) this.#parts.second.dict.flushExpired();
  }

  /** Forgets all values that have one of the tags, on all hosts. */
  async deleteByTag(
    tags: string | readonly string[],
    options?: SetOptions,
  ): Promise<void> {
    this.#checkOpen();
    const names = checkTags(
      typeof tags === "string" ? [tags] : tags,
      this.#where,
    );
    await this.#parts.writes.removeTags(names, this.#setSettings(options));
  }

  /** Does nothing: isolates see each other's changes without it. */
  update(): void {}

  /** What it has done in this isolate. */
  stats(): CacheStats {
    return { ...this.#parts.tally.counts };
  }

  /**
   * Counts hits by tier, misses and times into a sink from now on, unless the
   * option `metrics` has named one.
   *
   * @example
   * ```ts
   * import { open } from "@oresty/cache";
   * import { assertEquals } from "@std/assert";
   *
   * await using cache = await open("measured", "measured");
   * const counted: string[] = [];
   * cache.measure({
   *   counter: (name, { tier }) => ({ incr: () => counted.push(tier ?? name) }),
   *   histogram: () => ({ observe: () => {} }),
   * });
   * await cache.set("tea", 3);
   * await cache.get("tea");
   * assertEquals(counted, ["l1"]);
   * ```
   */
  measure(metrics: MetricsSink): void {
    this.#parts.tally.measure(metrics);
  }

  /** Ends loads that run, and lets go of everything. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#closing ??= this.#parts.close();
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Whether a fresh value, once found, is the whole answer to a call. */
  #isPlain(
    options: unknown,
    record: { readonly loadMs: number } | undefined,
    loader: unknown,
  ): boolean {
    if (
      this.#isClosed || loader !== undefined && typeof loader !== "function"
    ) {
      return false;
    }
    if (this.#settings.earlyRefresh > 0 && record?.loadMs !== 0) return false;
    return isPlain(options);
  }

  async #find(
    key: string,
    options: GetOptions | Loader<unknown> | undefined,
    loader: Loader<unknown, never[]> | undefined,
    args: unknown[],
  ): Promise<Lookup> {
    this.#check(key);
    const isShort = typeof options === "function";
    const call = (isShort ? options : loader) as Loader<unknown, unknown[]>;
    if (call !== undefined && typeof call !== "function") {
      throw new TypeError(
        `Cannot get key of ${this.#where}: the loader is "${String(call)}", ` +
          `expected a function`,
      );
    }
    const settings = settingsOf(
      this.#where,
      isShort ? undefined : options,
      this.#settings,
    );
    const isForced = settings.forceFresh && call !== undefined;
    const given = isShort && loader !== undefined ? [loader, ...args] : args;
    const load: Load | undefined = call &&
      ((context) => call(...given, context));
    const { first, reads, tally, now } = this.#parts;
    const record = isForced ? undefined : first.get(key);
    if (record === undefined) return await reads.find(key, settings, load);
    reads.refreshEarly(key, record, settings, load);
    tally.firstHit(key);
    const { freshUntil } = record;
    return {
      value: first.handOut(record.value),
      hitLevel: 1,
      stale: false,
      source: "l1",
      ttl: freshUntil === 0 ? 0 : (freshUntil - now()) / 1000,
    };
  }

  #setSettings(options: SetOptions | undefined): Settings {
    return settingsOf(this.#where, options, this.#settings, SET_NAMES);
  }

  #check(key: unknown): void {
    if (typeof key !== "string") {
      throw new TypeError(
        `Cannot use key "${nameOf(key)}" of ${this.#where}: expected a text`,
      );
    }
    if (key.length > LONGEST_KEY) {
      throw new RangeError(
        `Cannot use a key of ${key.length} characters of ${this.#where}: ` +
          `expected ${LONGEST_KEY} at most`,
      );
    }
    this.#checkOpen();
  }

  #checkOpen(): void {
    if (this.#isClosed) {
      throw new CacheError(`Cannot use ${this.#where}: it is closed`);
    }
  }
}

function valueOf({ value }: Lookup): unknown {
  return value;
}

/** What was given in place of a key; its own text may be an error. */
function nameOf(value: unknown): string {
  return typeof value === "object" && value !== null ? "object" : String(value);
}
