import { checkOptions } from "@oresty/core";
import { timeoutOf } from "../_tier_deadline.ts";
import type { ThirdTier, ThirdTierStore } from "../third_tier.ts";
import type {
  Collection,
  CollectionSource,
  MongoCollectionLike,
} from "./_collection.ts";
import { reasonOf } from "./_error.ts";
import { type HostClock, ServerClock } from "./_server_clock.ts";
import { OwnSource, ReadySource } from "./_source.ts";
import { MongoTier } from "./_tier.ts";
import { MONGO_OPTIONS, type MongoOptions } from "./options.ts";

/** What a collection that was handed in can be told. */
export interface ReadyCollectionOptions {
  /**
   * Seconds after which a call has failed.
   *
   * @default 0.5
   */
  timeout?: MongoOptions["timeout"];
}

/**
 * MongoDB as a third tier of caches. With options it connects by npm:mongodb,
 * which is loaded when it is first needed; the permissions are net, env, read
 * and sys. Such a connection keeps no process alive, and a call takes no longer
 * than the timeout, whatever the server does.
 *
 * Nothing is told from host to host: what one host removes, others learn when
 * their own entry expires.
 *
 * @param source Options, or a collection of the driver, which stays as it is.
 * @param options Only for a collection.
 * @returns A store; nothing is connected yet.
 * @throws {TypeError} When an option is unknown or wrong, or the collection is
 * none.
 *
 * @example
 * ```ts
 * import { mongo } from "@oresty/cache/mongo";
 *
 * const store = mongo({ url: "mongodb://127.0.0.1:27017", db: "app" });
 * const tier = store.open("articles");
 * await tier.close();
 * ```
 */
export function mongo(
  source: MongoOptions | MongoCollectionLike = {},
  options: ReadyCollectionOptions = {},
): ThirdTierStore {
  checkOptions("mongo", options, ["timeout"]);
  if (isCollection(source)) {
    const ready = new ReadySource(source as unknown as Collection);
    return new MongoStore(ready, timeoutOf(options.timeout));
  }
  refuseStrangers(source);
  if (options.timeout !== undefined) {
    throw new TypeError(
      `Cannot use the options of mongo: "timeout" was given beside options, ` +
        `expected it among them`,
    );
  }
  const timeout = timeoutOf((source as MongoOptions).timeout);
  const own = new OwnSource("mongo", source as MongoOptions, timeout);
  return new MongoStore(own, timeout);
}

/** Whether something has the shape of the driver's `Collection`. */
export function isCollection(source: unknown): source is MongoCollectionLike {
  if (typeof source !== "object" || source === null) return false;
  const { findOneAndUpdate, updateOne } = source as Record<string, unknown>;
  return typeof findOneAndUpdate === "function" &&
    typeof updateOne === "function";
}

function refuseStrangers(source: unknown): void {
  if (typeof source !== "object" || source === null) {
    return checkOptions("mongo", source, MONGO_OPTIONS);
  }
  const prototype = Object.getPrototypeOf(source);
  if (prototype === Object.prototype || prototype === null) return;
  throw new TypeError(
    `Cannot use an object of class "${prototype.constructor?.name}": it has ` +
      `another shape, expected a collection of npm:mongodb, or options`,
  );
}

/** Caches by name in one collection. */
export class MongoStore implements ThirdTierStore {
  readonly source: CollectionSource;
  readonly timeout: number;
  readonly clock: ServerClock;
  readonly #open = new Set<MongoTier>();
  #index: Promise<void> | undefined;

  /** @param host The clocks of this host, for tests. */
  constructor(
    source: CollectionSource,
    timeout: number,
    host?: HostClock,
  ) {
    this.source = source;
    this.timeout = timeout;
    this.clock = new ServerClock(host);
  }

  open(name: string): ThirdTier {
    const tier: MongoTier = new MongoTier(this, name, async () => {
      // The connection is that of all, and ends with the last one.
      if (!this.#open.delete(tier) || this.#open.size > 0) return;
      this.#index = undefined;
      await this.source.close();
    });
    this.#open.add(tier);
    return tier;
  }

  /** What must be so before the first command: the index, and the time. */
  async ready(collection: Collection): Promise<void> {
    this.#index ??= this.#makeIndex(collection).catch((error) => {
      this.#index = undefined;
      throw error;
    });
    await Promise.all([this.#index, this.clock.ready(collection)]);
  }

  async #makeIndex(collection: Collection): Promise<void> {
    try {
      await collection.createIndex({ expireAt: 1 }, { expireAfterSeconds: 0 });
    } catch (error) {
      // Without the right to it, or with another one there, all works as well;
      // only nobody deletes what has expired.
      if (reasonOf(error) !== "server") throw error;
    }
  }
}
