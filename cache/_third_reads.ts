import { least } from "./_context.ts";
import type { FirstTier } from "./_first_tier.ts";
import { FAILED, type GuardedTier } from "./_guarded_tier.ts";
import { readTags } from "./_held_lock.ts";
import type { Lease } from "./_marks.ts";
import { decodeRecord } from "./_record.ts";
import type { SecondTier } from "./_second_tier.ts";
import type { Settings } from "./_settings.ts";
import type { Source } from "./events.ts";
import type { CacheSerializer } from "./options.ts";
import type { StoredValue } from "./third_tier.ts";

/** A value, and where it came from. */
export interface Loaded {
  /** As the first tier keeps it. */
  readonly kept: unknown;
  readonly source: Source;
  /** Milliseconds since 1970 until which it is fresh; 0 is for ever. */
  readonly freshUntil: number;
}

/** What reads of the third tier need of their cache. */
export interface ThirdReadParts {
  readonly first: FirstTier;
  readonly second: SecondTier;
  readonly third: GuardedTier | undefined;
  readonly serializer: CacheSerializer | undefined;
  readonly now: () => number;
}

/** Takes values of the third tier into the tiers before it. */
export class ThirdReads {
  readonly #parts: ThirdReadParts;
  /** Whether a value had tags: the next load may find some too. */
  usesTags = false;

  constructor(parts: ThirdReadParts) {
    this.#parts = parts;
  }

  /** Whether there is a third tier. */
  get isThere(): boolean {
    return this.#parts.third !== undefined;
  }

  /** Reads a value, loading nothing. */
  async read(
    key: string,
    settings: Settings,
    lease?: Lease,
  ): Promise<Loaded | undefined> {
    const { third, second } = this.#parts;
    if (third === undefined) return undefined;
    const mine = lease ?? second.watch(key);
    const values = await third.call(
      "read",
      settings.suppressL3Errors,
      key,
      (epoch) => third.tier.read([key], epoch),
    );
    const value = values === FAILED ? undefined : values[0];
    if (value === undefined || value.fresh <= 0) return undefined;
    return await this.take(key, value, settings, mine);
  }

  /** Reads values at once. */
  async readMany(
    keys: readonly string[],
    settings: Settings,
  ): Promise<Map<string, Loaded>> {
    const { third, second } = this.#parts;
    const found = new Map<string, Loaded>();
    if (third === undefined || keys.length === 0) return found;
    const leases = keys.map((key) => second.watch(key));
    const values = await third.call(
      "read",
      settings.suppressL3Errors,
      undefined,
      (epoch) => third.tier.read(keys, epoch),
    );
    if (values === FAILED) return found;
    for (const [i, key] of keys.entries()) {
      const value = values[i];
      if (value === undefined || value.fresh <= 0 || third.owes(key)) continue;
      const loaded = await this.take(key, value, settings, leases[i]!);
      if (loaded !== undefined) found.set(key, loaded);
    }
    return found;
  }

  /**
   * Takes a fresh value.
   *
   * @returns Undefined when a tag of it was deleted, or it is of another format.
   */
  async take(
    key: string,
    stored: StoredValue,
    settings: Settings,
    lease: Lease,
  ): Promise<Loaded | undefined> {
    const { second, first, serializer, now } = this.#parts;
    const record = decodeRecord(stored.data, serializer);
    if (record === undefined) return undefined;
    const { value, loadMs, tags } = record;
    const names = tags.map(([name]) => name);
    if (names.length > 0) {
      this.usesTags = true;
      const versions = await readTags(this.#parts.third!, names, settings);
      if (versions === undefined) return undefined;
      if (tags.some(([, version], i) => versions[i + 1] !== version)) {
        return undefined;
      }
    }
    const ttl = value === null ? settings.negTtl : settings.ttl;
    const left = stored.fresh === Infinity ? 0 : stored.fresh;
    const fresh = least(ttl, left);
    const freshUntil = fresh === 0 ? 0 : now() + fresh * 1000;
    const result = second.commit(
      lease,
      value,
      { freshUntil, window: settings.window },
      loadMs,
      names,
    );
    const kept = first.prepare(value, true);
    if (result.state !== "changed") {
      const part = { freshUntil, loadMs, tags: second.tagged(names) };
      first.keep(key, kept, part, result.mark);
    }
    return { kept, source: "l3", freshUntil };
  }

  /** Keeps a stale value, for a load that may fail. */
  adoptStale(
    key: string,
    stored: StoredValue | undefined,
    { window }: Settings,
    lease: Lease,
  ): void {
    const { second, serializer, now } = this.#parts;
    if (stored === undefined || window === 0 || stored.fresh > 0) return;
    if (second.read(key) !== undefined) return;
    const record = decodeRecord(stored.data, serializer);
    // Whether its tags are good still would take another question.
    if (record === undefined || record.tags.length > 0) return;
    const freshUntil = now() + stored.fresh * 1000;
    const keep = { freshUntil, window };
    second.adopt(lease, record.value, keep, record.loadMs, []);
  }
}
