import { ShardBlocks } from "./_blocks.ts";
import { BLOCK, Entry, TYPE_MASK, WIDE_KEY } from "./_layout.ts";
import type { Memory } from "./_memory.ts";
import type { Scratch } from "./_scratch.ts";

/** Blocks for so many words of payload, where the first holds so many. */
export function blocksFor(words: number, inFirst: number): number {
  return words <= inFirst ? 1 : 1 + Math.ceil((words - inFirst) / (BLOCK - 1));
}

/** Entries of a shard whose lock is held, by the key in a scratch. */
export class Entries extends ShardBlocks {
  readonly scratch: Scratch;
  /** The most blocks of an entry: a quarter of a shard. */
  readonly most: number;

  constructor(memory: Memory, scratch: Scratch) {
    super(memory);
    this.scratch = scratch;
    this.most = Math.max(1, this.count >> 2);
  }

  /** The entry of the key, whether it expired or not; 0 when there is none. */
  find(): number {
    const { words, scratch } = this;
    let entry = words[this.bucket(scratch.hash1)]!;
    for (let steps = 0; entry !== 0; steps++) {
      const at = this.at(entry);
      if (
        words[at + Entry.hash1] === scratch.hash1 &&
        words[at + Entry.hash2] === scratch.hash2 &&
        words[at + Entry.keyBytes] === scratch.keyBytes &&
        (words[at + Entry.meta]! & WIDE_KEY) === scratch.keyMeta &&
        this.#hasKey(at)
      ) return entry;
      if (steps > this.count) this.at(0);
      entry = words[at + Entry.chain]!;
    }
    return 0;
  }

  #hasKey(at: number): boolean {
    const { words } = this;
    const { words: key, keyWords } = this.scratch;
    let place = at + Entry.payload;
    let end = at + BLOCK;
    let block = words[at + Entry.next]!;
    for (let i = 0; i < keyWords; i++) {
      if (place === end) {
        const start = this.at(block);
        block = words[start]!;
        place = start + 1;
        end = start + BLOCK;
      }
      if (words[place++] !== key[i]) return false;
    }
    return true;
  }

  /** Blocks that key and value in the scratch take. */
  needed(): number {
    const { keyWords, valueBytes } = this.scratch;
    return blocksFor(keyWords + (valueBytes + 3 >> 2), BLOCK - Entry.payload);
  }

  /** Writes what is in the scratch to an entry of enough blocks. */
  write(
    entry: number,
    blocks: number,
    expiresAt: number,
    flags: number,
  ): void {
    const { words, scratch } = this;
    const at = this.at(entry);
    words[at + Entry.hash1] = scratch.hash1;
    words[at + Entry.hash2] = scratch.hash2;
    words[at + Entry.meta] = scratch.type | scratch.keyMeta;
    words[at + Entry.keyBytes] = scratch.keyBytes;
    words[at + Entry.valueBytes] = scratch.valueBytes;
    words[at + Entry.blocks] = blocks;
    words[at + Entry.flags] = flags;
    words[at + Entry.length] = 0;
    this.doubles[at + Entry.expiresAt >> 1] = expiresAt;
    this.doubles[at + Entry.number >> 1] = scratch.number;
    const count = scratch.keyWords + (scratch.valueBytes + 3 >> 2);
    this.copyIn(at, Entry.payload, 0, count);
  }

  /** Copies words of the scratch into a chain whose first block is at `at`. */
  copyIn(at: number, payload: number, from: number, count: number): void {
    const { words } = this;
    const source = this.scratch.words;
    let place = at + payload;
    let left = Math.min(count, BLOCK - payload);
    let block = words[at]!;
    let i = from;
    const end = from + count;
    while (true) {
      for (; left > 0; left--) words[place++] = source[i++]!;
      if (i === end) return;
      const start = this.at(block);
      block = words[start]!;
      place = start + 1;
      left = Math.min(end - i, BLOCK - 1);
    }
  }

  /** Copies the payload of a chain, past some words, to a scratch's start. */
  copyOut(
    at: number,
    payload: number,
    skip: number,
    count: number,
    to: Scratch,
  ): void {
    to.reserveWords(count);
    const { words } = this;
    const target = to.words;
    let place = at + payload + skip;
    let end = at + BLOCK;
    let block = words[at]!;
    let i = 0;
    while (true) {
      while (place >= end) {
        if (i === count) return;
        const over = place - end;
        const start = this.at(block);
        block = words[start]!;
        place = start + 1 + over;
        end = start + BLOCK;
      }
      const stop = Math.min(count, i + end - place);
      while (i < stop) target[i++] = words[place++]!;
      if (i === count) return;
    }
  }

  /** Reads all of an entry but its key. */
  readValue(entry: number, to: Scratch): void {
    const { words } = this;
    const at = this.at(entry);
    to.type = words[at + Entry.meta]! & TYPE_MASK;
    to.flags = words[at + Entry.flags]!;
    to.number = this.doubles[at + Entry.number >> 1]!;
    to.expiresAt = this.doubles[at + Entry.expiresAt >> 1]!;
    const valueBytes = this.bytesOf(at + Entry.valueBytes);
    to.valueBytes = valueBytes;
    const keyWords = this.bytesOf(at + Entry.keyBytes) + 3 >> 2;
    const count = valueBytes + 3 >> 2;
    if (count > 0) this.copyOut(at, Entry.payload, keyWords, count, to);
  }
}
