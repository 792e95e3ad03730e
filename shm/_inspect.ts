import { BLOCK, Element, Entry, Header, Shard } from "./_layout.ts";
import type { Entries } from "./_entries.ts";
import type { Store } from "./_store.ts";

/** What a dictionary holds, and what it has done. */
export interface DictStats {
  /** Bytes of the memory. */
  readonly capacity: number;
  /** Bytes of blocks that nothing is in. */
  readonly freeSpace: number;
  /** Parts with a lock each. */
  readonly shards: number;
  /** Entries, expired ones that were not met yet too. */
  readonly entries: number;
  /** Reads that found something, of all isolates; up to 255 each behind. */
  readonly hits: number;
  /** Reads that did not. */
  readonly misses: number;
  /** Entries that were forgotten before they expired. */
  readonly evictions: number;
  /** Locks taken from an owner that died. */
  readonly steals: number;
  /** Shards that lost all, for a dead owner left them torn. */
  readonly wipes: number;
}

/** Adds up the shards. */
export function statsOf(store: Store): DictStats {
  const { words, doubles, buffer, geometry } = store.memory;
  let [free, entries, evictions, steals, wipes] = [0, 0, 0, 0, 0];
  for (const base of store.shards()) {
    free += store.entries.available;
    entries += words[base + Shard.count]!;
    evictions += doubles[base + Shard.evictions >> 1]!;
    steals += Atomics.load(words, base + Shard.steals);
    wipes += Atomics.load(words, base + Shard.wipes);
  }
  const counters = new BigUint64Array(buffer, 0, Header.size / 2);
  return {
    capacity: buffer.byteLength,
    freeSpace: free * BLOCK * 4,
    shards: geometry.shards,
    entries,
    hits: Number(Atomics.load(counters, Header.hits / 2)),
    misses: Number(Atomics.load(counters, Header.misses / 2)),
    evictions,
    steals,
    wipes,
  };
}

/** Adds to the counts of reads; one isolate collects its own for a while. */
export function countReads(
  { memory }: Store,
  hits: number,
  misses: number,
): void {
  const counters = new BigUint64Array(memory.buffer, 0, Header.size / 2);
  Atomics.add(counters, Header.hits / 2, BigInt(hits));
  Atomics.add(counters, Header.misses / 2, BigInt(misses));
}

/** Problems of a shard after which more of them say nothing new. */
const MOST_PROBLEMS = 20;

/** Looks at everything that has to be true of every shard. */
export function problemsOf(store: Store): string[] {
  const problems: string[] = [];
  let number = 0;
  for (const _base of store.shards()) {
    store.locked((entries) => {
      try {
        for (const text of checkShard(entries)) {
          problems.push(`shard ${number}: ${text}`);
        }
      } catch (error) {
        problems.push(`shard ${number}: a place that cannot be; it is wiped`);
        throw error;
      }
    });
    number++;
  }
  return problems;
}

function checkShard(entries: Entries): string[] {
  const { words, base, count } = entries;
  const problems: string[] = [];
  const owners = new Map<number, string>();
  const own = (first: number, blocks: number, owner: string) => {
    if (blocks < 0 || blocks > count) {
      problems.push(`${owner} has ${blocks} blocks`);
      return;
    }
    let block = first;
    for (let i = 0; i < blocks && problems.length <= MOST_PROBLEMS; i++) {
      const other = owners.get(block);
      if (other !== undefined) {
        problems.push(`block ${block} is in ${other} and in ${owner}`);
      }
      owners.set(block, owner);
      block = words[entries.at(block)]!;
    }
  };
  own(words[base + Shard.free]!, words[base + Shard.freeCount]!, "free");
  let entry = words[base + Shard.head]!;
  let previous = 0;
  let found = 0;
  for (; entry !== 0 && found <= count; found++) {
    if (problems.length > MOST_PROBLEMS) return problems;
    const at = entries.at(entry);
    if (words[at + Entry.previous] !== previous) {
      problems.push(`entry ${entry} has another before it than is`);
    }
    own(entry, words[at + Entry.blocks]!, `entry ${entry}`);
    if (!isInBucket(entries, entry)) {
      problems.push(`entry ${entry} is not in its bucket`);
    }
    if (entries.isList(entry)) ownElements(entries, at, own, problems);
    previous = entry;
    entry = words[at + Entry.following]!;
  }
  if (words[base + Shard.tail] !== previous) {
    problems.push("the tail is not it");
  }
  if (words[base + Shard.count] !== found) {
    problems.push(`${found} entries, ${words[base + Shard.count]} counted`);
  }
  const used = Math.max(0, words[base + Shard.bump]! - 1);
  if (owners.size !== used) {
    problems.push(`${owners.size} blocks of ${used} are somewhere`);
  }
  return problems;
}

function ownElements(
  entries: Entries,
  list: number,
  own: (first: number, blocks: number, owner: string) => void,
  problems: string[],
): void {
  const { words } = entries;
  let element = words[list + Entry.number]!;
  let length = 0;
  for (; element !== 0 && length <= entries.count; length++) {
    if (problems.length > MOST_PROBLEMS) return;
    const at = entries.at(element);
    own(element, words[at + Element.blocks]!, `element ${element}`);
    element = words[at + Element.following]!;
  }
  if (length !== words[list + Entry.length]) {
    problems.push(`a list of ${length} says ${words[list + Entry.length]}`);
  }
}

function isInBucket(entries: Entries, entry: number): boolean {
  const { words } = entries;
  const hash = words[entries.at(entry) + Entry.hash1]!;
  let other = words[entries.bucket(hash)]!;
  for (let steps = 0; other !== 0 && steps <= entries.count; steps++) {
    if (other === entry) return true;
    other = words[entries.at(other) + Entry.chain]!;
  }
  return false;
}
