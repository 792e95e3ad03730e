import { connect } from "../jsr_registry/db_redis/mod.ts";
import { RespConnection } from "../services/resp_connection.ts";
import type { ThirdTierStore } from "../../cache/third_tier.ts";
import { connectBy } from "../../cache/db_redis/connect.ts";
import { redis } from "../../cache/redis.ts";

/** A store over a client of one kind, and what ends that client. */
export interface ClientStore extends AsyncDisposable {
  readonly store: ThirdTierStore;
}

/** Makes a store over a server of this port of 127.0.0.1. */
export type MakeStore = (port: number) => Promise<ClientStore>;

const host = "127.0.0.1";

function owned(
  store: ThirdTierStore,
  end: () => unknown = () => {},
): ClientStore {
  return {
    store,
    [Symbol.asyncDispose]: async () => void await end(),
  };
}

/** Of every kind of client. */
export const CLIENTS: Record<string, MakeStore> = {
  "options, by ioredis": async (port) => owned(redis({ host, port })),
  "a url, by ioredis": async (port) =>
    owned(redis({ url: `redis://${host}:${port}/3` })),
  "ioredis": async (port) => {
    // When it is needed: it reads the environment as it is loaded.
    const { Redis } = await import("ioredis");
    const client = new Redis({ host, port });
    client.on("error", () => {});
    await client.ping();
    return owned(redis(client), () => client.disconnect());
  },
  "ioredis of RESP2": async (port) => {
    // When it is needed: it reads the environment as it is loaded.
    const { Redis } = await import("ioredis");
    const client = new Redis({ host, port, protocol: 2, keyPrefix: "x:" });
    await client.ping();
    return owned(redis(client), () => client.disconnect());
  },
  "npm:redis": async (port) => {
    const { createClient } = await import("redis");
    const client = createClient({ socket: { host, port } });
    client.on("error", () => {});
    await client.connect();
    return owned(redis(client), () => client.destroy());
  },
  "npm:redis of RESP2": async (port) => {
    const { createClient } = await import("redis");
    const client = createClient({ socket: { host, port }, RESP: 2 });
    client.on("error", () => {});
    await client.connect();
    return owned(redis(client), () => client.destroy());
  },
  "a client of the shape of @db/redis": async (port) => {
    const client = await connect({ hostname: host, port });
    return owned(redis(client), () => client.close());
  },
  "options, by a driver of the shape of @db/redis": async (port) =>
    owned(
      connectBy(
        { hostname: host, port },
        () => Promise.resolve({ connect: connect as never }),
      ),
    ),
  "a function that gives text": async (port) => {
    const connection = await RespConnection.open(host, port);
    let queue: Promise<unknown> = Promise.resolve();
    const send = (command: string, args: string[]): Promise<unknown> => {
      const sent = queue.then(() => connection.send([command, ...args]));
      queue = sent.catch(() => {});
      return sent;
    };
    return owned(redis(send), () => connection.close());
  },
};

/** Of clients that know clusters. */
export const CLUSTER_CLIENTS: Record<string, MakeStore> = {
  "options, by ioredis": async (port) =>
    owned(redis({ cluster: [`${host}:${port}`] })),
  "ioredis": async (port) => {
    // When it is needed: it reads the environment as it is loaded.
    const { Cluster } = await import("ioredis");
    const client = new Cluster([{ host, port }]);
    await client.ping();
    return owned(redis(client), () => client.disconnect());
  },
  "npm:redis": async (port) => {
    const { createCluster } = await import("redis");
    const client = createCluster({ rootNodes: [{ socket: { host, port } }] });
    client.on("error", () => {});
    await client.connect();
    return owned(redis(client), () => client.destroy());
  },
  // It does not know that the server is a node of a cluster.
  "options of one server": async (port) => owned(redis({ host, port })),
};
