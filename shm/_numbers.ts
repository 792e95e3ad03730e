import { Entry, Type, TYPE_MASK } from "./_layout.ts";
import { failed, type IncrResult } from "./_results.ts";
import type { Store } from "./_store.ts";

/**
 * Adds to the number of a key.
 *
 * @param init The number where there is none; without it "not found".
 * @param expiresAt When a number that begins so expires.
 */
export function increment(
  store: Store,
  key: string,
  by: number,
  init: number | undefined,
  expiresAt: number,
): IncrResult {
  store.seek(key);
  return store.locked((entries): IncrResult => {
    const { words, doubles, scratch } = entries;
    const entry = entries.find();
    const at = entry === 0 ? 0 : entries.at(entry);
    // Most are for ever: the clock is not asked for those.
    const isThere = entry !== 0 &&
      (doubles[at + Entry.expiresAt >> 1] === 0 ||
        !entries.isExpired(entry, Date.now()));
    if (isThere) {
      if ((words[at + Entry.meta]! & TYPE_MASK) !== Type.number) {
        return failed("not a number");
      }
      const value = doubles[at + Entry.number >> 1]! + by;
      doubles[at + Entry.number >> 1] = value;
      entries.mark(entry);
      store.changed();
      return { ok: true, value, forcible: false };
    }
    if (init === undefined) return failed("not found");
    const value = init + by;
    scratch.type = Type.number;
    scratch.number = value;
    scratch.valueBytes = 0;
    const result = store.putLocked(entries, {
      mode: "set",
      isSafe: false,
      expiresAt,
      flags: 0,
    });
    return result.ok ? { ...result, value } : result;
  });
}
