import type { AsyncLocalStorage } from "node:async_hooks";
import { callLoader, type Given, type Job } from "./_call_loader.ts";
import { FAILED } from "./_guarded_tier.ts";
import { HeldLock, LOCK_LIFE } from "./_held_lock.ts";
import type { Lease } from "./_marks.ts";
import {
  type Loaded,
  type ThirdReadParts,
  ThirdReads,
} from "./_third_reads.ts";
import { withWebLock } from "./_web_lock.ts";
import { LockTimeoutError, quoteKey, ReentrancyError } from "./errors.ts";
import type { CacheEvent } from "./events.ts";

/** A load that this one is part of. */
export interface Chain {
  readonly loads: Loads;
  readonly key: string;
  readonly outer: Chain | undefined;
  /** What a loader leaves running belongs to it no more. */
  isOver: boolean;
}

/** What loads need of their cache. */
export interface LoadParts extends ThirdReadParts {
  readonly name: string;
  readonly emit: (event: CacheEvent) => void;
  readonly chains: AsyncLocalStorage<Chain>;
  /** Is told how long locks were waited for, in seconds. */
  readonly waited: (seconds: number) => void;
}

/** How often one looks for a value whose message may be lost, in seconds. */
const LOOK_EVERY = 1;
/** Seconds that a lease outlives its loader: the third tier is asked too. */
const LEASE_REST = 3;

/**
 * Loads of one cache: a key is loaded once at a time, in this isolate by a
 * promise that all callers share, in this process by a Web Lock, over all hosts
 * by a lock in the third tier.
 */
export class Loads {
  /** What the third tier has. */
  readonly third: ThirdReads;
  readonly #parts: LoadParts;
  readonly #running: Map<string, Promise<Loaded | undefined>> = new Map();
  readonly #closing: AbortController = new AbortController();

  constructor(parts: LoadParts) {
    this.#parts = parts;
    this.third = new ThirdReads(parts);
  }

  /** The load of a key that runs in this isolate. */
  running(key: string): Promise<Loaded | undefined> | undefined {
    return this.#running.get(key);
  }

  /** Whether loads end because the cache is closed. */
  get isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  /**
   * Refuses to wait for what waits for this.
   *
   * @throws {ReentrancyError} Inside of a load of this key.
   */
  checkReentry(key: string): void {
    let chain = this.#parts.chains.getStore();
    for (; chain !== undefined; chain = chain.outer) {
      if (chain.loads === this && chain.key === key && !chain.isOver) {
        throw new ReentrancyError(
          `Cannot get key ${quoteKey(key)} of cache "${this.#parts.name}" ` +
            `inside of its own loader: it would wait for itself`,
        );
      }
    }
  }

  /**
   * Begins to load a key that nobody in this isolate loads.
   *
   * @param isBackground Whether another isolate that loads it will do: undefined
   * then.
   */
  start(job: Job, isBackground: boolean): Promise<Loaded | undefined> {
    const { chains } = this.#parts;
    const { key } = job;
    // Nobody waits for one in the background, the load around it neither.
    let outer = isBackground ? undefined : chains.getStore();
    // A loader that leaves loads behind must not make a chain without end.
    while (outer?.isOver) outer = outer.outer;
    const chain = { loads: this, key, outer, isOver: false };
    const load = chains.run(chain, () => this.#locked(job, isBackground))
      .finally(() => {
        chain.isOver = true;
        this.#running.delete(key);
      });
    // Who waits for it hears of its failure; maybe nobody does.
    load.catch(() => {});
    this.#running.set(key, load);
    return load;
  }

  /** Ends all loads, and waits for them. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("Cannot load: the cache was closed"));
    await Promise.allSettled(this.#running.values());
  }

  async #locked(
    job: Job,
    isBackground: boolean,
  ): Promise<Loaded | undefined> {
    const { name, second } = this.#parts;
    const { key, settings } = job;
    // The clock of values may stand still, or be put back.
    const began = performance.now();
    // A list has no two readings, whatever is in the names.
    const lock = `oresty:cache:${
      JSON.stringify([second.dict.name, name, key])
    }`;
    const locked = await withWebLock(
      lock,
      isBackground ? 0 : Math.max(0.001, settings.lockTimeout),
      this.#closing.signal,
      () => !second.hasLease(key),
      async () => {
        this.#parts.waited((performance.now() - began) / 1000);
        const found = settings.forceFresh ? undefined : this.#fromSecond(key);
        return found ?? await this.#alone(job, began);
      },
    );
    if (locked.state === "done") return locked.result;
    if (locked.state === "taken") return undefined;
    throw this.#lockTimeout(job);
  }

  /** What another isolate has stored while this one waited for the lock. */
  #fromSecond(key: string): Loaded | undefined {
    const { first, second } = this.#parts;
    const found = second.read(key);
    if (!found?.isFresh) return undefined;
    const { record, mark } = found;
    const kept = first.prepare(record.value, true);
    first.keep(key, kept, record, mark);
    return { kept, source: "l2", freshUntil: record.freshUntil };
  }

