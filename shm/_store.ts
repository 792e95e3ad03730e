import { CorruptionError } from "./_blocks.ts";
import { Entries } from "./_entries.ts";
import { BLOCK, Entry, type Geometry } from "./_layout.ts";
import { acquire, release, wipe } from "./_lock.ts";
import { Memory } from "./_memory.ts";
import { readEntry } from "./_read.ts";
import { type DictResult, done, failed } from "./_results.ts";
import { Scratch } from "./_scratch.ts";
import type { Packed } from "./_values.ts";

/** When a value is stored. */
export type StoreMode = "set" | "add" | "replace";

/** How a value is stored. */
export interface StoreOptions {
  readonly mode: StoreMode;
  /** Whether nothing is forgotten for it. */
  readonly isSafe: boolean;
  /** In milliseconds since 1970; 0 is never. */
  readonly expiresAt: number;
  readonly flags: number;
  /** The version of the key that it was made for; any when undefined. */
  readonly version?: number | undefined;
}

// One isolate does one thing at a time: two scratches serve all dictionaries.
let scratches: readonly [key: Scratch, out: Scratch] | undefined;
// All who open a memory here are one owner of its locks.
const stores: WeakMap<SharedArrayBuffer, Store> = new WeakMap();

/** A memory with what an isolate needs to work in it. */
export class Store {
  readonly memory: Memory;
  readonly key: Scratch;
  readonly out: Scratch;
  readonly entries: Entries;
  /** The most bytes that a value can have. */
  readonly mostBytes: number;
  readonly #geometry: Geometry;

  private constructor(memory: Memory, key: Scratch, out: Scratch) {
    this.memory = memory;
    this.key = key;
    this.out = out;
    this.entries = new Entries(memory, key);
    this.mostBytes = this.entries.most * BLOCK * 4;
    this.#geometry = memory.geometry;
  }

  /** @throws {TypeError} When the memory is none of a dictionary. */
  static of(buffer: SharedArrayBuffer): Store {
    const known = stores.get(buffer);
    if (known !== undefined) return known;
    scratches ??= [new Scratch(), new Scratch()];
    const store = new Store(new Memory(buffer), ...scratches);
    stores.set(buffer, store);
    return store;
  }

  /** Puts a key into the scratch, and goes to its shard. */
  seek(key: string): void {
    this.key.key(key, this.memory.seed);
    const { shards, shardWords, firstShard } = this.#geometry;
    // The upper bits choose the shard; the lower ones the bucket in it.
    this.entries.base = firstShard +
      (this.key.hash2 >>> 16 & (shards - 1)) * shardWords;
  }

  /** Goes to each shard in turn. */
  *shards(): Generator<number> {
    const { shards, shardWords, firstShard } = this.#geometry;
    for (let i = 0; i < shards; i++) {
      yield this.entries.base = firstShard + i * shardWords;
    }
  }

  /** Reads the entry of a key to `out`; 0 when there is none. */
  read(key: string): number {
    this.seek(key);
    return readEntry(this.memory, this.entries, this.out);
  }

  /**
   * Runs something with the lock of the shard that was sought. A shard in which
   * something cannot be is wiped, and the thing done again.
   */
  locked<T>(run: (entries: Entries) => T): T {
    const { memory, entries } = this;
    const { base } = entries;
    acquire(memory, base);
    try {
      try {
        return run(entries);
      } catch (error) {
        wipe(memory, base);
        if (!(error instanceof CorruptionError)) throw error;
        return run(entries);
      }
    } finally {
      release(memory, base);
    }
  }

  /** The version of the key sought. */
  get version(): number {
    const { memory, key } = this;
    return memory.versionAt(memory.versionSlot(key.hash1));
  }

  /** Says, under the lock, that the key sought has changed. */
  changed(): void {
    const { memory, key } = this;
    memory.raise(memory.versionSlot(key.hash1));
  }

  /** Stores a value under a key. */
  put(key: string, value: Packed, options: StoreOptions): DictResult {
    this.seek(key);
    this.key.value(value, this.mostBytes);
    return this.locked((entries) => this.putLocked(entries, options));
  }

  /** As `put`, of the key and value in the scratch; the lock is held. */
  putLocked(entries: Entries, options: StoreOptions): DictResult {
    const { mode, isSafe, expiresAt, flags, version } = options;
    if (version !== undefined && this.version !== version) {
      return failed("changed");
    }
    const now = Date.now();
    const entry = entries.find();
    if (mode !== "set") {
      const isThere = entry !== 0 && !entries.isExpired(entry, now);
      if (isThere && mode === "add") return failed("exists");
      if (!isThere && mode === "replace") return failed("not found");
    }
    const needed = entries.needed();
    if (needed > entries.most) return failed("no memory");
    const own = entry === 0
      ? 0
      : entries.words[entries.at(entry) + Entry.blocks]!;
    if (own === needed && !entries.isList(entry)) {
      entries.mark(entry);
      entries.write(entry, needed, expiresAt, flags);
      this.changed();
      return done(false);
    }
    let forcible = false;
    if (isSafe) {
      const freed = own + entries.elementBlocks(entry);
      if (!entries.reserveSafe(needed - freed, now, entry)) {
        return failed("no memory");
      }
      if (entry !== 0) entries.remove(entry);
    } else {
      if (entry !== 0) entries.remove(entry);
      if (entries.isShort) entries.sweep(now, 2);
      // What is at most a quarter of the shard can always be had.
      forcible = entries.reserve(needed, now) === true;
    }
    const place = entries.take(needed);
    entries.write(place, needed, expiresAt, flags);
    entries.insert(place);
    this.changed();
    return done(forcible);
  }
}
