import { checkOptions } from "@oresty/core";
import { timeoutOf } from "../_tier_deadline.ts";
import { ThirdTierError } from "../third_tier_error.ts";
import { Caller } from "./_caller.ts";
import { DialedLink } from "./_dialed_link.ts";
import { IoredisDialer } from "./_ioredis.ts";
import { planIoredis } from "./_ioredis_plan.ts";
import { CONNECTION_COMMANDS, READ_COMMANDS } from "./_read_commands.ts";
import type { RedisCommands, RedisReply, RedisValue } from "./commands.ts";
import {
  REDIS_OPTIONS,
  type RedisEndpoint,
  type RedisOptions,
} from "./options.ts";

/** A node of a cluster, as OpenResty's cluster client has it. */
export interface ServEntry {
  /** Address. */
  ip: string;
  /**
   * Where it listens.
   *
   * @default 6379
   */
  port?: number;
}

/** How a client reaches Redis. */
export interface RedisClientOptions extends RedisOptions {
  /** The same as `cluster`: some nodes of a cluster. */
  servList?: readonly (string | RedisEndpoint | ServEntry)[];
  /** The same as `servList`. */
  // deno-lint-ignore camelcase -- the original's own name
  serv_list?: readonly (string | RedisEndpoint | ServEntry)[];
  /**
   * How often a command that reads is sent again when its connection fails,
   * within the timeout; one that writes is sent once.
   *
   * @default 2
   */
  retries?: number;
}

/** A client for any command of Redis; made by {@linkcode redisClient}. */
export interface RedisClient extends RedisCommands, AsyncDisposable {
  /**
   * Sends a command by its name.
   *
   * @throws {ThirdTierError} When it fails, or is not answered in time.
   * @throws {TypeError} When the command would change the shared connection.
   */
  call(command: string, ...args: RedisValue[]): Promise<RedisReply>;
  /** The same, with bytes where `call` has text. */
  callBytes(command: string, ...args: RedisValue[]): Promise<unknown>;
  /** Ends the connection. */
  close(): Promise<void>;
}

/**
 * A client for any command of Redis that never waits longer than its timeout,
 * comes back by itself when the server does, and keeps no process alive. Blocking
 * commands are answered within the timeout or not at all.
 *
 * @param conf How to reach the server; `{}` is 127.0.0.1:6379.
 * @returns A client; nothing is connected yet.
 * @throws {TypeError} When an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { redisClient } from "@oresty/cache/redis";
 *
 * const client = redisClient({ host: "127.0.0.1", timeout: 0.2 });
 * const answer = client.get("key").catch((error) => error.name);
 * console.log(await answer);
 * await client.close();
 * ```
 */
export function redisClient(conf: RedisClientOptions = {}): RedisClient {
  checkOptions("redisClient", conf, [
    ...REDIS_OPTIONS,
    "servList",
    "serv_list",
    "retries",
  ]);
  const { retries = 2, servList, serv_list: original, ...rest } = conf;
  if (!Number.isInteger(retries) || retries < 0) {
    throw new TypeError(
      `Cannot use option "retries" of redisClient: "${String(retries)}" ` +
        `was given, expected a whole number`,
    );
  }
  const given = [rest.cluster, servList, original]
    .filter((list) => list !== undefined);
  if (given.length > 1) {
    throw new TypeError(
      `Cannot use the options of redisClient: the nodes were given twice, ` +
        `expected one of "cluster", "servList" and "serv_list"`,
    );
  }
  const options: RedisOptions = { ...rest };
  if (given[0] !== undefined) options.cluster = endpointsOf(given[0]);
  const timeout = timeoutOf(options.timeout);
  const plan = planIoredis("redisClient", options, timeout);
  const link = new DialedLink(new IoredisDialer(plan), timeout);
  const caller = new Caller("redis", link, timeout, plan.secrets);
  return byName(new AnyCommand(caller, retries));
}

function endpointsOf(
  nodes: readonly (string | RedisEndpoint | ServEntry)[],
): readonly (string | RedisEndpoint)[] {
  // What is no list, or none of an address, is refused with all the others.
  if (!Array.isArray(nodes)) return nodes as never;
  return nodes.map((node: string | RedisEndpoint | ServEntry) => {
    if (typeof node !== "object" || node === null || !("ip" in node)) {
      return node;
    }
    const { ip, port } = node;
    return { host: ip, ...(port === undefined ? {} : { port }) };
  });
}

