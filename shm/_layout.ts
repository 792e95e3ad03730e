/**
 * Where what lies in a memory; the picture is in LAYOUT.md. All places are
 * counted in words of 32 bits, blocks from 1, so that 0 is none.
 */

/** "ORSH" as a word. */
export const MAGIC = 0x4f525348;
/** Raised with every change that an older reader would misread. */
export const LAYOUT_VERSION = 1;

/** Words of the segment's header. */
export const Header = {
  magic: 0,
  version: 1,
  words: 2,
  shards: 3,
  shardWords: 4,
  buckets: 5,
  blocks: 6,
  nextIsolate: 7,
  /** Milliseconds since 1970, as a double. */
  createdAt: 8,
  /** 64 random bits. */
  id: 10,
  seed: 12,
  namespaces: 13,
  tags: 14,
  tagCount: 15,
  versions: 16,
  versionCount: 17,
  firstShard: 18,
  /** How many wait for a word to change, in all isolates. */
  waiters: 19,
  /** Reads that found something, and that did not, of 64 bits each. */
  hits: 20,
  misses: 22,
  size: 64,
} as const;

/** Slots of namespaces, of four words each: two hashes, epoch, spare. */
export const NAMESPACES = 256;
export const NAMESPACE_WORDS = 4;

/** Words of a shard's header. */
export const Shard = {
  /** Isolate id << 1 | whether somebody waits. */
  lock: 0,
  /** Odd while somebody writes. */
  seq: 1,
  free: 2,
  freeCount: 3,
  /** The first block that never was used. */
  bump: 4,
  head: 5,
  tail: 6,
  count: 7,
  dirty: 8,
  steals: 9,
  /** A double. */
  evictions: 10,
  wipes: 12,
  size: 32,
} as const;

/** Words of a block. */
export const BLOCK = 32;

/** Words of an entry's first block. */
export const Entry = {
  next: 0,
  chain: 1,
  previous: 2,
  following: 3,
  hash1: 4,
  hash2: 5,
  /** Type of the value, and whether the key is UTF-16. */
  meta: 6,
  keyBytes: 7,
  valueBytes: 8,
  /** Blocks of it. */
  blocks: 9,
  /** Milliseconds since 1970, as a double; 0 is never. */
  expiresAt: 10,
  /** The number itself, as a double; of a list its first and last element. */
  number: 12,
  flags: 14,
  /** Elements of a list. */
  length: 15,
  payload: 16,
} as const;

/** Words of an element's first block. */
export const Element = {
  next: 0,
  following: 1,
  previous: 2,
  valueBytes: 3,
  meta: 4,
  blocks: 5,
  number: 6,
  payload: 8,
} as const;

/** What a value is. */
export const Type = {
  string: 1,
  /** A string that UTF-8 cannot hold. */
  string16: 2,
  number: 3,
  true: 4,
  false: 5,
  null: 6,
  bytes: 7,
  json: 8,
  custom: 9,
  list: 10,
} as const;
export const TYPE_MASK = 0xf;
/** Bit of `meta`: the key is UTF-16. */
export const WIDE_KEY = 0x10;

/** The parts of a memory of so many bytes. */
export interface Geometry {
  readonly words: number;
  readonly shards: number;
  readonly shardWords: number;
  readonly buckets: number;
  readonly blocks: number;
  readonly namespaces: number;
  readonly tags: number;
  readonly tagCount: number;
  readonly versions: number;
  readonly versionCount: number;
  readonly firstShard: number;
}

/** The least bytes of a memory. */
export const LEAST_BYTES = 65_536;
/** The most: places are words of 31 bits, and the engine's limit is below. */
export const MOST_BYTES = 4_294_967_168;
/** The most shards; each has 32 KiB at least. */
export const MOST_SHARDS = 64;
const LEAST_SHARD_BYTES = 32_768;

/** Shards that a memory of so many bytes gets when nobody says. */
export function usualShards(bytes: number): number {
  return clamp(powerBelow(bytes / 4_194_304), 1, 32);
}

/** The most shards that a memory of so many bytes can have. */
export function mostShards(bytes: number): number {
  return clamp(powerBelow(bytes / LEAST_SHARD_BYTES), 1, MOST_SHARDS);
}

/** Divides a memory. */
export function geometryOf(bytes: number, shards: number): Geometry {
  const words = Math.floor(bytes / 128) * BLOCK;
  const versionCount = clamp(powerBelow(bytes / 1024), 64, 65_536);
  const tagCount = clamp(powerBelow(bytes / 4096), 256, 4096);
  const namespaces = Header.size;
  const tags = namespaces + NAMESPACES * NAMESPACE_WORDS;
  const versions = tags + tagCount;
  const firstShard = align(versions + versionCount);
  const shardWords = Math.floor((words - firstShard) / shards / BLOCK) * BLOCK;
  const guess = Math.floor((shardWords - Shard.size) / BLOCK);
  const buckets = powerBelow(guess / 2);
  let blocks = guess;
  while (blockBase(buckets, blocks) + blocks * BLOCK > shardWords) blocks--;
  return {
    words,
    shards,
    shardWords,
    buckets,
    blocks,
    namespaces,
    tags,
    tagCount,
    versions,
    versionCount,
    firstShard,
  };
}

/** Where the bytes stand, from a shard's start, that say what was used. */
export function refBase(buckets: number): number {
  return Shard.size + buckets;
}

/** Where blocks begin, from a shard's start. */
export function blockBase(buckets: number, blocks: number): number {
  return align(refBase(buckets) + Math.ceil((blocks + 1) / 4));
}

function align(words: number): number {
  return Math.ceil(words / BLOCK) * BLOCK;
}

function powerBelow(value: number): number {
  return value < 1 ? 1 : 2 ** Math.floor(Math.log2(value));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