  #lockTimeout({ key, settings }: Job): LockTimeoutError {
    this.#parts.emit({ type: "lock_timeout", key });
    return new LockTimeoutError(
      `Cannot get key ${quoteKey(key)} of cache "${this.#parts.name}": ` +
        `another load of it took longer than ${settings.lockTimeout} s`,
    );
  }

  /** Loads as the only one of this process. */
  async #alone(job: Job, began: number): Promise<Loaded> {
    const { second } = this.#parts;
    let mine: Lease | undefined;
    // It says to this process that somebody is at it.
    const lease = () =>
      mine = second.lease(job.key, job.settings.hardTimeout + LEASE_REST);
    try {
      return await this.#claimed(job, began, lease);
    } finally {
      if (mine !== undefined) second.drop(mine);
    }
  }

  async #claimed(job: Job, began: number, lease: () => Lease): Promise<Loaded> {
    const { second, third } = this.#parts;
    const { key, settings } = job;
    if (third === undefined) return await this.#run(job, lease());
    if (settings.skipL3Write) {
      const mine = lease();
      const loaded = settings.forceFresh
        ? undefined
        : await this.third.read(key, settings, mine);
      return loaded ?? await this.#run(job, mine);
    }
    const token = crypto.randomUUID();
    let isForced = settings.forceFresh;
    while (true) {
      const mark = second.mark(key);
      const mine = lease();
      const claim = await third.call(
        "claim",
        settings.suppressL3Errors,
        key,
        (epoch) => third.tier.claim(key, epoch, token, LOCK_LIFE, isForced),
      );
      if (claim === FAILED) return await this.#run(job, mine);
      if (claim.state === "mine") {
        const { serializer } = this.#parts;
        const held = new HeldLock(third, key, token, serializer);
        return await this.#run(job, mine, held, () => {
          this.third.adoptStale(key, claim.value, settings, mine);
        });
      }
      if (claim.state === "fresh") {
        const { value } = claim;
        const loaded = await this.third.take(key, value, settings, mine);
        if (loaded !== undefined) return loaded;
        isForced = true;
        continue;
      }
      const left = settings.lockTimeout - (performance.now() - began) / 1000;
      if (left <= 0) throw this.#lockTimeout(job);
      const wait = Math.min(claim.wait + 0.005, LOOK_EVERY, left);
      const { signal } = this.#closing;
      await second.changed(mark, Math.max(0.001, wait), signal);
      // What the other host has stored since is what was waited for.
      isForced = settings.forceFresh;
    }
  }

  /**
   * Calls the loader, and stores what it gives.
   *
   * @param prepare Is called first; what it throws gives the lock back too.
   */
  async #run(
    job: Job,
    lease: Lease,
    held?: HeldLock,
    prepare?: () => void,
  ): Promise<Loaded> {
    const { emit } = this.#parts;
    const { key, settings } = job;
    try {
      prepare?.();
      if (
        held !== undefined && (this.third.usesTags || settings.tags.length > 0)
      ) await held.watchTags(settings);
      const given = await callLoader(job, this.#closing.signal);
      const loaded = await this.#store(key, given, lease, held);
      const stored = loaded !== undefined;
      emit({ type: "load", key, duration: given.loadMs / 1000, stored });
      return loaded ?? this.#unstored(given);
    } catch (error) {
      await held?.release();
      emit({ type: "load_error", key, error });
      throw error;
    }
  }

  #unstored({ value }: Given): Loaded {
    const { first, now } = this.#parts;
    // It has ended already: nobody else gets it.
    const freshUntil = now() - 1;
    return { kept: first.prepare(value), source: "loader", freshUntil };
  }

  /** @returns Undefined when it was not kept. */
  async #store(
    key: string,
    { value, context, loadMs }: Given,
    lease: Lease,
    held: HeldLock | undefined,
  ): Promise<Loaded | undefined> {
    const { first, second, now } = this.#parts;
    const { settings } = context;
    const { tags, window } = settings;
    if (tags.length > 0) this.third.usesTags = true;
    if (!context.isKept || !second.holds(lease, tags.length > 0)) {
      await held?.release();
      return undefined;
    }
    const { l2, l3 } = context.lives(value === null);
    if (settings.skipL3Write) await held?.release();
    else if (
      held !== undefined && !await held.commit(value, l3, loadMs, settings)
    ) return undefined;
    const freshUntil = l2 === 0 ? 0 : now() + l2 * 1000;
    const keep = { freshUntil, window };
    const result = second.commit(lease, value, keep, loadMs, tags);
    if (result.state === "changed") return undefined;
    if (result.state === "too large") {
      this.#parts.emit({ type: "too_large", key });
    }
    const part = { freshUntil, loadMs, tags: second.tagged(tags) };
    const kept = first.prepare(value);
    first.keep(key, kept, part, result.mark);
    return { kept, source: "loader", freshUntil };
  }
}
