import { checkOptions } from "@oresty/core";
import { timeoutOf } from "../_tier_deadline.ts";
import type { ThirdTier, ThirdTierStore } from "../third_tier.ts";
import { Caller } from "./_caller.ts";
import { DialedLink } from "./_dialed_link.ts";
import { IoredisDialer } from "./_ioredis.ts";
import { planIoredis } from "./_ioredis_plan.ts";
import type { RedisLink } from "./_link.ts";
import { linkByShape, type RedisCommandFunction } from "./_ready_links.ts";
import { Subscriptions, type SubscriptionTimes } from "./_subscriptions.ts";
import { RedisTier } from "./_tier.ts";
import { REDIS_OPTIONS, type RedisOptions } from "./options.ts";

/**
 * A client that was made elsewhere: of ioredis (`Redis` and `Cluster`), of
 * npm:redis (a client or a cluster that is connected), or of `@db/redis`.
 */
export type RedisClientLike =
  | {
    readonly status: string;
    callBuffer(command: string, ...args: never[]): Promise<unknown>;
  }
  | { sendCommand(...args: never[]): Promise<unknown> };

/** What a client that was handed in can be told. */
export interface ReadyClientOptions {
  /**
   * Seconds after which a call has failed.
   *
   * @default 0.5
   */
  timeout?: RedisOptions["timeout"];
}

/**
 * Redis as a third tier of caches. With options it connects by npm:ioredis,
 * which is loaded when it is first needed; the permissions are net and env. Such
 * a connection keeps no process alive, and a call takes no longer than the
 * timeout, whatever the server does.
 *
 * A client that was handed in stays as it is: it is neither closed, nor does it
 * let the process end before its owner says so.
 *
 * @param source Options, a client, or a function that sends a command.
 * @param options Only for a client or a function.
 * @returns A store; nothing is connected yet.
 * @throws {TypeError} When an option is unknown or wrong, or the client is none
 * that is known.
 *
 * @example
 * ```ts
 * import { redis } from "@oresty/cache/redis";
 *
 * const store = redis({ host: "127.0.0.1", port: 6379, timeout: "200ms" });
 * const tier = store.open("articles");
 * await tier.close();
 * ```
 */
export function redis(
  source: RedisOptions | RedisClientLike | RedisCommandFunction = {},
  options: ReadyClientOptions = {},
): ThirdTierStore {
  checkOptions("redis", options, ["timeout"]);
  const ready = linkByShape(source);
  if (ready !== undefined) {
    return new RedisStore(ready, timeoutOf(options.timeout), []);
  }
  refuseStrangers(source);
  if (options.timeout !== undefined) {
    throw new TypeError(
      `Cannot use the options of redis: "timeout" was given beside options, ` +
        `expected it among them`,
    );
  }
  const timeout = timeoutOf((source as RedisOptions).timeout);
  const plan = planIoredis("redis", source as RedisOptions, timeout);
  const link = new DialedLink(new IoredisDialer(plan), timeout);
  return new RedisStore(link, timeout, plan.secrets);
}

/** An object of another class is a client that is not known, not options. */
function refuseStrangers(source: unknown): void {
  if (typeof source !== "object" || source === null) {
    return checkOptions("redis", source, REDIS_OPTIONS);
  }
  const prototype = Object.getPrototypeOf(source);
  if (prototype === Object.prototype || prototype === null) return;
  throw new TypeError(
    `Cannot use a client of class "${prototype.constructor?.name}": it has ` +
      `another shape, expected one of ioredis, npm:redis or @db/redis, ` +
      `or a function (command, args) => Promise`,
  );
}

/** Caches by name over one connection and one subscription. */
export class RedisStore implements ThirdTierStore {
  readonly #caller: Caller;
  readonly #subscriptions: Subscriptions | undefined;
  readonly #open = new Set<RedisTier>();

  /** @param times Of the subscription, for tests. */
  constructor(
    link: RedisLink,
    timeout: number,
    secrets: readonly string[],
    times: Partial<SubscriptionTimes> = {},
  ) {
    this.#caller = new Caller("redis", link, timeout, secrets);
    this.#subscriptions = link.openLine && new Subscriptions(link.openLine, {
      timeout,
      heartbeat: 2,
      retry: 0.05,
      longestRetry: 2,
      ...times,
    });
  }

  open(name: string): ThirdTier {
    const tier: RedisTier = new RedisTier(
      name,
      this.#caller,
      this.#subscriptions,
      () => this.#closed(tier),
    );
    this.#open.add(tier);
    return tier;
  }

  /** The connection is that of all, and ends with the last one. */
  #closed(tier: RedisTier): void {
    if (!this.#open.delete(tier) || this.#open.size > 0) return;
    this.#subscriptions?.close();
    this.#caller.link.close();
  }
}
