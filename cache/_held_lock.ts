import { counterNames } from "./_bus_message.ts";
import { FAILED, type GuardedTier } from "./_guarded_tier.ts";
import { encodeRecord } from "./_record.ts";
import type { Settings } from "./_settings.ts";
import type { CacheSerializer } from "./options.ts";

/** How long the lock of a host that is gone stands, in seconds. */
export const LOCK_LIFE = 3;

/** The lock of a key in the third tier, while this host has it. */
export class HeldLock {
  readonly #third: GuardedTier;
  readonly #key: string;
  readonly #token: string;
  readonly #serializer: CacheSerializer | undefined;
  readonly #timer: number;
  /** The counter of all tags, as it was before the load. */
  #tagsBefore: number | undefined;

  /** Keeps the lock until it is given back. */
  constructor(
    third: GuardedTier,
    key: string,
    token: string,
    serializer: CacheSerializer | undefined,
  ) {
    this.#third = third;
    this.#key = key;
    this.#token = token;
    this.#serializer = serializer;
    this.#timer = setInterval(
      () => this.#renew(),
      LOCK_LIFE * 1000 / 3,
    ) as unknown as number;
    Deno.unrefTimer(this.#timer);
  }

  #renew(): Promise<unknown> {
    const { tier } = this.#third;
    return this.#third.call(
      "renew a lock",
      true,
      undefined,
      () => tier.renew(this.#key, this.#token, LOCK_LIFE),
    );
  }

  /** Looks at tags before the load: those deleted during it are known so. */
  async watchTags(settings: Settings): Promise<void> {
    const counters = await readTags(this.#third, [], settings);
    this.#tagsBefore = counters?.[0];
  }

  /**
   * Writes what was loaded, and gives the lock back.
   *
   * @param fresh Seconds; 0 is for ever.
   * @returns Whether it may be kept in this process too.
   */
  async commit(
    value: unknown,
    fresh: number,
    loadMs: number,
    settings: Settings,
  ): Promise<boolean> {
    const { tags, forceFresh, skipBusNotify } = settings;
    const versions = tags.length === 0
      ? []
      : await readTags(this.#third, tags, settings);
    if (versions === undefined) {
      await this.release();
      return true;
    }
    const before = this.#tagsBefore;
    if (tags.length > 0 && before !== undefined && versions[0] !== before) {
      await this.release();
      return false;
    }
    const tagged = tags.map((tag, i) => [tag, versions[i + 1]!] as const);
    const record = { value, loadMs, freshUntil: 0, gap: 0, tags: tagged };
    const data = encodeRecord(record, this.#serializer).slice();
    // Hosts that wait for the lock hear of it; others have what is right still.
    const kind = forceFresh && !skipBusNotify ? "set" : "ready";
    const message = this.#third.text({ kind, keys: [this.#key] });
    const { tier } = this.#third;
    clearInterval(this.#timer);
    const isWritten = await this.#third.call(
      "commit",
      settings.suppressL3Errors,
      undefined,
      (epoch) =>
        tier.commit(
          this.#key,
          epoch,
          this.#token,
          { data, fresh, grace: settings.kept },
          message,
        ),
    );
    return isWritten === FAILED || isWritten;
  }

  /** Gives the lock back without a value. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    const { tier } = this.#third;
    const message = this.#third.text({ kind: "ready", keys: [this.#key] });
    await this.#third.call(
      "release a lock",
      true,
      undefined,
      () => tier.release(this.#key, this.#token, message),
    );
  }
}

/** The counter of all tags, then those of some; undefined when it failed. */
export async function readTags(
  third: GuardedTier,
  tags: readonly string[],
  { suppressL3Errors }: Settings,
): Promise<number[] | undefined> {
  const versions = await third.call(
    "read tags",
    suppressL3Errors,
    undefined,
    () => third.tier.counters(counterNames(tags)),
  );
  return versions === FAILED ? undefined : versions;
}
