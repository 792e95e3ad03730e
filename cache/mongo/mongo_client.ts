import { checkOptions } from "@oresty/core";
import { timeoutOf, within } from "../_tier_deadline.ts";
import type {
  Collection,
  CollectionSource,
  MongoCollectionLike,
  MongoDocument,
} from "./_collection.ts";
import { tierError } from "./_error.ts";
import { OwnSource, ReadySource } from "./_source.ts";
import { isCollection } from "./mongo_store.ts";
import { MONGO_OPTIONS, type MongoOptions } from "./options.ts";

/** How a client reaches MongoDB. */
export interface MongoClientOptions extends Omit<MongoOptions, "collection"> {
  /**
   * How often a call that reads is sent again when its connection fails, within
   * the timeout; one that writes is sent once.
   *
   * @default 2
   */
  retries?: number;
}

/** Methods of the driver's collection that read one answer. */
const READS = [
  "findOne",
  "countDocuments",
  "estimatedDocumentCount",
  "distinct",
  "indexes",
] as const;

/** Methods that give a cursor; here they give all documents. */
const LISTS = ["find", "aggregate", "listIndexes"] as const;

const WRITES = [
  "insertOne",
  "insertMany",
  "updateOne",
  "updateMany",
  "replaceOne",
  "deleteOne",
  "deleteMany",
  "findOneAndUpdate",
  "findOneAndReplace",
  "findOneAndDelete",
  "bulkWrite",
  "createIndex",
  "dropIndex",
  "drop",
] as const;

/** A method with its arguments in the order of the driver. */
export type MongoMethod<Answer> = (...args: unknown[]) => Promise<Answer>;

/** The methods of a collection, as the driver has them. */
export type MongoMethods =
  & Record<"countDocuments" | "estimatedDocumentCount", MongoMethod<number>>
  & Record<"distinct" | "indexes", MongoMethod<unknown[]>>
  & Record<"find" | "aggregate" | "listIndexes", MongoMethod<MongoDocument[]>>
  & Record<
    "findOne" | "findOneAndUpdate" | "findOneAndReplace" | "findOneAndDelete",
    MongoMethod<MongoDocument | null>
  >
  & Record<
    | "insertOne"
    | "insertMany"
    | "updateOne"
    | "updateMany"
    | "replaceOne"
    | "deleteOne"
    | "deleteMany"
    | "bulkWrite"
    | "createIndex"
    | "dropIndex"
    | "drop",
    MongoMethod<unknown>
  >;

/** A client for one collection; made by {@linkcode mongoClient}. */
export interface MongoCollectionClient extends MongoMethods, AsyncDisposable {
  /** Ends the connection, unless the collection was handed in. */
  close(): Promise<void>;
}

/**
 * A client for one collection that never waits longer than its timeout, comes
 * back by itself when the server does, and keeps no process alive. `find` and
 * `aggregate` give all documents.
 *
 * @param collection Its name, or a collection of the driver.
 * @param conf How to reach the server; `{}` is 127.0.0.1:27017. With a
 * collection of the driver only `timeout` and `retries` count.
 * @returns A client; nothing is connected yet.
 * @throws {TypeError} When an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { mongoClient } from "@oresty/cache/mongo";
 *
 * const users = mongoClient("users", { db: "app", timeout: 0.2 });
 * const answer = users.findOne({ name: "Ada" }).catch((error) => error.name);
 * console.log(await answer);
 * await users.close();
 * ```
 */
export function mongoClient(
  collection: string | MongoCollectionLike,
  conf: MongoClientOptions = {},
): MongoCollectionClient {
  const names = MONGO_OPTIONS.filter((name) => name !== "collection");
  checkOptions("mongoClient", conf, [...names, "retries"]);
  const { retries = 2, ...rest } = conf;
  if (!Number.isInteger(retries) || retries < 0) {
    throw new TypeError(
      `Cannot use option "retries" of mongoClient: "${String(retries)}" was ` +
        `given, expected a whole number`,
    );
  }
  if (!isCollection(collection) && typeof collection !== "string") {
    throw new TypeError(
      `Cannot use "${String(collection)}" as the collection of mongoClient: ` +
        `expected its name, or a collection of npm:mongodb`,
    );
  }
  const timeout = timeoutOf(rest.timeout);
  const source = isCollection(collection)
    ? new ReadySource(collection as unknown as Collection)
    : new OwnSource("mongoClient", { ...rest, collection }, timeout);
  const caller = new CollectionCaller(source, timeout, retries);
  const client: Record<string, unknown> = {
    close: () => caller.close(),
    [Symbol.asyncDispose]: () => caller.close(),
  };
  for (const name of READS) {
    client[name] = (...args: unknown[]) => caller.call(name, args, true);
  }
  for (const name of LISTS) {
    client[name] = (...args: unknown[]) => caller.list(name, args);
  }
  for (const name of WRITES) {
    client[name] = (...args: unknown[]) => caller.call(name, args, false);
  }
  return client as unknown as MongoCollectionClient;
}

type Method = (...args: unknown[]) => unknown;

class CollectionCaller {
  readonly #source: CollectionSource;
  readonly #timeout: number;
  readonly #retries: number;
  #isClosed = false;

  constructor(source: CollectionSource, timeout: number, retries: number) {
    this.#source = source;
    this.#timeout = timeout;
    this.#retries = retries;
  }

  call(name: string, args: unknown[], isRead: boolean): Promise<unknown> {
    return this.#run(name, isRead, async (method) => await method(...args));
  }

  list(name: string, args: unknown[]): Promise<unknown> {
    return this.#run(name, true, async (method) => {
      const cursor = method(...args) as { toArray(): Promise<unknown[]> };
      return await cursor.toArray();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#source.close();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error("it is closed");
  }

  async #run(
    name: string,
    isRead: boolean,
    work: (method: Method) => Promise<unknown>,
  ): Promise<unknown> {
    const { secrets } = this.#source;
    let isOver = false;
    try {
      this.#checkOpen();
      await this.#source.prepare();
      return await within(
        this.#timeout,
        (async () => {
          for (let attempt = 0;; attempt++) {
            // Else a connection would be made that nobody ends.
            this.#checkOpen();
            try {
              const collection = this.#source.collection() as unknown as Record<
                string,
                Method
              >;
              return await work(collection[name]!.bind(collection));
            } catch (error) {
              const { reason } = tierError(name, error, secrets);
              const isLast = !isRead || attempt >= this.#retries;
              if (isLast || isOver || reason !== "connection") throw error;
            }
          }
        })(),
      );
    } catch (error) {
      // What the caller did wrong is said as it is.
      if (error instanceof TypeError) throw error;
      throw tierError(name, error, secrets);
    } finally {
      isOver = true;
    }
  }
}