class AnyCommand {
  readonly #caller: Caller;
  readonly #retries: number;
  #isClosed = false;

  constructor(caller: Caller, retries: number) {
    this.#caller = caller;
    this.#retries = retries;
  }

  async call(command: string, ...args: RedisValue[]): Promise<RedisReply> {
    return textual(await this.callBytes(command, ...args));
  }

  async callBytes(command: string, ...args: RedisValue[]): Promise<unknown> {
    const name = String(command).toUpperCase();
    check(name, args);
    if (this.#isClosed) {
      throw new ThirdTierError(
        "redis",
        name.toLowerCase(),
        "connection",
        "it is closed",
      );
    }
    const attempts = READ_COMMANDS.has(name) ? this.#retries + 1 : 1;
    const over = new AbortController();
    try {
      return await this.#caller.within(name.toLowerCase(), async (sender) => {
        for (let attempt = 1;; attempt++) {
          try {
            return await sender.send(name, args);
          } catch (error) {
            if (attempt >= attempts || isAnswer(error)) throw error;
            await pause(attempt, over.signal);
          }
        }
      });
    } finally {
      over.abort(new Error("it is over"));
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#caller.link.close();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Longer than a link refuses to try again after a failure. */
function pause(attempt: number, over: AbortSignal): Promise<void> {
  over.throwIfAborted();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 110 * attempt);
    over.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(over.reason);
    });
  });
}

/** What the server answered, it answers again. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}

function check(name: string, args: readonly unknown[]): void {
  if (!/^[A-Z][A-Z0-9._-]*$/.test(name)) {
    throw new TypeError(
      `Cannot call ${JSON.stringify(name.slice(0, 100))}: it is no command, ` +
        `expected a name such as "GET"`,
    );
  }
  if (CONNECTION_COMMANDS.has(name)) {
    throw new TypeError(
      `Cannot call "${name}": the connection is shared, ` +
        `expected a command that changes nothing of it`,
    );
  }
  if (name === "CLIENT" && /^reply$/i.test(String(args[0]))) {
    throw new TypeError(
      `Cannot call "CLIENT REPLY": the connection is shared, and each answer ` +
        `that is left out is taken from another command, expected another one`,
    );
  }
  for (const arg of args) {
    if (
      typeof arg === "string" || typeof arg === "number" ||
      arg instanceof Uint8Array
    ) continue;
    throw new TypeError(
      `Cannot call "${name}": an argument is "${
        arg === null ? "null" : typeof arg
      }", expected strings, numbers and bytes`,
    );
  }
}

// A mark at the start is part of the value.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function textual(reply: unknown): RedisReply {
  if (reply instanceof Uint8Array) return decoder.decode(reply);
  if (Array.isArray(reply)) return reply.map(textual);
  if (typeof reply === "string" || typeof reply === "number") return reply;
  return reply === null || reply === undefined ? null : String(reply);
}

/** Any name that is not the client's own is a command's. */
function byName(client: AnyCommand): RedisClient {
  const commands = new Map<string, unknown>();
  return new Proxy(client, {
    get(target, name) {
      if (typeof name === "symbol" || name in target) {
        const own = Reflect.get(target, name, target);
        return typeof own === "function" ? own.bind(target) : own;
      }
      // It would be taken for a promise, and JSON would send a command.
      if (name === "then" || name === "toJSON") return undefined;
      let command = commands.get(name);
      if (command === undefined) {
        command = name === "hgetall"
          ? async (key: RedisValue) => fields(await target.call("HGETALL", key))
          : (...args: RedisValue[]) => target.call(name, ...args);
        commands.set(name, command);
      }
      return command;
    },
  }) as unknown as RedisClient;
}

function fields(flat: RedisReply): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  const list = Array.isArray(flat) ? flat : [];
  for (let i = 0; i + 1 < list.length; i += 2) {
    found[String(list[i])] = String(list[i + 1]);
  }
  return found;
}
