import type { Breaker } from "./_breaker.ts";
import { type BusMessage, counterNames } from "./_bus_message.ts";
import type { CacheEvent } from "./events.ts";
import type { ThirdTier } from "./third_tier.ts";

/** Changes that a dead third tier may owe; beyond them all of it is forgotten. */
const MOST_OWED = 10_000;

/** Why a call to the third tier gave nothing. */
export const FAILED: unique symbol = Symbol("failed");
export type Failed = typeof FAILED;

/** What the guard of a third tier needs of its cache. */
export interface GuardedTierParts {
  readonly breaker: Breaker;
  readonly emit: (event: CacheEvent) => void;
  /** Changes when this process purged the cache, or may have missed a purge. */
  readonly stamp: () => number;
  /** What names this process in messages. */
  readonly origin: () => string;
  /** Is given what was owed and is told now, for the memory of this process. */
  readonly told: (message: BusMessage) => void;
}

/**
 * The third tier behind a breaker. What could not be said to it is owed, and
 * made up for before the key is asked for again: nothing that was deleted while
 * it was away comes back.
 */
export class GuardedTier {
  readonly tier: ThirdTier;
  readonly #parts: GuardedTierParts;
  /** Whether they were forgotten here, and not set to something else. */
  readonly #owedKeys: Map<string, boolean> = new Map();
  readonly #owedTags: Set<string> = new Set();
  #owesPurge = false;
  #isPaying = false;
  #epoch = 0;
  /** The stamp of this process at which the tier's epoch was read. */
  #epochFor: number | undefined;

  constructor(tier: ThirdTier, parts: GuardedTierParts) {
    this.tier = tier;
    this.#parts = parts;
  }

  /** A message as it is told. */
  text(message: BusMessage): string {
    return JSON.stringify({ ...message, origin: this.#parts.origin() });
  }

  /**
   * Makes a call, when the breaker lets it.
   *
   * @param isSuppressed Whether a failure is no error.
   * @param key What it is about: owed changes of it are made up for first.
   * @param run Is given the epoch.
   */
  async call<T>(
    operation: string,
    isSuppressed: boolean,
    key: string | undefined,
    run: (epoch: number) => Promise<T>,
  ): Promise<T | Failed> {
    if (!this.#parts.breaker.mayCall()) {
      if (isSuppressed) return FAILED;
      throw new Error(
        `Cannot ${operation} in ${this.tier.kind}: it failed too often, and is ` +
          `left alone for a while`,
      );
    }
    try {
      if (this.#owesPurge) await this.#payPurge();
      if (this.#owedTags.size > 0) await this.#payTags();
      if (key !== undefined && this.#owedKeys.has(key)) {
        await this.tier.remove(
          [key],
          this.text({ kind: "delete", keys: [key] }),
        );
        this.#owedKeys.delete(key);
      }
      const result = await run(await this.#currentEpoch());
      this.#parts.breaker.succeeded();
      if (this.#owedKeys.size > 0) void this.#payKeys();
      return result;
    } catch (error) {
      this.#parts.breaker.failed();
      this.#parts.emit({ type: "l3_error", operation, error });
      if (isSuppressed) return FAILED;
      throw error;
    }
  }

  async #currentEpoch(): Promise<number> {
    const stamp = this.#parts.stamp();
    if (this.#epochFor !== stamp) {
      const [epoch] = await this.tier.counters(["epoch"]);
      this.#epoch = epoch!;
      this.#epochFor = stamp;
    }
    return this.#epoch;
  }

  /** Reads the epoch before the first call needs it. */
  async warmUp(): Promise<void> {
    await this.call("read the epoch", true, undefined, () => Promise.resolve());
  }

  /**
   * A change of keys could not be told.
   *
   * @param isGone Whether this process has no value of them that is right.
   */
  owe(keys: readonly string[], isGone: boolean): void {
    for (const key of keys) this.#owedKeys.set(key, isGone);
    if (this.#owedKeys.size <= MOST_OWED) return;
    this.#owedKeys.clear();
    this.#owesPurge = true;
  }

  /** Keys were changed after all. */
  forgive(keys: readonly string[]): void {
    for (const key of keys) this.#owedKeys.delete(key);
  }

  /** Whether a change of a key is owed: what the tier has of it is wrong. */
  owes(key: string): boolean {
    return this.#owesPurge || this.#owedKeys.has(key);
  }

  /** Deleted tags could not be told. */
  oweTags(tags: readonly string[]): void {
    for (const tag of tags) this.#owedTags.add(tag);
    if (this.#owedTags.size <= MOST_OWED) return;
    this.#owedTags.clear();
    this.#owesPurge = true;
  }

  /** A purge could not be told. */
  owePurge(): void {
    this.#owesPurge = true;
  }

  async #payPurge(): Promise<void> {
    await this.tier.raise(["epoch"], this.text({ kind: "purge" }));
    this.#owesPurge = false;
    this.#owedKeys.clear();
    this.#owedTags.clear();
    // All isolates have to ask for the epoch anew.
    this.#parts.told({ kind: "purge" });
  }

  async #payTags(): Promise<void> {
    const tags = [...this.#owedTags];
    const message: BusMessage = { kind: "tags", tags };
    await this.tier.raise(counterNames(tags), this.text(message));
    for (const tag of tags) this.#owedTags.delete(tag);
    this.#parts.told(message);
  }

  async #payKeys(): Promise<void> {
    if (this.#isPaying) return;
    this.#isPaying = true;
    const keys = [...this.#owedKeys.keys()];
    const gone = keys.filter((key) => this.#owedKeys.get(key));
    try {
      await this.tier.remove(keys, this.text({ kind: "delete", keys }));
      // Until then they are owed: who asks for one meanwhile tells it first.
      this.forgive(keys);
      // Another isolate, which owes nothing, may have read the old values.
      this.#parts.told({ kind: "delete", keys: gone });
    } catch (error) {
      this.#parts.breaker.failed();
      this.#parts.emit({ type: "l3_error", operation: "make up", error });
    } finally {
      this.#isPaying = false;
    }
  }
}
