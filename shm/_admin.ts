import { Entry, Shard, WIDE_KEY } from "./_layout.ts";
import type { Entries } from "./_entries.ts";
import type { Store } from "./_store.ts";

/**
 * Calls a function with the entries of a shard, from the newest to the one
 * longest unused, until it gives false. It may remove the entry.
 */
function walk(entries: Entries, visit: (entry: number) => boolean): void {
  const { words, base } = entries;
  let entry = words[base + Shard.head]!;
  for (let steps = 0; entry !== 0; steps++) {
    // More than there can be: they go in a circle.
    if (steps > entries.count) entries.at(0);
    const following = words[entries.at(entry) + Entry.following]!;
    if (!visit(entry)) return;
    entry = following;
  }
}

/** Lets every entry have expired. */
export function flushAll(store: Store): void {
  // Before, so that no store for an older version comes into a shard that is
  // done; and after, for copies that were taken from one that was not.
  store.memory.raiseAll();
  const now = Date.now();
  for (const _base of store.shards()) {
    store.locked((entries) =>
      walk(entries, (entry) => {
        if (!entries.isExpired(entry, now)) {
          entries.doubles[entries.at(entry) + Entry.expiresAt >> 1] = now;
        }
        return true;
      })
    );
  }
  store.memory.raiseAll();
}

/**
 * Forgets entries that expired; 0 is all.
 *
 * @returns How many there were.
 */
export function flushExpired(store: Store, most: number): number {
  let flushed = 0;
  for (const _base of store.shards()) {
    const now = Date.now();
    const before = flushed;
    store.locked((entries) => {
      flushed = before; // it is done again when the shard had to be wiped
      walk(entries, (entry) => {
        if (most !== 0 && flushed >= most) return false;
        if (entries.isExpired(entry, now)) {
          entries.remove(entry);
          flushed++;
        }
        return true;
      });
    });
  }
  return flushed;
}

/** Keys of entries that have not expired; 0 is all. */
export function keysOf(store: Store, most: number): string[] {
  const keys: string[] = [];
  const { out } = store;
  const now = Date.now();
  for (const _base of store.shards()) {
    const before = keys.length;
    store.locked((entries) => {
      keys.length = before;
      walk(entries, (entry) => {
        if (most !== 0 && keys.length >= most) return false;
        if (entries.isExpired(entry, now)) return true;
        const { words } = entries;
        const at = entries.at(entry);
        const length = entries.bytesOf(at + Entry.keyBytes);
        entries.copyOut(at, Entry.payload, 0, length + 3 >> 2, out);
        const isWide = (words[at + Entry.meta]! & WIDE_KEY) !== 0;
        keys.push(isWide ? out.utf16(length) : out.latin1(length));
        return true;
      });
    });
  }
  return keys;
}
