import { checkOptions } from "@oresty/core";
import { isServerError } from "../redis/_caller.ts";
import { DialedLink } from "../redis/_dialed_link.ts";
import type { Dialer, RedisArgument, Session } from "../redis/_link.ts";
import { type DbRedisClient, linkByShape } from "../redis/_ready_links.ts";
import type { OpenLine } from "../redis/_subscriptions.ts";
import { timeoutOf } from "../_tier_deadline.ts";
import { RedisStore } from "../redis/redis_store.ts";
import type { ThirdTierStore } from "../third_tier.ts";
import { type LineAddress, openLine } from "./_line.ts";

/** How to reach Redis, in the words of `@db/redis`. */
export interface DbRedisOptions {
  /**
   * Name or address.
   *
   * @default "127.0.0.1"
   */
  hostname?: string;
  /**
   * Where it listens.
   *
   * @default 6379
   */
  port?: number | string;
  /** Number of the database. */
  db?: number;
  /** Who is asking; the default user when it is left out. */
  username?: string;
  /** Of the user, or the `requirepass` of the server. */
  password?: string;
  /**
   * Whether the connection is encrypted.
   *
   * @default false
   */
  tls?: boolean;
  /** Certificates to trust, as PEM. */
  caCerts?: string[];
  /** How the connection is called at the server. */
  name?: string;
  /**
   * Seconds after which a call has failed, connecting included.
   *
   * @default 0.5
   */
  timeout?: number | string;
}

const OPTIONS: readonly string[] = [
  "hostname",
  "port",
  "db",
  "username",
  "password",
  "tls",
  "caCerts",
  "name",
  "timeout",
];

/** A client of `@db/redis` that is connected. */
export type DbRedisClientLike = DbRedisClient;

/**
 * Redis as a third tier of caches, by `jsr:@db/redis`, which is loaded when it
 * is first needed; the permission is net. Where JSR cannot be reached, take
 * `@oresty/cache/redis`.
 *
 * A client that was handed in stays as it is, and nothing is heard over it: what
 * one host removes, others learn when their own entry expires.
 *
 * @param source Options, or a client that is connected.
 * @returns A store; nothing is connected yet.
 * @throws {TypeError} When an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { connect } from "@oresty/cache/db-redis";
 *
 * const store = connect({ hostname: "127.0.0.1", port: 6379 });
 * const tier = store.open("articles");
 * await tier.close();
 * ```
 */
export function connect(
  source: DbRedisOptions | DbRedisClientLike = {},
): ThirdTierStore {
  return connectBy(source, loadDriver);
}

type ConnectDriver = (
  options: Record<string, unknown>,
) => Promise<DbRedisClient>;

/** The same with another driver, for tests. */
export function connectBy(
  source: DbRedisOptions | DbRedisClientLike,
  load: () => Promise<{ connect: ConnectDriver }>,
): ThirdTierStore {
  const isOptions = typeof source !== "object" || source === null ||
    !("sendCommand" in source);
  const ready = isOptions ? undefined : linkByShape(source);
  if (ready !== undefined) {
    return new RedisStore(ready, timeoutOf(undefined), []);
  }
  const options = source as DbRedisOptions;
  checkOptions("connect", options, OPTIONS);
  const timeout = timeoutOf(options.timeout);
  const { password } = options;
  const dialer = new DbRedisDialer(addressOf(options), options, load);
  const secrets = password ? [password] : [];
  return new RedisStore(new DialedLink(dialer, timeout), timeout, secrets);
}

/** Computed, so that nobody asks JSR for it who does not use it. */
async function loadDriver(): Promise<{ connect: ConnectDriver }> {
  const specifier = ["jsr:@db", "redis@^0.41"].join("/");
  return await import(specifier);
}

const isText = (value: unknown): boolean => typeof value === "string";
const isFlag = (value: unknown): boolean => typeof value === "boolean";
const isIndex = (value: unknown): boolean =>
  Number.isInteger(value) && value as number >= 0;
const areTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every(isText);

const KINDS: readonly [
  name: keyof DbRedisOptions,
  isRight: (value: unknown) => boolean,
  expected: string,
][] = [
  ["username", isText, "a string"],
  ["password", isText, "a string"],
  ["name", isText, "a string"],
  ["db", isIndex, "a whole number"],
  ["tls", isFlag, "true or false"],
  ["caCerts", areTexts, "an array of strings"],
];

function addressOf(options: DbRedisOptions): LineAddress {
  const { hostname = "127.0.0.1", port = 6379, tls = false } = options;
  if (typeof hostname !== "string" || hostname === "") {
    throw new TypeError(
      `Cannot use option "hostname" of connect: "${String(hostname)}" was ` +
        `given, expected a name or an address`,
    );
  }
  for (const [name, isRight, expected] of KINDS) {
    if (options[name] === undefined || isRight(options[name])) continue;
    // Not the value: it may be the password.
    throw new TypeError(
      `Cannot use option "${name}" of connect: a ${typeof options[name]} ` +
        `was given, expected ${expected}`,
    );
  }
  const number = Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw new TypeError(
      `Cannot use option "port" of connect: "${port}" was given, ` +
        `expected a number from 1 to 65535`,
    );
  }
  return {
    hostname,
    port: number,
    tls,
    caCerts: options.caCerts,
    username: options.username,
    password: options.password || undefined,
  };
}

/** Attempts that nobody answers: it has no way to give one up. */
const MOST_HANGING = 8;

class DbRedisDialer implements Dialer<DbRedisSession> {
  readonly isCluster = false;
  readonly isText = false;
  readonly #address: LineAddress;
  readonly #options: Record<string, unknown>;
  readonly #load: () => Promise<{ connect: ConnectDriver }>;
  #driver: Promise<{ connect: ConnectDriver }> | undefined;
  #hanging = 0;

  constructor(
    address: LineAddress,
    options: DbRedisOptions,
    load: () => Promise<{ connect: ConnectDriver }>,
  ) {
    this.#address = address;
    const { timeout: _timeout, ...rest } = options;
    const { hostname, port } = address;
    // A command is not sent again: that could be long after the deadline.
    this.#options = { ...rest, hostname, port, maxRetryCount: 0 };
    this.#load = load;
  }

  async prepare(): Promise<void> {
    this.#driver ??= this.#load();
    try {
      await this.#driver;
    } catch (error) {
      this.#driver = undefined;
      throw error;
    }
  }

  async dial(signal: AbortSignal): Promise<DbRedisSession> {
    this.#driver ??= this.#load();
    const { connect } = await this.#driver;
    if (this.#hanging >= MOST_HANGING) {
      throw new Error("earlier connections are not answered yet");
    }
    this.#hanging++;
    const connecting = connect(this.#options)
      .finally(() => this.#hanging--);
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop);
    try {
      return new DbRedisSession(await Promise.race([connecting, stopped]));
    } catch (error) {
      // One that comes too late is nobody's.
      connecting.then((client) => client.close(), () => {});
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  openLine(): OpenLine {
    return (events, signal) => openLine(this.#address, events, signal);
  }
}

class DbRedisSession implements Session {
  readonly #client: DbRedisClient;
  #isOpen = true;

  constructor(client: DbRedisClient) {
    this.#client = client;
  }

  call(command: string, args: readonly RedisArgument[]): Promise<unknown> {
    return this.#client.sendCommand(command, [...args], {
      returnUint8Arrays: true,
    });
  }

  isOpen(): boolean {
    return this.#isOpen && this.#client.isConnected;
  }

  /** It has no state of its own: anything but an answer ends it. */
  isBroken(error: unknown): boolean {
    return !isServerError(error);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      this.#client.close();
    } catch {
      // Its connection is closed already.
    }
  }
}
