import { Buffer } from "node:buffer";
import { callIoredis, type IoredisClient, lineBeside } from "./_ioredis.ts";
import type { RedisArgument, RedisLink } from "./_link.ts";
import type { LineEvents, OpenLine } from "./_subscriptions.ts";

/** As much of a client of npm:redis as is used here. */
interface NodeRedisClient {
  readonly isOpen: boolean;
  readonly isReady?: boolean;
  readonly options?: { socket?: Record<string, unknown> };
  sendCommand(args: unknown[], options?: unknown): Promise<unknown>;
  duplicate(options?: unknown): NodeRedisClient;
  connect(): Promise<unknown>;
  unref(): void;
  destroy(): void;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  subscribe(
    channels: string[],
    listener: (text: string, channel: string) => void,
  ): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
}

interface NodeRedisCluster {
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean,
    args: unknown[],
    options?: unknown,
  ): Promise<unknown>;
}

/** As much of a client of `@db/redis` as is used here. */
export interface DbRedisClient {
  readonly isConnected: boolean;
  sendCommand(
    command: string,
    args?: RedisArgument[],
    options?: { returnUint8Arrays?: boolean },
  ): Promise<unknown>;
  close(): void;
}

/** Sends a command and gives what came back, as text, numbers and arrays. */
export type RedisCommandFunction = (
  command: string,
  args: string[],
) => Promise<unknown>;

/**
 * Finds out what a client is by its shape.
 *
 * @returns undefined when it has none of the known ones.
 */
export function linkByShape(source: unknown): RedisLink | undefined {
  if (typeof source === "function") {
    const send = source as RedisCommandFunction;
    return new ReadyLink({
      isText: true,
      call: (command, args) => send(command, args.map(String)),
    });
  }
  if (typeof source !== "object" || source === null) return undefined;
  if (has(source, "callBuffer") && "status" in source) {
    const client = source as IoredisClient;
    const check = onlyReady(() => client.status === "ready");
    return new ReadyLink({
      isCluster: client.isCluster === true,
      call: (command, args) => {
        check();
        return callIoredis(client, command, args);
      },
      openLine: lineBeside(client),
    });
  }
  if (!has(source, "sendCommand")) return undefined;
  if ("slots" in source && "masters" in source) {
    const cluster = source as unknown as NodeRedisCluster;
    return new ReadyLink({
      isCluster: true,
      call: (command, args) =>
        cluster.sendCommand(
          firstKey(command, args),
          false,
          [command, ...args.map(nodeRedisArgument)],
          BYTES,
        ),
    });
  }
  if ("isOpen" in source && has(source, "duplicate")) {
    const client = source as unknown as NodeRedisClient;
    const check = onlyReady(() => client.isReady !== false);
    return new ReadyLink({
      call: (command, args) => {
        check();
        return client.sendCommand(
          [command, ...args.map(nodeRedisArgument)],
          BYTES,
        );
      },
      openLine: (events, signal) => openNodeRedisLine(client, events, signal),
    });
  }
  if ("isConnected" in source) {
    const client = source as unknown as DbRedisClient;
    return new ReadyLink({
      call: (command, args) =>
        client.sendCommand(command, [...args], { returnUint8Arrays: true }),
    });
  }
  return undefined;
}

/**
 * Refuses what a client would keep until its server is there again: a write that
 * comes long after its caller was told that it failed would undo later ones. Its
 * first connection is waited for.
 */
function onlyReady(isReady: () => boolean): () => void {
  let wasReady = false;
  return () => {
    if (isReady()) wasReady = true;
    else if (wasReady) throw new Error("the client is not connected");
  };
}

/**
 * Bulk strings as bytes, in the words of version 5 and 6 (36 is `$`) and in
 * those of version 4.
 */
const BYTES = { typeMapping: { 36: Buffer }, returnBuffers: true };

function has(source: object, method: string): boolean {
  return typeof (source as Record<string, unknown>)[method] === "function";
}

function nodeRedisArgument(arg: RedisArgument): string | Buffer {
  return arg instanceof Uint8Array
    ? Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength)
    : String(arg);
}

/** The key by which a cluster's node is found, of the commands used here. */
function firstKey(
  command: string,
  args: readonly RedisArgument[],
): string | undefined {
  if (command === "PUBLISH") return undefined;
  if (command === "EVALSHA" || command === "EVAL") {
    return Number(args[1]) > 0 ? String(args[2]) : undefined;
  }
  return args[0] === undefined ? undefined : String(args[0]);
}

async function openNodeRedisLine(
  client: NodeRedisClient,
  events: LineEvents,
  signal: AbortSignal,
): ReturnType<OpenLine> {
  const socket = { ...client.options?.socket, reconnectStrategy: false };
  const line = client.duplicate({ socket });
  // An error without a listener is thrown.
  line.on("error", () => events.closed());
  line.on("end", () => events.closed());
  line.unref();
  const stop = (): void => line.destroy();
  signal.addEventListener("abort", stop);
  try {
    signal.throwIfAborted();
    await line.connect();
  } finally {
    signal.removeEventListener("abort", stop);
  }
  // One function: each of several would be called for a channel of two caches.
  const listener = (text: string, channel: string): void =>
    events.message(channel, text);
  return {
    subscribe: async (channels) =>
      await line.subscribe([...channels], listener),
    unsubscribe: async (channel) => await line.unsubscribe(channel),
    ping: async () => void await line.sendCommand(["PING"]),
    close: () => line.destroy(),
  };
}

interface Ways {
  readonly isCluster?: boolean;
  readonly isText?: boolean;
  readonly call: RedisLink["call"];
  readonly openLine?: OpenLine;
}

/** A client that is somebody else's: it is neither opened nor closed here. */
class ReadyLink implements RedisLink {
  readonly isCluster: boolean;
  readonly isText: boolean;
  readonly openLine: OpenLine | undefined;
  readonly #call: RedisLink["call"];

  constructor({ isCluster = false, isText = false, call, openLine }: Ways) {
    this.isCluster = isCluster;
    this.isText = isText;
    this.openLine = openLine;
    this.#call = call;
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  async call(
    command: string,
    args: readonly RedisArgument[],
  ): Promise<unknown> {
    return await this.#call(command, args);
  }

  suspect(): void {}

  close(): void {}
}
