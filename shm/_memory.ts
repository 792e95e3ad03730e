import {
  type Geometry,
  geometryOf,
  Header,
  LAYOUT_VERSION,
  MAGIC,
  NAMESPACE_WORDS,
  NAMESPACES,
  Shard,
  usualShards,
} from "./_layout.ts";

/** A memory with its views. */
export class Memory {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly doubles: Float64Array<SharedArrayBuffer>;
  readonly geometry: Geometry;
  /** What names this isolate in locks. */
  readonly isolate: number;
  readonly seed: number;
  /**
   * Mixed into every version that is told: one of another memory is never
   * taken for one of this, though both count from 0.
   */
  readonly #salt: number;

  /**
   * Attaches to a memory.
   *
   * @throws {TypeError} When it is none of ours, or of another layout.
   */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    if (!isDictionary(buffer)) {
      throw new TypeError("Cannot attach to a memory: it is no dictionary");
    }
    const words = this.words = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
    this.doubles = new Float64Array(buffer);
    if (!isReadable(buffer)) {
      throw new TypeError(
        `Cannot attach to a memory: its layout is ${words[Header.version]}, ` +
          `expected ${LAYOUT_VERSION}`,
      );
    }
    this.geometry = geometryOf(buffer.byteLength, words[Header.shards]!);
    this.seed = words[Header.seed]!;
    this.#salt = words[Header.id]!;
    this.isolate = Atomics.add(words, Header.nextIsolate, 1) & 0x3fffffff;
  }

  /** Makes an empty memory; pages are taken as they are used. */
  static create(
    bytes: number,
    shards: number = usualShards(bytes),
  ): SharedArrayBuffer {
    const geometry = geometryOf(bytes, shards);
    const buffer = new SharedArrayBuffer(geometry.words * 4);
    const words = new Int32Array(buffer);
    words[Header.version] = LAYOUT_VERSION;
    words[Header.words] = geometry.words;
    words[Header.shards] = geometry.shards;
    words[Header.shardWords] = geometry.shardWords;
    words[Header.buckets] = geometry.buckets;
    words[Header.blocks] = geometry.blocks;
    words[Header.nextIsolate] = 1;
    words[Header.namespaces] = geometry.namespaces;
    words[Header.tags] = geometry.tags;
    words[Header.tagCount] = geometry.tagCount;
    words[Header.versions] = geometry.versions;
    words[Header.versionCount] = geometry.versionCount;
    words[Header.firstShard] = geometry.firstShard;
    for (let i = 0; i < shards; i++) {
      words[geometry.firstShard + i * geometry.shardWords + Shard.bump] = 1;
    }
    new Float64Array(buffer)[Header.createdAt / 2] = Date.now();
    crypto.getRandomValues(new Int32Array(3)).forEach((word, i) => {
      words[Header.id + i] = word;
    });
    Atomics.store(words, Header.magic, MAGIC);
    return buffer;
  }

  /**
   * The version word of a key: every change of any key that shares it raises
   * it.
   */
  versionSlot(hash: number): number {
    const { versions, versionCount } = this.geometry;
    return versions + (hash & (versionCount - 1));
  }

  /** The word of a tag; several may share one. */
  tagSlot(hash: number): number {
    const { tags, tagCount } = this.geometry;
    return tags + (hash & (tagCount - 1));
  }

  /** The epoch word of a namespace; of more than 256 some share one. */
  epochSlot(hash1: number, hash2: number): number {
    const { namespaces } = this.geometry;
    const second = hash2 | 1; // 0 is an empty slot
    for (let i = 0; i < NAMESPACES; i++) {
      const slot = namespaces +
        ((hash1 + i) & (NAMESPACES - 1)) * NAMESPACE_WORDS;
      const taken = Atomics.compareExchange(this.words, slot + 1, 0, second);
      if (taken === 0) Atomics.store(this.words, slot, hash1);
      if (taken === 0 || taken === second) return slot + 2;
    }
    return namespaces + (hash1 & (NAMESPACES - 1)) * NAMESPACE_WORDS + 2;
  }

  /**
   * @throws {RangeError} When there stands no word of change: whatever else
   * stands there would be torn.
   */
  checkSlot(slot: number): void {
    const { namespaces, firstShard } = this.geometry;
    if (
      Number.isInteger(slot) && slot >= namespaces && slot < firstShard
    ) return;
    throw new RangeError(
      `Cannot use slot "${String(slot)}": expected one that versionSlot, ` +
        `epochSlot or tagSlot gave`,
    );
  }

  /** What a word says. */
  versionAt(slot: number): number {
    return Atomics.load(this.words, slot) ^ this.#salt;
  }

  /** What stands in the word when it says this. */
  wordOf(version: number): number {
    return version ^ this.#salt;
  }

  /** What a word says after one change of it. */
  versionAfter(version: number): number {
    return (this.wordOf(version) + 1 | 0) ^ this.#salt;
  }

  /** Changes a word; gives what it says now. */
  raise(slot: number): number {
    const { words } = this;
    const version = Atomics.add(words, slot, 1) + 1;
    // Waking costs about 30 ns even where nobody sleeps.
    if (Atomics.load(words, Header.waiters) !== 0) Atomics.notify(words, slot);
    return version ^ this.#salt;
  }

  /** Its random name. */
  get id(): string {
    const hex = (word: number) =>
      (this.words[Header.id + word]! >>> 0).toString(16).padStart(8, "0");
    return hex(0) + hex(1);
  }

  /** Changes the versions of all keys. */
  raiseAll(): void {
    const { versions, versionCount } = this.geometry;
    for (let i = 0; i < versionCount; i++) this.raise(versions + i);
  }
}

/** Whether a memory begins as a dictionary does. */
export function isDictionary(buffer: unknown): buffer is SharedArrayBuffer {
  return buffer instanceof SharedArrayBuffer &&
    buffer.byteLength >= Header.size * 4 &&
    new Int32Array(buffer, 0, 1)[Header.magic] === MAGIC;
}

/** Whether a dictionary is laid out as this version does. */
export function isReadable(buffer: SharedArrayBuffer): boolean {
  return new Int32Array(buffer, 0, Header.size)[Header.version] ===
    LAYOUT_VERSION;
}
