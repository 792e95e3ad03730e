import type { DictResult, SharedDict } from "@oresty/shm";
import type { Found, Keep, Lease, Mark, Stored } from "./_marks.ts";
import {
  type CacheRecord,
  decodeRecord,
  encodeRecord,
  readTimes,
  setFreshUntil,
} from "./_record.ts";
import type { CacheSerializer } from "./options.ts";

const CHANGED: Stored = { state: "changed" };
/** Takes the place of a value that is in the other memory now. */
const NOTHING = new Uint8Array(0);
/** Another key that shares a version word may change in between so often. */
const TRIES = 1000;

/** The part of a shared dictionary that is one cache's. */
export class SecondTier {
  readonly dict: SharedDict;
  readonly #miss: SharedDict | undefined;
  readonly #name: string;
  readonly #serializer: CacheSerializer | undefined;
  readonly #now: () => number;
  readonly #id: string = crypto.randomUUID();
  #leases = 0;
  #generation = -1;
  #purgeSlot = 0;
  #gapSlot = 0;
  #stampSlot = 0;
  #tagEpochSlot = 0;
  #epoch = 0;
  #prefix = "";

  constructor(
    name: string,
    dict: SharedDict,
    miss: SharedDict | undefined,
    serializer: CacheSerializer | undefined,
    now: () => number,
  ) {
    this.#name = name;
    this.dict = dict;
    // One that is the memory itself would forget what it has just stored.
    this.#miss = miss?.id === dict.id ? undefined : miss;
    this.#serializer = serializer;
    this.#now = now;
    this.#locate();
  }

  /** Finds the words of this cache, also after another memory took the place. */
  #locate(): void {
    const { dict } = this;
    if (this.#generation === dict.generation) return;
    this.#generation = dict.generation;
    const slot = (what: string) =>
      dict.epochSlot(`oresty:cache:${what}:${this.#name}`);
    this.#purgeSlot = slot("purge");
    this.#gapSlot = slot("gap");
    this.#stampSlot = slot("stamp");
    this.#tagEpochSlot = slot("tags");
    this.#prefix = "";
  }

