import { type BusMessage, counterNames } from "./_bus_message.ts";
import { livesOf } from "./_context.ts";
import type { FirstTier } from "./_first_tier.ts";
import { FAILED, type GuardedTier } from "./_guarded_tier.ts";
import { readTags } from "./_held_lock.ts";
import { encodeRecord } from "./_record.ts";
import type { SecondTier } from "./_second_tier.ts";
import type { Settings } from "./_settings.ts";
import type { Tally } from "./_tally.ts";
import type { CacheSerializer } from "./options.ts";
import type { ThirdTier } from "./third_tier.ts";

/** What writes need of their cache. */
export interface WriteParts {
  readonly first: FirstTier;
  readonly second: SecondTier;
  readonly third: GuardedTier | undefined;
  readonly serializer: CacheSerializer | undefined;
  readonly tally: Tally;
  readonly now: () => number;
}

/**
 * Changes of all tiers. The memory of the process is changed at once, and again
 * when the third tier has answered: what another isolate took from it in between
 * is gone then.
 */
export class Writes {
  readonly #parts: WriteParts;

  constructor(parts: WriteParts) {
    this.#parts = parts;
  }

  /**
   * Stores a value.
   *
   * @throws What `l1Serializer` throws, when the other tiers have it.
   */
  async set(key: string, value: unknown, settings: Settings): Promise<void> {
    const { first, second, third, tally, now } = this.#parts;
    const { tags, window } = settings;
    const { l2, l3 } = livesOf(settings, value === null);
    const freshUntil = l2 === 0 ? 0 : now() + l2 * 1000;
    const stored = second.put(key, value, { freshUntil, window }, tags);
    if (stored.state === "too large") tally.emit({ type: "too_large", key });
    const keep = () => {
      if (stored.state === "changed") return;
      const part = { freshUntil, loadMs: 0, tags: second.tagged(tags) };
      first.keep(key, first.prepare(value), part, stored.mark);
    };
    let failure: { readonly error: unknown } | undefined;
    try {
      keep();
    } catch (error) {
      failure = { error };
    }
    tally.emit({ type: "set", key });
    if (third !== undefined && !settings.skipL3Write) {
      await this.#setThird(third, key, value, l3, settings);
      // Another isolate may have been first here, and last there. What is right
      // is there.
      if (
        stored.state === "stored" && !second.isCurrent(stored.mark) &&
        first.get(key) === undefined
      ) second.expireNow(key);
    }
    if (failure !== undefined) throw failure.error;
  }

  async #setThird(
    third: GuardedTier,
    key: string,
    value: unknown,
    fresh: number,
    settings: Settings,
  ): Promise<void> {
    const { tags, kept } = settings;
    const versions = tags.length === 0
      ? []
      : await readTags(third, tags, settings).catch((error) => {
        third.owe([key], false);
        throw error;
      });
    if (versions === undefined) return third.owe([key], false);
    const tagged = tags.map((tag, i) => [tag, versions[i + 1]!] as const);
    const record = { value, loadMs: 0, freshUntil: 0, gap: 0, tags: tagged };
    const data = encodeRecord(record, this.#parts.serializer).slice();
    await this.#tell(
      "set",
      settings,
      [key],
      { kind: "set", keys: [key] },
      (tier, message, epoch) =>
        tier.write(
          key,
          epoch,
          { data, fresh, grace: kept },
          message,
        ),
    );
  }

  /** Forgets keys. */
  async remove(keys: readonly string[], settings: Settings): Promise<void> {
    const { first, second, tally } = this.#parts;
    const remove = () =>
      keys.forEach((key) => {
        second.remove(key);
        first.delete(key);
      });
    remove();
    for (const key of keys) tally.emit({ type: "delete", key });
    if (!this.#reaches(settings) || keys.length === 0) return;
    await this.#tell(
      "delete",
      settings,
      keys,
      { kind: "delete", keys },
      (tier, message) => tier.remove(keys, message),
    );
    remove();
  }

  /** Makes a value stale after so many seconds. */
  async expire(key: string, fresh: number, settings: Settings): Promise<void> {
    const { first, second, tally, now } = this.#parts;
    const { window, kept } = settings;
    const expire = () => {
      second.expire(key, now() + fresh * 1000, window);
      first.delete(key);
    };
    expire();
    tally.emit({ type: "expire", key });
    if (!this.#reaches(settings)) return;
    await this.#tell(
      "expire",
      settings,
      [key],
      { kind: "set", keys: [key] },
      (tier, message) => tier.expire(key, fresh, kept, message),
    );
    expire();
  }

  /** Forgets everything. */
  async purge(settings: Settings): Promise<void> {
    const { first, second, third, tally } = this.#parts;
    second.purge();
    first.clear();
    tally.emit({ type: "purge" });
    if (third === undefined) return;
    const result = await third.call(
      "purge",
      settings.suppressL3Errors,
      undefined,
      () =>
        third.tier.raise(
          ["epoch"],
          settings.skipBusNotify ? "" : third.text({ kind: "purge" }),
        ),
    ).catch((error) => {
      third.owePurge();
      throw error;
    });
    if (result === FAILED) third.owePurge();
    // Isolates that asked the tier for its epoch before have to ask again.
    second.purge();
  }

  /** Forgets what has one of the tags. */
  async removeTags(
    tags: readonly string[],
    settings: Settings,
  ): Promise<void> {
    const { second, third, tally } = this.#parts;
    second.removeTags(tags);
    tally.emit({ type: "delete_by_tag", tags });
    if (third === undefined || settings.skipL3Write) return;
    const result = await third.call(
      "delete by tag",
      settings.suppressL3Errors,
      undefined,
      () =>
        third.tier.raise(
          counterNames(tags),
          settings.skipBusNotify ? "" : third.text({ kind: "tags", tags }),
        ),
    ).catch((error) => {
      third.oweTags(tags);
      throw error;
    });
    if (result === FAILED) third.oweTags(tags);
    second.removeTags(tags);
  }

  #reaches({ skipL3Write }: Settings): boolean {
    return this.#parts.third !== undefined && !skipL3Write;
  }

  /** Tells the third tier of a change of keys, now or when it is back. */
  async #tell(
    operation: string,
    { suppressL3Errors, skipBusNotify }: Settings,
    keys: readonly string[],
    message: BusMessage,
    run: (tier: ThirdTier, message: string, epoch: number) => Promise<void>,
  ): Promise<void> {
    const third = this.#parts.third!;
    const text = skipBusNotify ? "" : third.text(message);
    const isGone = operation !== "set";
    const result = await third.call(
      operation,
      suppressL3Errors,
      undefined,
      (epoch) => run(third.tier, text, epoch),
    ).catch((error) => {
      third.owe(keys, isGone);
      throw error;
    });
    if (result === FAILED) third.owe(keys, isGone);
    else third.forgive(keys);
  }
}
