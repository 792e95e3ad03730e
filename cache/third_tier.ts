/** A value of the third tier. */
export interface StoredValue {
  /** What the cache wrote; the tier does not look into it. */
  readonly data: Uint8Array<ArrayBuffer>;
  /**
   * Seconds until it is stale, by the clock of the tier; negative when it is,
   * `Infinity` when it never will be.
   */
  readonly fresh: number;
}

/** A value on its way to the third tier. */
export interface NewValue {
  /** What is written; the tier does not look into it. */
  readonly data: Uint8Array;
  /** Seconds until it is stale; 0 is never. */
  readonly fresh: number;
  /** Seconds that it is kept after that, for loads that fail. */
  readonly grace: number;
}

/**
 * What a host finds that needs a value: it is there and fresh; or it is not,
 * and the lock is this host's now, with a number that only grows (a fence); or
 * another host has the lock, for so many seconds at most. `value` may be stale.
 */
export type Claim =
  | { readonly state: "fresh"; readonly value: StoredValue }
  | {
    readonly state: "mine";
    readonly value: StoredValue | undefined;
    readonly fence: number;
  }
  | {
    readonly state: "taken";
    readonly value: StoredValue | undefined;
    readonly wait: number;
  };

/** What hosts tell each other, as text. */
export interface TierListener {
  /** Something was told by a host, this one included. */
  message(text: string): void;
  /**
   * The connection is there again: what was told for so many seconds is lost.
   */
  gap(seconds: number): void;
}

/**
 * Memory that all hosts share, of one cache. Every call may be refused, and is
 * bounded in time by the tier. Values written under another epoch than the one
 * asked for are none.
 */
export interface ThirdTier {
  /** What it is called in errors and events: "redis", "mongo". */
  readonly kind: string;

  /** Reads values, in the order of their keys. */
  read(
    keys: readonly string[],
    epoch: number,
  ): Promise<(StoredValue | undefined)[]>;

  /**
   * Reads, and takes the lock where no fresh value is, in one step.
   *
   * @param token Says whose lock it is.
   * @param life Seconds until a lock that nobody renews is free again.
   * @param isForced Whether a fresh value does not count.
   */
  claim(
    key: string,
    epoch: number,
    token: string,
    life: number,
    isForced: boolean,
  ): Promise<Claim>;

  /** Keeps a lock for longer; false when it is no more this token's. */
  renew(key: string, token: string, life: number): Promise<boolean>;

  /**
   * Writes if the lock is still this token's, and gives it back; then tells
   * `message`.
   *
   * @returns Whether it was written.
   */
  commit(
    key: string,
    epoch: number,
    token: string,
    value: NewValue,
    message: string,
  ): Promise<boolean>;

  /** Gives a lock back without a value, and tells `message`. */
  release(key: string, token: string, message: string): Promise<void>;

  /**
   * Writes whatever is there, and takes the lock away from loads that run;
   * then tells `message`, unless it is empty.
   */
  write(
    key: string,
    epoch: number,
    value: NewValue,
    message: string,
  ): Promise<void>;

  /**
   * Forgets keys, and takes the locks away from loads that run; then tells
   * `message`, unless it is empty.
   */
  remove(keys: readonly string[], message: string): Promise<void>;

  /**
   * Makes a fresh value stale after so many seconds from now (0 is now),
   * keeping it for `grace` after that; then tells `message`. A load that runs
   * loses its lock.
   */
  expire(
    key: string,
    fresh: number,
    grace: number,
    message: string,
  ): Promise<void>;

  /** Reads counters that only grow; one that was never raised is 0. */
  counters(names: readonly string[]): Promise<number[]>;

  /** Raises counters by one, gives what they are, and tells `message`. */
  raise(names: readonly string[], message: string): Promise<number[]>;

  /**
   * Listens to what hosts tell. A tier without such a way gives undefined: its
   * hosts find out when values expire, and waiters look again and again.
   *
   * @returns A function that ends it.
   */
  subscribe(
    listener: TierListener,
  ): Promise<(() => Promise<void>) | undefined>;

  /** Lets go of it; a client that was handed in stays open. */
  close(): Promise<void>;
}

/** A store that caches open by their names. */
export interface ThirdTierStore {
  /** The part of the store that belongs to a cache. */
  open(name: string): ThirdTier;
}
