import type { CacheRecord } from "./_record.ts";

/** A record, and what says whether a copy of it is still right. */
export interface Found {
  readonly record: CacheRecord;
  readonly isFresh: boolean;
  readonly mark: Mark;
}

/** What a copy of a record is compared with. */
export interface Mark {
  /** Where the version of the key stands, and what it was. */
  readonly slot: number;
  readonly version: number;
  /** What the stamp of the cache was: purges and gaps raise it. */
  readonly stamp: number;
  /** Which memory it was. */
  readonly generation: number;
}

/**
 * The right to store what a load gives: lost when the key is set, deleted or
 * expired meanwhile, by whatever isolate, or the cache purged.
 */
export interface Lease {
  readonly key: string;
  readonly prefix: string;
  /** What stands in memory while the load runs; undefined for a mere look. */
  readonly token: string | undefined;
  /** The key as it was. */
  readonly mark: Mark;
  readonly tagEpoch: number;
}

/** What came of storing. */
export type Stored =
  | { readonly state: "stored" | "too large"; readonly mark: Mark }
  | { readonly state: "changed" };

/** How long a record stays in memory. */
export interface Keep {
  /** Milliseconds since 1970 until which it is fresh; 0 is for ever. */
  readonly freshUntil: number;
  /** Seconds that it may be served after that. */
  readonly window: number;
}
