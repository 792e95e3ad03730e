import type { Store } from "./_store.ts";

/** An entry with what is said of it. */
export interface DictEntry {
  /** What was stored. */
  readonly value: unknown;
  /** The number that was stored with it. */
  readonly flags: number;
  /** Whether it has expired. */
  readonly stale: boolean;
  /** Seconds it still has; 0 is for ever, less than 0 when it has expired. */
  readonly ttl: number;
}

/** Whether an entry that was read is there and has not expired. */
export function isCurrent({ out }: Store, entry: number): boolean {
  return entry !== 0 && (out.expiresAt === 0 || out.expiresAt > Date.now());
}

/** What is said of the entry that was read. */
export function entryOf({ out }: Store): Omit<DictEntry, "value"> {
  const { flags, expiresAt } = out;
  const now = Date.now();
  const stale = expiresAt !== 0 && expiresAt <= now;
  return {
    flags: flags >>> 0,
    stale,
    // Of the very end too: 0 would be for ever.
    ttl: expiresAt === 0 ? 0 : Math.min(
      (expiresAt - now) / 1000,
      stale ? -Number.MIN_VALUE : Infinity,
    ),
  };
}

/**
 * Frees some of what expired, as a read of nginx does; only in a shard that is
 * short of blocks, for somebody may want what is stale.
 */
export function trim(store: Store): void {
  if (!store.entries.isShort) return;
  store.locked((entries) => entries.sweep(Date.now(), 2));
}
