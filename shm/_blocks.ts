import {
  BLOCK,
  blockBase,
  Element,
  Entry,
  refBase,
  Shard,
  Type,
  TYPE_MASK,
} from "./_layout.ts";
import type { Memory } from "./_memory.ts";

/** Something in a shard cannot be: it has to be wiped. */
export class CorruptionError extends Error {
  override name = "CorruptionError";
}

/** Entries that an insert may pass over because they were used. */
const CHANCES = 32;

/** A shard while its lock is held: its blocks, its entries and their order. */
export class ShardBlocks {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly doubles: Float64Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  readonly #mask: number;
  readonly count: number;
  readonly #ofBlocks: number;
  readonly #ofRefs: number;
  /** The shard's start. */
  base = 0;

  constructor({ words, bytes, doubles, geometry }: Memory) {
    this.words = words;
    this.#bytes = bytes;
    this.doubles = doubles;
    const { buckets, blocks } = geometry;
    this.#mask = buckets - 1;
    this.count = blocks;
    this.#ofBlocks = blockBase(buckets, blocks) - BLOCK;
    this.#ofRefs = refBase(buckets) * 4;
  }

  /** The word at which a block starts. */
  at(block: number): number {
    if (block < 1 || block > this.count) throw new CorruptionError();
    return this.base + this.#ofBlocks + block * BLOCK;
  }

  /** Bytes that can be in a shard, as they were read: they may be anything. */
  bytesOf(place: number): number {
    const bytes = this.words[place]!;
    if (bytes >>> 0 > this.count * BLOCK * 4) throw new CorruptionError();
    return bytes;
  }

