import { LRUCache } from "lru-cache";
import type { Mark } from "./_marks.ts";
import type { CacheRecord } from "./_record.ts";
import type { SecondTier } from "./_second_tier.ts";
import type { CacheOptions, FirstTierStore } from "./options.ts";

/** A value as this isolate has it. */
export interface FirstRecord extends Mark {
  readonly value: unknown;
  /** Milliseconds since 1970; 0 is for ever. */
  readonly freshUntil: number;
  readonly loadMs: number;
  /** Undefined where there are none. */
  readonly tags: CacheRecord["tags"] | undefined;
}

type Mode = NonNullable<CacheOptions["l1Mode"]>;

/**
 * Values in this isolate. A hit is compared with the version that the key has
 * in shared memory: what another isolate wrote is seen without a message.
 */
export class FirstTier {
  readonly #store: FirstTierStore;
  readonly #prefix: string;
  readonly #second: SecondTier;
  readonly #mode: Mode;
  readonly #serializer: ((value: unknown) => unknown) | undefined;
  readonly #now: () => number;

  constructor(
    name: string,
    second: SecondTier,
    options: Pick<CacheOptions, "lru" | "lruSize" | "l1Mode" | "l1Serializer">,
    now: () => number,
  ) {
    const { lru, lruSize = 100, l1Mode = "shared", l1Serializer } = options;
    this.#store = lru ??
      new LRUCache<string, FirstRecord>({ max: lruSize }) as FirstTierStore;
    // A store that several caches share needs to tell their keys apart.
    this.#prefix = lru === undefined ? "" : `${name.length}:${name}:`;
    this.#second = second;
    this.#mode = l1Mode;
    this.#serializer = l1Serializer;
    this.#now = now;
  }

  /** A record that is fresh and what the memory has. */
  get(key: string): FirstRecord | undefined {
    const place = this.#prefix === "" ? key : this.#prefix + key;
    const record = this.#store.get(place) as FirstRecord | undefined;
    if (record === undefined) return undefined;
    const { freshUntil, tags } = record;
    if (
      (freshUntil === 0 || freshUntil > this.#now()) &&
      this.#second.isCurrent(record) &&
      (tags === undefined || this.#second.hasTags({ tags }))
    ) return record;
    this.#store.delete(place);
    return undefined;
  }

  /** Keeps what `prepare` has made of a value. */
  keep(
    key: string,
    kept: unknown,
    record: Pick<CacheRecord, "freshUntil" | "loadMs" | "tags">,
    mark: Mark,
  ): void {
    const { freshUntil, loadMs, tags } = record;
    const { slot, version, stamp, generation } = mark;
    this.#store.set(this.#prefix + key, {
      value: kept,
      freshUntil,
      loadMs,
      tags: tags.length === 0 ? undefined : tags,
      slot,
      version,
      stamp,
      generation,
    });
  }

  /**
   * Makes of a value what is kept of it.
   *
   * @param isOwn Whether nobody else has the value.
   * @throws {TypeError} When `l1Serializer` gives nothing.
   */
  prepare(value: unknown, isOwn = false): unknown {
    let kept = value;
    if (this.#serializer !== undefined && value !== null) {
      kept = this.#serializer(value);
      if (kept === undefined || kept === null) {
        throw new TypeError(
          `Cannot keep a value: the option "l1Serializer" gave "${kept}", ` +
            `expected a value`,
        );
      }
    }
    if (this.#mode === "frozen") return freeze(kept);
    return isOwn ? kept : this.handOut(kept);
  }

  /** What a caller gets for what is kept. */
  handOut(value: unknown): unknown {
    return this.#mode === "clone" && typeof value === "object"
      ? structuredClone(value)
      : value;
  }

  /** Forgets a key. */
  delete(key: string): void {
    this.#store.delete(this.#prefix + key);
  }

  /** Forgets all. */
  clear(): void {
    if (this.#prefix === "") this.#store.clear();
  }
}

/** Freezes a value and all that it holds; memory under views cannot be. */
function freeze(value: unknown, seen: Set<unknown> = new Set()): unknown {
  if (
    typeof value !== "object" || value === null || seen.has(value) ||
    ArrayBuffer.isView(value)
  ) return value;
  // What is frozen already may hold what is not.
  seen.add(value);
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part, seen);
  return value;
}
