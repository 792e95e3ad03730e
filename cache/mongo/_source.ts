import { checkOptions } from "@oresty/core";
import { within } from "../_tier_deadline.ts";
import type {
  Collection,
  CollectionSource,
  Database,
  MongoDocument,
} from "./_collection.ts";
import { passwordsIn } from "../redis/_passwords.ts";
import { MONGO_OPTIONS, type MongoOptions } from "./options.ts";
import { releaseAlways } from "./_release.ts";

interface Client {
  db(name: string): Database & { collection(name: string): Collection };
  on(event: string, listener: () => void): unknown;
  close(isForced?: boolean): Promise<void>;
}

interface Driver {
  MongoClient: new (url: string, options: MongoDocument) => Client;
}

/** A connection of our own, through the driver that is loaded when needed. */
export class OwnSource implements CollectionSource {
  readonly #secrets: readonly string[];
  readonly #url: string;
  readonly #db: string;
  readonly #name: string;
  readonly #options: MongoDocument;
  readonly #timeout: number;
  readonly #load: () => Promise<unknown>;
  #driver: Promise<Driver> | undefined;
  #loaded: Driver | undefined;
  #client: Client | undefined;

  /**
   * @param where Who takes the options, for errors.
   * @param timeout Seconds, already read.
   * @param load Gives the module; another one for tests.
   */
  constructor(
    where: string,
    options: MongoOptions,
    timeout: number,
    load: () => Promise<unknown> = () => import("mongodb"),
  ) {
    checkOptions(where, options, MONGO_OPTIONS);
    const {
      url = "mongodb://127.0.0.1:27017",
      db = "oresty",
      collection = "cache",
    } = options;
    this.#url = String(url);
    if (!/^mongodb(\+srv)?:\/\/./.test(this.#url) || isAmbiguous(this.#url)) {
      // Not the value: there may be a password in it.
      throw new TypeError(
        `Cannot use option "url" of ${where}: it is no address, ` +
          `expected "mongodb://host:port", or ` +
          `"mongodb://user:password@host:port" with both percent-encoded`,
      );
    }
    this.#db = text(where, "db", db);
    this.#name = text(where, "collection", collection);
    this.#timeout = timeout;
    this.#load = load;
    const ms = Math.ceil(timeout * 1000);
    this.#options = {
      serverSelectionTimeoutMS: ms,
      connectTimeoutMS: ms,
      socketTimeoutMS: ms,
      waitQueueTimeoutMS: ms,
      // What is sent again could come long after the deadline.
      retryReads: false,
      retryWrites: false,
      ...passedOn(where, options.options),
      // A stream of hellos has a timer and a connection more.
      serverMonitoringMode: "poll",
      monitorCommands: false,
    };
    this.#secrets = [
      ...secretsOf(this.#url),
      ...passwordsIn(options.options),
    ];
  }

  /** Private, so that who logs a store does not log them. */
  get secrets(): readonly string[] {
    return this.#secrets;
  }

  async prepare(): Promise<void> {
    this.#driver ??= this.#load() as Promise<Driver>;
    try {
      this.#loaded = await this.#driver;
    } catch (error) {
      this.#driver = undefined;
      throw error;
    }
  }

  collection(): Collection {
    if (this.#loaded === undefined) throw new Error("no driver is loaded");
    if (this.#client === undefined) {
      this.#client = new this.#loaded.MongoClient(this.#url, this.#options);
      releaseAlways(this.#client);
    }
    return this.#client.db(this.#db).collection(this.#name);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    try {
      // It says goodbye, to a server that may not answer.
      await within(this.#timeout, client.close(true));
    } catch {
      // There is nothing left to be done.
    }
  }
}

/** A collection that is somebody else's. */
export class ReadySource implements CollectionSource {
  readonly secrets: readonly string[] = [];
  readonly #collection: Collection;

  constructor(collection: Collection) {
    this.#collection = collection;
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  collection(): Collection {
    return this.#collection;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function text(where: string, name: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new TypeError(
    `Cannot use option "${name}" of ${where}: "${String(value)}" was given, ` +
      `expected a name`,
  );
}

function passedOn(where: string, given: unknown): MongoDocument {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(
      `Cannot use option "options" of ${where}: "${given}" was given, ` +
        `expected an object`,
    );
  }
  return given as MongoDocument;
}

/**
 * Whether a mark of an address stands in its password: the driver would take
 * what is behind it for a host, and ask others for it by name.
 */
function isAmbiguous(url: string): boolean {
  const authority = /^[^/]+\/\/([^/?#]*)/.exec(url)?.[1] ?? "";
  const at = authority.lastIndexOf("@");
  // A slash that is not written as one ends the authority too early.
  if (at < 0) return /^[^/]+\/\/[^?]*@/.test(url);
  const user = authority.slice(0, at);
  if (user.includes("@") || user.split(":").length > 2) return true;
  try {
    decodeURIComponent(user);
    return false;
  } catch {
    return true;
  }
}

/** The password of an address, as it is written and as it is meant. */
function secretsOf(url: string): string[] {
  const password = /^[^/]+\/\/[^/@]*?:([^/@]*)@/.exec(url)?.[1];
  if (password === undefined || password === "") return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
