import { within } from "../_tier_deadline.ts";
import { escapeKey, escapeName } from "../_tier_names.ts";
import {
  checkedEpoch,
  freshTime,
  graceTime,
  lockTime,
} from "../_tier_times.ts";
import type { Claim, NewValue, StoredValue, ThirdTier } from "../third_tier.ts";
import type { Collection, MongoDocument } from "./_collection.ts";
import {
  again,
  ATTEMPTS,
  document,
  fenceOf,
  fieldsOf,
  FREE,
  isDuplicate,
  KEPT_MS,
  number,
  valueOf,
} from "./_documents.ts";
import { tierError } from "./_error.ts";
import type { MongoStore } from "./mongo_store.ts";

/** Ids of one command. */
const IDS_AT_ONCE = 1000;

/**
 * The entries of one cache in MongoDB, one document each with the value and its
 * lock: what a commit asks about the lock and what it writes is one step, since
 * changes of one document are.
 */
export class MongoTier implements ThirdTier {
  readonly kind = "mongo";
  readonly #store: MongoStore;
  readonly #name: string;
  readonly #onClose: () => Promise<void>;
  #isClosed = false;

  constructor(store: MongoStore, name: string, onClose: () => Promise<void>) {
    this.#store = store;
    this.#name = escapeName(name);
    this.#onClose = onClose;
  }

