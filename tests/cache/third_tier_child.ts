/**
 * A program with a third tier open, for the tests of how it ends: `deno run` it
 * and it ends by itself, `deno serve` it and it ends on SIGTERM.
 */
import { createClient } from "redis";
import { connectBy } from "../../cache/db_redis/connect.ts";
import { mongo } from "../../cache/mongo.ts";
import { redis } from "../../cache/redis.ts";
import type { ThirdTierStore } from "../../cache/third_tier.ts";
import { connect } from "../jsr_registry/db_redis/mod.ts";

const port = Number(Deno.env.get("STORE_PORT"));
const host = "127.0.0.1";

const STORES: Record<string, () => Promise<ThirdTierStore>> = {
  "redis": async () => redis({ port }),
  "cluster": async () => redis({ cluster: [`${host}:${port}`] }),
  "db-redis": async () =>
    connectBy(
      { hostname: host, port },
      () => Promise.resolve({ connect: connect as never }),
    ),
  "npm:redis": async () => {
    const client = createClient({ socket: { host, port } });
    client.on("error", () => {});
    // What an owner says who does not want to be held.
    client.unref();
    await client.connect();
    return redis(client);
  },
  "mongo": async () => mongo({ url: `mongodb://${host}:${port}` }),
};

const store = await STORES[Deno.env.get("STORE") ?? ""]!();
const tier = store.open("cache");
await tier.subscribe({ message() {}, gap() {} });
await untilUsed();
console.log("open");

/** On a machine that is busy the first connection may come too late. */
async function untilUsed(): Promise<void> {
  const until = performance.now() + 10_000;
  while (true) {
    try {
      return await use();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
  }
}

async function use(): Promise<void> {
  await tier.claim("a", 0, "t", 5, true);
  await tier.commit("a", 0, "t", {
    data: new Uint8Array(8),
    fresh: 60,
    grace: 5,
  }, "m");
  await tier.read(["a"], 0);
}

export default {
  async fetch(): Promise<Response> {
    try {
      await use();
      return new Response("done");
    } catch (error) {
      return new Response(String(error), { status: 503 });
    }
  },
};
