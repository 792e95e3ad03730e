import type { Duration } from "@oresty/core";
import { flushAll, flushExpired, keysOf } from "./_admin.ts";
import {
  checkCount,
  checkFlags,
  checkNumber,
  expiryOf,
  shorten,
} from "./_arguments.ts";
import { compareAndSet } from "./_cas.ts";
import { countReads, type DictStats, problemsOf, statsOf } from "./_inspect.ts";
import { Type } from "./_layout.ts";
import { joinDictionary } from "./_named_memory.ts";
import { increment } from "./_numbers.ts";
import { type SharedDictOptions, wantedOf } from "./_open.ts";
import { type DictEntry, entryOf, isCurrent, trim } from "./_reads.ts";
import type {
  DictError,
  DictResult,
  IncrResult,
  PushResult,
} from "./_results.ts";
import { Store, type StoreMode } from "./_store.ts";
import { expireAt, makeStale, timeLeft } from "./_times.ts";
import { pack, unpack, type ValueSerializer } from "./_values.ts";
import { DictLists } from "./dict_lists.ts";
import type { DictWords } from "./dict_words.ts";

/** Reads that an isolate counts for itself before it tells. */
const COUNT_EVERY = 256;

/**
 * A dictionary in memory that all isolates of the process share, by name. All
 * operations are synchronous and exact, and named as those of
 * `ngx.shared.DICT`; when it is full, what was longest unused is forgotten.
 *
 * Times are seconds or texts such as `"5m"`, where 0 is for ever. Keys are any
 * texts of up to 131,072 characters; key and value together have at most a
 * quarter of a shard, else the result is "no memory". Texts, numbers, booleans,
 * null and Uint8Array come back as they were, all else as JSON has it.
 *
 * @example
 * ```ts
 * import { SharedDict } from "@oresty/shm";
 * import { assertEquals } from "@std/assert";
 *
 * using dict = await SharedDict.open("example", { size: "1m" });
 * dict.set("user", { name: "ada" }, 60);
 * assertEquals(dict.get("user"), { name: "ada" });
 * assertEquals(dict.incr("visits", 1, 0).value, 1);
 * assertEquals(dict.add("user", "eve").err, "exists");
 * ```
 */
export class SharedDict extends DictLists implements Disposable {
  readonly #leave: () => void;
  #hits = 0;
  #misses = 0;

  private constructor(
    name: string,
    store: Store,
    serializer: ValueSerializer | undefined,
    leave: () => void,
  ) {
    super(name, store, serializer);
    this.#leave = leave;
  }

  /**
   * Opens the dictionary of a name: the one that exists in this process, or a
   * new one. Needs no permission, and keeps no process alive.
   *
   * @param name 1 to 255 characters, none of them control characters.
   * @throws {TypeError} On an unknown option or one of a wrong kind.
   * @throws {RangeError} On a size or a number of shards out of range.
   */
  static async open(
    name: string,
    options: SharedDictOptions = {},
  ): Promise<SharedDict> {
    const wanted = wantedOf(name, options);
    const made: SharedDict[] = [];
    const { buffer, leave } = await joinDictionary(
      name,
      wanted,
      (older) => made.forEach((dict) => dict.move(Store.of(older))),
    );
    const { serializer } = options;
    const dict = new SharedDict(name, Store.of(buffer), serializer, leave);
    made.push(dict);
    return dict;
  }

  /**
   * The value of a key; undefined when there is none, or it has expired.
   *
   * @throws {TypeError} When it is a list.
   */
  get(key: string): unknown {
    const store = this.store;
    const entry = store.read(key);
    const isHit = isCurrent(store, entry);
    this.#count(isHit);
    if (isHit) return this.#value(key);
    if (entry !== 0) trim(store);
    return undefined;
  }

  /**
   * As `get`, with flags and time.
   *
   * @throws {TypeError} When it is a list.
   */
  lookup(key: string): DictEntry | undefined {
    const store = this.store;
    const isHit = isCurrent(store, store.read(key));
    this.#count(isHit);
    return isHit ? this.#entry(key) : undefined;
  }

  /**
   * As `lookup`, also when it has expired: it stays until its memory is needed.
   *
   * @throws {TypeError} When it is a list.
   */
  getStale(key: string): DictEntry | undefined {
    const isHit = this.store.read(key) !== 0;
    this.#count(isHit);
    return isHit ? this.#entry(key) : undefined;
  }

  /**
   * The values of keys, in their order; undefined where there is none.
   *
   * @throws {TypeError} When one of them is a list, or `keys` is no array.
   */
  getMany(keys: readonly string[]): unknown[] {
    if (!Array.isArray(keys)) {
      throw new TypeError(
        `Cannot get many keys: "${typeof keys}" was given, ` +
          `expected an array of strings`,
      );
    }
    return keys.map((key) => this.get(key));
  }

  #entry(key: string): DictEntry {
    const entry = entryOf(this.store);
    return { value: this.#value(key), ...entry };
  }