  async read(
    keys: readonly string[],
    epoch: number,
  ): Promise<(StoredValue | undefined)[]> {
    checkedEpoch(epoch);
    if (keys.length === 0) return [];
    const ids = keys.map((key) => this.#entry(key));
    return await this.#run("read", async (collection) => {
      const found = new Map<unknown, MongoDocument>();
      for (let i = 0; i < ids.length; i += IDS_AT_ONCE) {
        const part = ids.slice(i, i + IDS_AT_ONCE);
        const some = await collection.find({ _id: { $in: part } }).toArray();
        for (const each of some) found.set(each["_id"], each);
      }
      const now = this.#store.clock.now();
      return ids.map((id) => valueOf(found.get(id), epoch, now));
    });
  }

  async claim(
    key: string,
    epoch: number,
    token: string,
    life: number,
    isForced: boolean,
  ): Promise<Claim> {
    checkedEpoch(epoch);
    const ms = lockTime(life);
    const _id = this.#entry(key);
    return await this.#run("claim", async (collection) => {
      for (let attempt = 1;; attempt++) {
        const seen = await collection.findOne({ _id });
        const now = this.#store.clock.now();
        const value = valueOf(seen ?? undefined, epoch, now);
        if (value !== undefined && value.fresh > 0 && !isForced) {
          return { state: "fresh", value };
        }
        const until = number(seen, "lockUntil");
        const isHeld = until > now;
        if (isHeld && seen?.["token"] !== token) {
          return { state: "taken", value, wait: (until - now) / 1000 };
        }
        const mine = await this.#take(collection, _id, seen, token, ms, isHeld);
        if (mine !== undefined) return { state: "mine", value, fence: mine };
        // Somebody else was there in between.
        if (attempt === ATTEMPTS) return { state: "taken", value, wait: 0 };
      }
    });
  }

  async renew(key: string, token: string, life: number): Promise<boolean> {
    const ms = lockTime(life);
    return await this.#run("renew", async (collection) => {
      const now = this.#store.clock.now();
      const { matchedCount } = await collection.updateOne(
        { _id: this.#entry(key), token, lockUntil: { $gt: now } },
        {
          $set: { lockUntil: now + ms },
          $max: { expireAt: new Date(now + ms + KEPT_MS) },
        },
      );
      return matchedCount === 1;
    });
  }

  async commit(
    key: string,
    epoch: number,
    token: string,
    value: NewValue,
    _message: string,
  ): Promise<boolean> {
    const fields = fieldsOf(epoch, value);
    return await this.#run("commit", async (collection) => {
      const now = this.#store.clock.now();
      const { matchedCount } = await collection.updateOne(
        { _id: this.#entry(key), token, lockUntil: { $gt: now } },
        { $set: fields(now) },
      );
      return matchedCount === 1;
    });
  }

  async release(key: string, token: string, _message: string): Promise<void> {
    await this.#run(
      "release",
      (collection) =>
        collection.updateOne({ _id: this.#entry(key), token }, FREE),
    );
  }

  async write(
    key: string,
    epoch: number,
    value: NewValue,
    _message: string,
  ): Promise<void> {
    const fields = fieldsOf(epoch, value);
    await this.#run("write", (collection) =>
      again(() => {
        const now = this.#store.clock.now();
        return collection.updateOne(
          { _id: this.#entry(key) },
          { $set: fields(now), $setOnInsert: { base: now * 1000, count: 0 } },
          { upsert: true },
        );
      }));
  }

  async remove(keys: readonly string[], _message: string): Promise<void> {
    if (keys.length === 0) return;
    const ids = keys.map((key) => this.#entry(key));
    await this.#run("remove", async (collection) => {
      for (let i = 0; i < ids.length; i += IDS_AT_ONCE) {
        // Not deleted: the fence would begin again. The index does it later.
        const expireAt = new Date(this.#store.clock.now() + KEPT_MS);
        await collection.updateMany(
          { _id: { $in: ids.slice(i, i + IDS_AT_ONCE) } },
          {
            $set: { token: "", lockUntil: 0, staleAt: 0, goneAt: 0, expireAt },
            $unset: { data: "" },
          },
        );
      }
    });
  }

  async expire(
    key: string,
    fresh: number,
    grace: number,
    _message: string,
  ): Promise<void> {
    const freshMs = freshTime(fresh);
    const graceMs = graceTime(grace);
    const _id = this.#entry(key);
    await this.#run("expire", (collection) => {
      const now = this.#store.clock.now();
      const staleAt = now + freshMs;
      const goneAt = staleAt + graceMs;
      const expireAt = new Date(goneAt + KEPT_MS);
      const filter = { _id, staleAt: { $gt: now } };
      return collection.bulkWrite([
        {
          updateOne: {
            filter,
            update: { $set: { staleAt, goneAt, expireAt } },
          },
        },
        { updateOne: { filter: { _id }, update: FREE } },
      ]);
    });
  }

  async counters(names: readonly string[]): Promise<number[]> {
    if (names.length === 0) return [];
    const ids = names.map((name) => this.#counter(name));
    return await this.#run("read", async (collection) => {
      const found = await collection.find({ _id: { $in: ids } }).toArray();
      const counts = new Map(found.map((each) => [each["_id"], each]));
      return ids.map((id) => number(counts.get(id), "count"));
    });
  }

  async raise(names: readonly string[], _message: string): Promise<number[]> {
    if (names.length === 0) return [];
    return await this.#run(
      "raise",
      (collection) =>
        Promise.all(names.map(async (name) => {
          const raised = await again(() =>
            collection.findOneAndUpdate(
              { _id: this.#counter(name) },
              { $inc: { count: 1 } },
              { upsert: true, returnDocument: "after" },
            )
          );
          return number(document(raised), "count");
        })),
    );
  }

  subscribe(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#onClose();
  }

  /**
   * Takes a lock, if the document is still as it was seen.
   *
   * @returns The fence, or undefined when it is not.
   */
  async #take(
    collection: Collection,
    _id: string,
    seen: MongoDocument | null,
    token: string,
    ms: number,
    isMine: boolean,
  ): Promise<number | undefined> {
    const now = this.#store.clock.now();
    const lock = {
      $set: { token, lockUntil: now + ms },
      $max: { expireAt: new Date(now + ms + KEPT_MS) },
      $inc: { count: isMine ? 0 : 1 },
    };
    const after = { returnDocument: "after" };
    if (seen !== null) {
      // What was seen stands in the filter: also a value that was written since
      // must not be overwritten by a load.
      const same = {
        _id,
        token: seen["token"] ?? null,
        lockUntil: seen["lockUntil"] ?? null,
        staleAt: seen["staleAt"] ?? null,
        count: seen["count"] ?? null,
      };
      const taken = await collection.findOneAndUpdate(same, lock, after);
      const found = document(taken);
      return found === undefined ? undefined : fenceOf(found);
    }
    try {
      // The time stands in it, so that it grows also when it begins again.
      const rest = { base: now * 1000, epoch: -1, staleAt: 0, goneAt: 0 };
      const taken = await collection.findOneAndUpdate(
        // Of a document that is there it is never so.
        { _id, token: { $exists: false } },
        { ...lock, $setOnInsert: rest },
        { ...after, upsert: true },
      );
      return fenceOf(document(taken) ?? {});
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return undefined;
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error("it is closed");
  }

  #entry(key: string): string {
    return `e:${this.#name}:${escapeKey(key)}`;
  }

  #counter(name: string): string {
    return `c:${this.#name}:${escapeKey(name)}`;
  }

  async #run<T>(
    operation: string,
    work: (collection: Collection) => Promise<T>,
  ): Promise<T> {
    const { source, timeout } = this.#store;
    try {
      this.#checkOpen();
      await source.prepare();
      // Else a connection would be made that nobody ends.
      this.#checkOpen();
      return await within(
        timeout,
        (async () => {
          const collection = source.collection();
          await this.#store.ready(collection);
          return await work(collection);
        })(),
      );
    } catch (error) {
      throw tierError(operation, error, source.secrets);
    }
  }
}