  /** Changes with every purge, here or elsewhere, that was heard or missed. */
  get stamp(): number {
    this.#locate();
    return this.dict.versionAt(this.#stampSlot);
  }

  /** What begins every key; after a purge it is another. */
  #prefixNow(): string {
    this.#locate();
    const epoch = this.dict.versionAt(this.#purgeSlot);
    if (this.#prefix === "" || epoch !== this.#epoch) {
      this.#epoch = epoch;
      // With its length in front no name and key can read as another pair.
      this.#prefix = `${this.#name.length}:${this.#name}:${epoch}:`;
    }
    return this.#prefix;
  }

  /** Whether a copy is what the memory has. */
  isCurrent(mark: Mark): boolean {
    const { dict } = this;
    return mark.generation === dict.generation &&
      dict.versionAt(mark.slot) === mark.version &&
      dict.versionAt(this.#stampSlot) === mark.stamp;
  }

  /** Where the version of a key stands, and what it is now. */
  mark(key: string): Mark {
    return this.#markOf(`${this.#prefixNow()}v${key}`);
  }

  #markOf(place: string): Mark {
    const { dict } = this;
    const slot = dict.versionSlot(place);
    return {
      slot,
      version: dict.versionAt(slot),
      stamp: dict.versionAt(this.#stampSlot),
      generation: this.#generation,
    };
  }

  /** Reads a record; stale ones too. */
  read(key: string): Found | undefined {
    const place = `${this.#prefixNow()}v${key}`;
    // Taken before the value: what is written in between is seen as a change.
    const mark = this.#markOf(place);
    const bytes = entryOf(this.dict, place)?.value ??
      entryOf(this.#miss, place)?.value;
    if (bytes === undefined) return undefined;
    const record = decodeRecord(bytes, this.#serializer);
    if (record === undefined || !this.hasTags(record)) return undefined;
    return { record, isFresh: this.#isFresh(record), mark };
  }

  #isFresh(
    { freshUntil, gap }: Pick<CacheRecord, "freshUntil" | "gap">,
  ): boolean {
    return (freshUntil === 0 || freshUntil > this.#now()) && gap === this.#gap;
  }

  get #gap(): number {
    return this.dict.versionAt(this.#gapSlot) >>> 0;
  }

  /** Whether none of its tags was deleted since it was written. */
  hasTags({ tags }: Pick<CacheRecord, "tags">): boolean {
    return tags.every(([tag, version]) => this.#tagVersion(tag) === version);
  }

  /** Tags with what their versions are now. */
  tagged(tags: readonly string[]): CacheRecord["tags"] {
    return tags.map((tag) => [tag, this.#tagVersion(tag)]);
  }

  #tagVersion(tag: string): number {
    return this.dict.versionAt(this.#tagSlot(tag));
  }

  #tagSlot(tag: string): number {
    return this.dict.tagSlot(`${this.#name.length}:${this.#name}:${tag}`);
  }

  /** Begins a load that ends in so many seconds at most. */
  lease(key: string, seconds: number): Lease {
    const token = `${this.#id}:${++this.#leases}`;
    const lease = this.#leaseOf(key, token);
    this.dict.set(`${lease.prefix}l${key}`, token, seconds);
    return lease;
  }

  /**
   * Begins to look for a value elsewhere, which takes nothing from a load: what
   * is found is kept if nothing at all has changed meanwhile.
   */
  watch(key: string): Lease {
    return this.#leaseOf(key, undefined);
  }

  #leaseOf(key: string, token: string | undefined): Lease {
    const prefix = this.#prefixNow();
    const mark = this.#markOf(`${prefix}v${key}`);
    const tagEpoch = this.dict.versionAt(this.#tagEpochSlot);
    return { key, prefix, token, mark, tagEpoch };
  }

  /** Whether somebody loads the key, and may store what comes. */
  hasLease(key: string): boolean {
    return this.dict.get(`${this.#prefixNow()}l${key}`) !== undefined;
  }

  /** Whether the lease is still good for a record with these tags. */
  holds(
    { key, prefix, token, mark, tagEpoch }: Lease,
    hasTags: boolean,
  ): boolean {
    const { dict } = this;
    if (
      this.#prefixNow() !== prefix || this.stamp !== mark.stamp ||
      hasTags && dict.versionAt(this.#tagEpochSlot) !== tagEpoch
    ) return false;
    // A memory that is full may have forgotten the token, and nothing happened.
    return this.isCurrent(mark) ||
      token !== undefined && dict.get(`${prefix}l${key}`) === token;
  }

  /** Ends a load. */
  drop({ key, prefix, token }: Lease): void {
    if (token === undefined) return;
    const place = `${prefix}l${key}`;
    if (this.dict.get(place) === token) this.dict.delete(place);
  }

  /** Stores what a load gave, if its lease is still good. */
  commit(
    lease: Lease,
    value: unknown,
    keep: Keep,
    loadMs: number,
    tags: readonly string[],
  ): Stored {
    const stored = this.adopt(lease, value, keep, loadMs, tags);
    this.drop(lease);
    return stored;
  }

  /** As `commit`, and the load goes on. */
  adopt(
    lease: Lease,
    value: unknown,
    keep: Keep,
    loadMs: number,
    tags: readonly string[],
  ): Stored {
    return this.#store(
      lease.key,
      { value, loadMs, tags: this.tagged(tags) },
      keep,
      () => this.holds(lease, tags.length > 0),
    );
  }

  /** Stores a value, and takes the right to do so from loads that run. */
  put(
    key: string,
    value: unknown,
    keep: Keep,
    tags: readonly string[],
  ): Stored {
    this.#revoke(key);
    const record = { value, loadMs: 0, tags: this.tagged(tags) };
    return this.#store(key, record, keep, () => true);
  }

  #store(
    key: string,
    part: Pick<CacheRecord, "value" | "loadMs" | "tags">,
    keep: Keep,
    mayStore: () => boolean,
  ): Stored {
    const place = `${this.#prefixNow()}v${key}`;
    const isAbsent = part.value === null && this.#miss !== undefined;
    const { freshUntil } = keep;
    const record = { ...part, freshUntil, gap: this.#gap };
    const bytes = encodeRecord(record, this.#serializer);
    const ttl = this.#ttlOf(keep);
    for (let i = 0; i < TRIES; i++) {
      const mark = this.#markOf(place);
      if (!mayStore()) break;
      const version = this.dict.versionAfter(mark.version);
      const after = { ...mark, version };
      const { ok, err } = isAbsent
        ? this.#putAbsent(place, bytes, mark.version, ttl)
        : this.dict.setIfVersion(place, bytes, mark.version, ttl);
      if (err === "changed") continue;
      if (!isAbsent) this.#miss?.delete(place);
      else if (!this.isCurrent(after) && !mayStore()) break;
      if (ok) return { state: "stored", mark: after };
      // What was there is not the value any more.
      this.dict.delete(place);
      return { state: "too large", mark: after };
    }
    if (isAbsent) this.#miss!.delete(place);
    return CHANGED;
  }

  /** Stores in the other memory, if nothing else was stored in this one. */
  #putAbsent(
    place: string,
    bytes: Uint8Array,
    version: number,
    ttl: number,
  ): DictResult {
    const result = this.#miss!.set(place, bytes, ttl);
    if (this.dict.getStale(place) === undefined) {
      this.dict.touch(place);
      return result;
    }
    return this.dict.setIfVersion(place, NOTHING, version, 0.001);
  }

  /** How long the memory has to keep it, in seconds. */
  #ttlOf({ freshUntil, window }: Keep): number {
    if (freshUntil === 0 || window === Infinity) return 0;
    // 0 would be for ever.
    return Math.max(0.001, (freshUntil - this.#now()) / 1000 + window);
  }

  /** Takes the right to store from loads that run. */
  #revoke(key: string): void {
    this.dict.delete(`${this.#prefixNow()}l${key}`);
  }

  /** Forgets a key. */
  remove(key: string): void {
    this.#revoke(key);
    const place = `${this.#prefixNow()}v${key}`;
    this.#miss?.delete(place);
    this.dict.delete(place);
  }

  /**
   * Makes a value that is fresh stale at a time, in milliseconds since 1970.
   *
   * @param window Seconds that it is kept after that; as long as it would have
   * been where nothing is said.
   */
  expire(key: string, freshUntil: number, window?: number): void {
    this.#revoke(key);
    const place = `${this.#prefixNow()}v${key}`;
    for (let i = 0; i < TRIES; i++) {
      const version = this.dict.version(place);
      const entry = entryOf(this.dict, place);
      const { value, ttl } = entry ?? entryOf(this.#miss, place) ?? {};
      if (value === undefined || !this.#isFresh(readTimes(value))) {
        // A load that runs is to know of it.
        return this.dict.touch(place);
      }
      setFreshUntil(value, freshUntil);
      const left = window === undefined
        ? ttl! < 0 ? 0.001 : ttl!
        : this.#ttlOf({ freshUntil, window });
      if (entry === undefined) {
        this.#miss!.set(place, value, left);
        return this.dict.touch(place);
      }
      const { err } = this.dict.setIfVersion(place, value, version, left);
      if (err !== "changed") return;
    }
    this.remove(key);
  }

  /** Another host has a newer value. */
  expireNow(key: string): void {
    this.expire(key, this.#now());
  }

  /** Makes copies of a key worthless, and wakes who waits for it. */
  touch(key: string): void {
    this.dict.touch(`${this.#prefixNow()}v${key}`);
  }

  /** Ends when the key has changed since a mark, or after so many seconds. */
  async changed(
    { slot, version }: Mark,
    seconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    await this.dict.changed(slot, version, seconds, signal);
  }

  /** Forgets everything of this cache. */
  purge(): void {
    this.#locate();
    this.dict.raise(this.#purgeSlot);
    this.dict.raise(this.#stampSlot);
  }

  /** Makes everything of this cache stale. */
  gap(): void {
    this.#locate();
    this.dict.raise(this.#gapSlot);
    this.dict.raise(this.#stampSlot);
  }

  /** Forgets what has one of the tags. */
  removeTags(tags: readonly string[]): void {
    this.#locate();
    this.dict.raise(this.#tagEpochSlot);
    for (const tag of tags) this.dict.raise(this.#tagSlot(tag));
  }

  /** Lets nobody load a key for so many seconds, when there is a stale value. */
  backOff(key: string, seconds: number): void {
    if (seconds === 0) return;
    const until = this.#now() + seconds * 1000;
    this.dict.set(`${this.#prefixNow()}b${key}`, until, seconds);
  }

  /** Whether a load failed a short time ago. */
  isBackedOff(key: string): boolean {
    const until = this.dict.get(`${this.#prefixNow()}b${key}`);
    return typeof until === "number" && this.#now() < until;
  }
}

/** A record in a memory, stale or not. */
function entryOf(
  dict: SharedDict | undefined,
  place: string,
):
  | { readonly value: Uint8Array<ArrayBuffer>; readonly ttl: number }
  | undefined {
  const { value, ttl } = dict?.getStale(place) ?? {};
  return value instanceof Uint8Array && value.length > 0
    ? { value: value as Uint8Array<ArrayBuffer>, ttl: ttl! }
    : undefined;
}