  #value(key: string): unknown {
    const { out } = this.store;
    if (out.type === Type.list) {
      throw new TypeError(`Cannot get key "${shorten(key)}": value is a list`);
    }
    return unpack(out, this.serializer);
  }

  /**
   * Stores a value. What was longest unused is forgotten where there is no
   * room: `forcible` says so.
   *
   * @param ttl Seconds; 0 is for ever.
   * @param flags A whole number of 32 bits to keep with it.
   * @throws {TypeError} When the value cannot be kept; nothing has changed then.
   */
  set(key: string, value: unknown, ttl: Duration = 0, flags = 0): DictResult {
    return this.#put("set", false, key, value, ttl, flags);
  }

  /** As `set`, but forgets nothing that has not expired: "no memory" then. */
  safeSet(
    key: string,
    value: unknown,
    ttl: Duration = 0,
    flags = 0,
  ): DictResult {
    return this.#put("set", true, key, value, ttl, flags);
  }

  /** As `set`, where there is no value or it has expired; else "exists". */
  add(key: string, value: unknown, ttl: Duration = 0, flags = 0): DictResult {
    return this.#put("add", false, key, value, ttl, flags);
  }

  /** As `add`, but forgets nothing that has not expired. */
  safeAdd(
    key: string,
    value: unknown,
    ttl: Duration = 0,
    flags = 0,
  ): DictResult {
    return this.#put("add", true, key, value, ttl, flags);
  }

  /** As `set`, where there is a value; else "not found". */
  replace(
    key: string,
    value: unknown,
    ttl: Duration = 0,
    flags = 0,
  ): DictResult {
    return this.#put("replace", false, key, value, ttl, flags);
  }

  /**
   * As `set`, if the key has not changed since `version(key)` was this; else
   * "changed".
   */
  setIfVersion(
    key: string,
    value: unknown,
    version: number,
    ttl: Duration = 0,
    flags = 0,
  ): DictResult {
    // One that was forgotten would be any.
    checkNumber("version", "setIfVersion", version);
    return this.#put("set", false, key, value, ttl, flags, version);
  }

  /**
   * Stores a value if the present one is `old`; else "changed", or "not found".
   * They are compared as they are kept: of objects also the order of keys.
   */
  cas(
    key: string,
    old: unknown,
    value: unknown,
    ttl: Duration = 0,
    flags = 0,
  ): DictResult {
    checkFlags(flags);
    const expiresAt = expiryOf(ttl);
    const before = pack(old, this.serializer);
    const after = pack(value, this.serializer);
    const options = { mode: "set", isSafe: false, expiresAt, flags } as const;
    return compareAndSet(this.store, key, before, after, options);
  }

  #put(
    mode: StoreMode,
    isSafe: boolean,
    key: string,
    value: unknown,
    ttl: Duration,
    flags: number,
    version?: number,
  ): DictResult {
    checkFlags(flags);
    const expiresAt = expiryOf(ttl);
    const packed = pack(value, this.serializer);
    const options = { mode, isSafe, expiresAt, flags, version };
    return this.store.put(key, packed, options);
  }

  /**
   * Forgets a key.
   *
   * @returns Whether there was a value that had not expired.
   */
  delete(key: string): boolean {
    const store = this.store;
    store.seek(key);
    return store.locked((entries) => {
      const entry = entries.find();
      const isThere = entry !== 0 && !entries.isExpired(entry, Date.now());
      if (entry !== 0) entries.remove(entry);
      store.changed();
      return isThere;
    });
  }

  /**
   * Adds to a number, at once for all isolates; its time stays.
   *
   * @param init The number where there is none; without it "not found".
   * @param initTtl Seconds that a number which begins so lives; 0 is for ever.
   */
  incr(
    key: string,
    by: number,
    init?: number,
    initTtl: Duration = 0,
  ): IncrResult {
    checkNumber("by", "incr", by);
    if (init !== undefined) checkNumber("init", "incr", init);
    return increment(this.store, key, by, init, expiryOf(initTtl));
  }

  /** Seconds that a key still has; 0 is for ever, undefined when it is not. */
  ttl(key: string): number | undefined {
    return timeLeft(this.store, key);
  }

  /** Gives a key another time from now; 0 is for ever. Else "not found". */
  expire(key: string, ttl: Duration): DictResult {
    return expireAt(this.store, key, expiryOf(ttl));
  }

  /** Lets a key have expired now; `getStale` still finds it. */
  markStale(key: string): DictResult {
    return makeStale(this.store, key);
  }

  /** Lets every key have expired; the memory is taken as it is needed. */
  flushAll(): void {
    flushAll(this.store);
  }

  /**
   * Forgets keys that have expired.
   *
   * @param most How many; 0 is all.
   * @returns How many there were.
   */
  flushExpired(most = 0): number {
    checkCount("flushExpired", most);
    return flushExpired(this.store, most);
  }

  /**
   * Keys that have not expired. Writers to a shard wait while it is read.
   *
   * @param most How many; 0 is all.
   */
  getKeys(most = 1024): string[] {
    checkCount("getKeys", most);
    return keysOf(this.store, most);
  }

  /** Bytes of the memory. */
  capacity(): number {
    return this.buffer.byteLength;
  }

  /** Bytes of blocks that nothing is in. */
  freeSpace(): number {
    return statsOf(this.store).freeSpace;
  }

  /** What it holds, and what it has done. */
  stats(): DictStats {
    this.#tell();
    return statsOf(this.store);
  }

  /** What is wrong in it: nothing, whatever happened to other isolates. */
  check(): string[] {
    return problemsOf(this.store);
  }

  /** Leaves the dictionary; its memory lives as long as another has it. */
  close(): void {
    this.#tell();
    this.waits.end(false);
    this.#leave();
  }

  /** As `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #count(isHit: boolean): void {
    if (isHit) this.#hits++;
    else this.#misses++;
    // Shared counters in every read would make readers wait for each other.
    if (this.#hits + this.#misses >= COUNT_EVERY) this.#tell();
  }

  #tell(): void {
    countReads(this.store, this.#hits, this.#misses);
    this.#hits = this.#misses = 0;
  }
}

export type {
  DictEntry,
  DictError,
  DictLists,
  DictResult,
  DictStats,
  DictWords,
  IncrResult,
  PushResult,
  SharedDictOptions,
  ValueSerializer,
};
