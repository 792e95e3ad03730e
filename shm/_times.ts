import { Entry } from "./_layout.ts";
import { type DictResult, done, failed } from "./_results.ts";
import type { Store } from "./_store.ts";

/** Seconds that a key has; 0 is for ever, undefined when it is not there. */
export function timeLeft(store: Store, key: string): number | undefined {
  if (store.read(key) === 0) return undefined;
  const { expiresAt } = store.out;
  if (expiresAt === 0) return 0;
  const left = (expiresAt - Date.now()) / 1000;
  return left > 0 ? left : undefined;
}

/** Gives an entry that has not expired another end. */
export function expireAt(
  store: Store,
  key: string,
  expiresAt: number,
): DictResult {
  store.seek(key);
  return store.locked((entries) => {
    const entry = entries.find();
    if (entry === 0 || entries.isExpired(entry, Date.now())) {
      return failed("not found");
    }
    entries.doubles[entries.at(entry) + Entry.expiresAt >> 1] = expiresAt;
    store.changed();
    return done(false);
  });
}

/** Lets an entry have expired, and keeps it. */
export function makeStale(store: Store, key: string): DictResult {
  store.seek(key);
  return store.locked((entries) => {
    const now = Date.now();
    const entry = entries.find();
    if (entry !== 0 && !entries.isExpired(entry, now)) {
      entries.doubles[entries.at(entry) + Entry.expiresAt >> 1] = now;
    }
    // Also where it is not here any more: others may have a copy.
    store.changed();
    return entry === 0 ? failed("not found") : done(false);
  });
}
