import { CorruptionError } from "./_blocks.ts";
import type { Entries } from "./_entries.ts";
import { Shard } from "./_layout.ts";
import { acquire, release, wipe } from "./_lock.ts";
import type { Memory } from "./_memory.ts";
import type { Scratch } from "./_scratch.ts";

/** Tries without the lock. */
const TRIES = 16;

/**
 * Where loads are ordered among themselves a load ends the reading; elsewhere
 * it takes a read-modify-write.
 */
const isOrdered = Deno.build.arch === "x86_64";

/**
 * Reads the entry of the scratch's key, expired or not, as a seqlock does: what
 * was read while somebody wrote is thrown away. Readers wait for nobody, dead
 * writers included; after some tries they take the lock.
 *
 * @returns The entry, or 0 when there is none.
 */
export function readEntry(m: Memory, entries: Entries, to: Scratch): number {
  const { base } = entries;
  const { words } = m;
  for (let i = 0; i < TRIES; i++) {
    const seq = Atomics.load(words, base + Shard.seq);
    if ((seq & 1) !== 0) {
      Atomics.pause();
      continue;
    }
    const entry = attempt(entries, to);
    const after = isOrdered
      ? Atomics.load(words, base + Shard.seq)
      : Atomics.add(words, base + Shard.seq, 0);
    if (entry < 0 || after !== seq) continue;
    // Somebody wrote without the lock: what stands there may be mixed.
    if (Atomics.load(words, base + Shard.dirty) !== 0) break;
    if (entry > 0) entries.mark(entry);
    return entry;
  }
  return readLocked(m, entries, to);
}

function attempt(entries: Entries, to: Scratch): number {
  try {
    const entry = entries.find();
    if (entry !== 0) entries.readValue(entry, to);
    return entry;
  } catch (error) {
    if (error instanceof CorruptionError) return -1;
    throw error;
  }
}

function readLocked(m: Memory, entries: Entries, to: Scratch): number {
  acquire(m, entries.base);
  try {
    const entry = attempt(entries, to);
    if (entry >= 0) return entry;
    wipe(m, entries.base);
    return 0;
  } finally {
    release(m, entries.base);
  }
}