  /** The word of the bucket of a hash. */
  bucket(hash: number): number {
    return this.base + Shard.size + (hash & this.#mask);
  }

  /** The byte that says whether an entry was used. */
  ref(block: number): number {
    return this.base * 4 + this.#ofRefs + block;
  }

  /**
   * Says that an entry was used. Cheaper than to move it to the head, which
   * writes to its neighbours; a stray mark does no harm, for the bytes stand
   * apart from the blocks.
   */
  mark(entry: number): void {
    const ref = this.ref(entry);
    if (this.#bytes[ref] === 0) this.#bytes[ref] = 1;
  }

  /** Blocks that can be had without forgetting anything. */
  get available(): number {
    const { words, base } = this;
    return words[base + Shard.freeCount]! + this.count + 1 -
      words[base + Shard.bump]!;
  }

  /**
   * Takes so many blocks, linked one after another; there must be so many. They
   * stay in the order in which they were given back or never used: the next is
   * mostly the neighbour, which the processor has fetched by then.
   */
  take(count: number): number {
    const { words, base } = this;
    let free = words[base + Shard.free]!;
    let bump = words[base + Shard.bump]!;
    let reused = 0;
    let first = 0;
    let link = 0;
    for (let i = 0; i < count; i++) {
      let block: number;
      if (free !== 0) {
        block = free;
        free = words[this.at(free)]!;
        reused++;
      } else block = bump++;
      if (i === 0) first = block;
      else words[link] = block;
      link = this.at(block);
    }
    words[link] = 0;
    words[base + Shard.free] = free;
    words[base + Shard.freeCount] = words[base + Shard.freeCount]! - reused;
    words[base + Shard.bump] = bump;
    return first;
  }

  /** Gives the blocks of a chain back. */
  give(first: number, count: number): void {
    const { words, base } = this;
    if (count < 1 || count > this.count) throw new CorruptionError();
    let last = first;
    for (let i = 1; i < count; i++) last = words[this.at(last)]!;
    words[this.at(last)] = words[base + Shard.free]!;
    words[base + Shard.free] = first;
    const free = words[base + Shard.freeCount]! + count;
    if (free >>> 0 > this.count) throw new CorruptionError();
    words[base + Shard.freeCount] = free;
  }

  /**
   * Makes so many blocks available; what was longest unused is forgotten.
   *
   * @returns Whether what had not expired was forgotten, or null when there
   * cannot be so many.
   */
  reserve(count: number, now: number): boolean | null {
    let forcible = false;
    let chances = CHANCES;
    while (this.available < count) {
      const last = this.words[this.base + Shard.tail]!;
      if (last === 0) return null;
      if (!this.isExpired(last, now)) {
        const ref = this.ref(last);
        if (this.#bytes[ref] !== 0 && chances-- > 0) {
          this.#bytes[ref] = 0;
          this.toHead(last);
          continue;
        }
        forcible = true;
        this.doubles[this.base + Shard.evictions >> 1]! += 1;
      }
      this.remove(last);
    }
    return forcible;
  }

  /**
   * As `reserve`, but forgets nothing that has not expired.
   *
   * @param keep An entry that stays, even if it has.
   */
  reserveSafe(count: number, now: number, keep = 0): boolean {
    let entry = this.words[this.base + Shard.tail]!;
    let passed = 0;
    for (let steps = 0; entry !== 0 && this.available < count; steps++) {
      if (passed > CHANCES || steps > this.count) break;
      const previous = this.words[this.at(entry) + Entry.previous]!;
      if (entry !== keep && this.isExpired(entry, now)) this.remove(entry);
      else passed++;
      entry = previous;
    }
    return this.available >= count;
  }

  /**
   * Whether so few blocks are left that what expired has to go. While there
   * are enough it stays: somebody may ask for what is stale.
   */
  get isShort(): boolean {
    return this.available < this.count >> 3;
  }

  /** Drops up to so many of the longest unused that expired. */
  sweep(now: number, most: number): void {
    for (let i = 0; i < most; i++) {
      const last = this.words[this.base + Shard.tail]!;
      if (last === 0 || !this.isExpired(last, now)) return;
      this.remove(last);
    }
  }

  isExpired(entry: number, now: number): boolean {
    const at = this.doubles[this.at(entry) + Entry.expiresAt >> 1]!;
    return at !== 0 && at <= now;
  }

  isList(entry: number): boolean {
    const meta = this.words[this.at(entry) + Entry.meta]!;
    return (meta & TYPE_MASK) === Type.list;
  }

  /** Links an entry into its bucket and to the head. */
  insert(entry: number): void {
    const { words } = this;
    const at = this.at(entry);
    const bucket = this.bucket(words[at + Entry.hash1]!);
    words[at + Entry.chain] = words[bucket]!;
    words[bucket] = entry;
    this.#bytes[this.ref(entry)] = 0;
    this.#link(entry, at);
    words[this.base + Shard.count] = words[this.base + Shard.count]! + 1;
  }

  /** Unlinks an entry, and gives its blocks back. */
  remove(entry: number): void {
    const { words } = this;
    const at = this.at(entry);
    let link = this.bucket(words[at + Entry.hash1]!);
    for (let steps = 0; words[link] !== entry; steps++) {
      if (steps > this.count) throw new CorruptionError();
      link = this.at(words[link]!) + Entry.chain;
    }
    words[link] = words[at + Entry.chain]!;
    this.#unlink(at);
    if (this.isList(entry)) this.giveElements(at);
    words[this.base + Shard.count] = words[this.base + Shard.count]! - 1;
    this.give(entry, words[at + Entry.blocks]!);
  }

  /** Blocks of all elements of an entry; only a list has any. */
  elementBlocks(entry: number): number {
    if (entry === 0 || !this.isList(entry)) return 0;
    const { words } = this;
    let element = words[this.at(entry) + Entry.number]!;
    let blocks = 0;
    for (let steps = 0; element !== 0; steps++) {
      if (steps > this.count) throw new CorruptionError();
      const place = this.at(element);
      blocks += words[place + Element.blocks]!;
      element = words[place + Element.following]!;
    }
    return blocks;
  }

  /** Gives back all elements of a list. */
  giveElements(at: number): void {
    const { words } = this;
    let element = words[at + Entry.number]!;
    for (let steps = 0; element !== 0; steps++) {
      if (steps > this.count) throw new CorruptionError();
      const place = this.at(element);
      const following = words[place + Element.following]!;
      this.give(element, words[place + Element.blocks]!);
      element = following;
    }
  }

  /** Makes an entry the newest. */
  toHead(entry: number): void {
    if (this.words[this.base + Shard.head] === entry) return;
    const at = this.at(entry);
    this.#unlink(at);
    this.#link(entry, at);
  }

  #link(entry: number, at: number): void {
    const { words, base } = this;
    const head = words[base + Shard.head]!;
    words[at + Entry.previous] = 0;
    words[at + Entry.following] = head;
    if (head === 0) words[base + Shard.tail] = entry;
    else words[this.at(head) + Entry.previous] = entry;
    words[base + Shard.head] = entry;
  }

  #unlink(at: number): void {
    const { words, base } = this;
    const previous = words[at + Entry.previous]!;
    const following = words[at + Entry.following]!;
    if (previous === 0) words[base + Shard.head] = following;
    else words[this.at(previous) + Entry.following] = following;
    if (following === 0) words[base + Shard.tail] = previous;
    else words[this.at(following) + Entry.previous] = previous;
  }
}
