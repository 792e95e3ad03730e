import type { Dialer, RedisArgument, Session } from "./_link.ts";
import type { Line, LineEvents, OpenLine } from "./_subscriptions.ts";
import type { IoredisPlan } from "./_ioredis_plan.ts";
import { Buffer } from "node:buffer";

/** As much of ioredis as is used here, of `Redis` and of `Cluster`. */
export interface IoredisClient {
  readonly status: string;
  readonly isCluster?: boolean;
  readonly stream?: { unref?(): void; destroy?(): void };
  connect(): Promise<void>;
  disconnect(): void;
  callBuffer(
    command: string,
    ...args: (string | number | Buffer)[]
  ): Promise<unknown>;
  duplicate(options?: Record<string, unknown>): IoredisClient;
  nodes?(role?: string): IoredisClient[];
  subscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
  ping(): Promise<unknown>;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

interface Driver {
  Redis: new (options: Record<string, unknown>) => IoredisClient;
  Cluster: new (
    nodes: readonly unknown[],
    options: Record<string, unknown>,
  ) => IoredisClient;
}

/** Connections of our own, through the ioredis that is loaded when needed. */
export class IoredisDialer implements Dialer<IoredisSession> {
  readonly isCluster: boolean;
  readonly isText = false;
  readonly #plan: IoredisPlan;
  readonly #load: () => Promise<unknown>;
  #driver: Promise<Driver> | undefined;

  /** @param load Gives the module; another one for tests. */
  constructor(
    plan: IoredisPlan,
    load: () => Promise<unknown> = () => import("ioredis"),
  ) {
    this.#plan = plan;
    this.#load = load;
    this.isCluster = plan.nodes !== undefined;
  }

  async prepare(): Promise<void> {
    this.#driver ??= this.#load() as Promise<Driver>;
    try {
      await this.#driver;
    } catch (error) {
      this.#driver = undefined;
      throw error;
    }
  }

  async dial(signal: AbortSignal): Promise<IoredisSession> {
    const client = await this.#make();
    await connected(client, signal);
    return new IoredisSession(client);
  }

  openLine(session: () => Promise<IoredisSession>): OpenLine {
    return async (events, signal) => {
      if (!this.isCluster) {
        return await openLine(await this.#make(), events, signal);
      }
      // Any node tells what was told to any other.
      const { client } = await session();
      const line = nodeOf(client).duplicate(LINE_OPTIONS);
      return await openLine(line, events, signal);
    };
  }

  async #make(): Promise<IoredisClient> {
    this.#driver ??= this.#load() as Promise<Driver>;
    const { Redis, Cluster } = await this.#driver;
    const { nodes, options } = this.#plan;
    if (nodes === undefined) return released(new Redis(options));
    const cluster = new Cluster(nodes, options);
    cluster.on("+node", (node: IoredisClient) => void released(node));
    return quiet(cluster);
  }
}

/** A connected client that is thrown away when its connection breaks. */
export class IoredisSession implements Session {
  readonly client: IoredisClient;

  constructor(client: IoredisClient) {
    this.client = client;
  }

  call(command: string, args: readonly RedisArgument[]): Promise<unknown> {
    return callIoredis(this.client, command, args);
  }

  isOpen(): boolean {
    return this.client.status === "ready";
  }

  isBroken(): boolean {
    return !this.isOpen();
  }

  close(): void {
    hangUp(this.client);
  }
}

/** Sends a command by ioredis, for an answer in bytes. */
export function callIoredis(
  client: IoredisClient,
  command: string,
  args: readonly RedisArgument[],
): Promise<unknown> {
  return client.callBuffer(
    command,
    ...args.map((arg) =>
      arg instanceof Uint8Array
        ? Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength)
        : arg
    ),
  );
}

/** What a connection that listens has otherwise than the client it is from. */
const LINE_OPTIONS: Record<string, unknown> = {
  lazyConnect: true,
  retryStrategy: null,
  // A node of a cluster may be read-only, and its name is that of a node.
  readOnly: false,
  autoResubscribe: false,
  enableReadyCheck: false,
  enableOfflineQueue: true,
  disconnectTimeout: 50,
};

/** Opens a connection that listens beside a client that was handed in. */
export function lineBeside(client: IoredisClient): OpenLine {
  return async (events, signal) => {
    const one = client.isCluster ? nodeOf(client) : client;
    return await openLine(one.duplicate(LINE_OPTIONS), events, signal);
  };
}

function nodeOf(cluster: IoredisClient): IoredisClient {
  const nodes = cluster.nodes?.() ?? [];
  const node = nodes[Math.floor(Math.random() * nodes.length)];
  if (node === undefined) throw new Error("no node of the cluster is known");
  return node;
}

async function openLine(
  client: IoredisClient,
  events: LineEvents,
  signal: AbortSignal,
): Promise<Line> {
  released(client);
  client.on("message", (channel: string, text: string) => {
    events.message(channel, text);
  });
  client.on("close", () => events.closed());
  await connected(client, signal);
  return {
    subscribe: async (channels) => void await client.subscribe(...channels),
    unsubscribe: async (channel) => void await client.unsubscribe(channel),
    ping: async () => void await client.ping(),
    close: () => hangUp(client),
  };
}

/** Connects; what ioredis throws then says only that it is closed. */
async function connected(
  client: IoredisClient,
  signal: AbortSignal,
): Promise<void> {
  let reason: unknown;
  client.on("error", (error: unknown) => reason = error);
  client.on("node error", (error: unknown) => reason = error);
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    signal.throwIfAborted();
    await Promise.race([client.connect(), stopped]);
  } catch (error) {
    hangUp(client);
    throw signal.aborted ? signal.reason : reason ?? error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Takes its errors: without a listener ioredis prints each. */
function quiet(client: IoredisClient): IoredisClient {
  client.on("error", () => {});
  return client;
}

/** Lets the process end while the connection is open. */
function released(client: IoredisClient): IoredisClient {
  client.on("connect", () => client.stream?.unref?.());
  return quiet(client);
}

/**
 * Ends it at once: a polite end waits for a server that may be frozen, with a
 * timer that holds the process.
 */
function hangUp(client: IoredisClient): void {
  for (const each of client.nodes?.() ?? [client]) {
    if (each.stream?.destroy === undefined) each.disconnect();
    else each.stream.destroy();
  }
}
