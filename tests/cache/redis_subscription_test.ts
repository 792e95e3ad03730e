import { assert, assertEquals } from "@std/assert";
import {
  commandRedis,
  hasRedis,
  type Service,
  startRedis,
  TcpProxy,
  until,
} from "../services.ts";
import type { ThirdTierStore } from "../../cache/third_tier.ts";
import { redis } from "../../cache/redis.ts";
import { DialedLink } from "../../cache/redis/_dialed_link.ts";
import { IoredisDialer } from "../../cache/redis/_ioredis.ts";
import { planIoredis } from "../../cache/redis/_ioredis_plan.ts";
import { connectBy } from "../../cache/db_redis/connect.ts";
import { connect } from "../jsr_registry/db_redis/mod.ts";
import { needs } from "../permissions.ts";
import { RedisStore } from "../../cache/redis/redis_store.ts";
import { CLIENTS, CLUSTER_CLIENTS, type MakeStore } from "./redis_clients.ts";
import { settled, sleep } from "./third_tier_cases.ts";

/** Kinds that listen over a connection of their own. */
const LISTENING: [string, MakeStore, boolean][] = [
  ...["options, by ioredis", "ioredis", "npm:redis", "npm:redis of RESP2"]
    .map((kind): [string, MakeStore, boolean] => [kind, CLIENTS[kind]!, false]),
  [
    "options, by a driver of the shape of @db/redis",
    CLIENTS["options, by a driver of the shape of @db/redis"]!,
    false,
  ],
  [
    "a cluster, by ioredis",
    CLUSTER_CLIENTS["options, by ioredis"]!,
    true,
  ],
];

interface Heard {
  readonly messages: string[];
  readonly gaps: number[];
}

async function listening(
  store: ThirdTierStore,
  work: (heard: Heard) => Promise<void>,
): Promise<void> {
  const tier = store.open("cache");
  const heard: Heard = { messages: [], gaps: [] };
  const end = await tier.subscribe({
    message: (text) => heard.messages.push(text),
    gap: (seconds) => heard.gaps.push(seconds),
  });
  assert(end !== undefined);
  try {
    await work(heard);
  } finally {
    await tier.close();
  }
}

function publish(server: Service, text: string): Promise<unknown> {
  return commandRedis(server.port, ["PUBLISH", "oresty:cache:cache", text]);
}

for (const [kind, make, isCluster] of LISTENING) {
  Deno.test({
    name: `third tier, redis: a killed server is a gap (${kind})`,
    ignore: !hasRedis(),
    async fn() {
      await using server = await startRedis({ isCluster });
      await using owned = await make(server.port);
      await listening(owned.store, async (heard) => {
        await publish(server, "before");
        await settled(() => heard.messages.length === 1);
        await server.kill();
        await sleep(0.3);
        await server.restart();
        if (isCluster) {
          const slots = ["CLUSTER", "ADDSLOTSRANGE", "0", "16383"];
          await commandRedis(server.port, slots).catch(() => {});
        }
        await settled(() => heard.gaps.length === 1);
        await publish(server, "after");
        await settled(() => heard.messages.length === 2);
        assertEquals(heard.messages, ["before", "after"]);
        const [gap] = heard.gaps;
        assert(gap !== undefined && gap >= 0.3 && gap < 5, `${heard.gaps}`);
      });
      // A client that was handed in goes its own way back, with timers.
      const tier = owned.store.open("cache");
      await until("the client", 5, () => tier.counters(["a"]));
      await tier.close();
      await sleep(0.1);
    },
  });
}

Deno.test({
  name: "third tier, redis: a cut network is a gap of its length",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    await using proxy = new TcpProxy(server.port);
    const store = redis({ port: proxy.port });
    await listening(store, async (heard) => {
      assertEquals(heard.gaps, []);
      proxy.cut();
      await publish(server, "nobody hears");
      await sleep(0.6);
      proxy.resume();
      await settled(() => heard.gaps.length === 1);
      await publish(server, "after");
      await settled(() => heard.messages.length === 1);
      assertEquals(heard.messages, ["after"]);
      assert(heard.gaps[0]! >= 0.6 && heard.gaps[0]! < 4, `${heard.gaps}`);
    });
  },
});

/** With a look at the server every 0.2 s. */
function attentive(port: number): RedisStore {
  const plan = planIoredis("redis", { port }, 0.3);
  const link = new DialedLink(new IoredisDialer(plan), 0.3);
  return new RedisStore(link, 0.3, [], { heartbeat: 0.2, longestRetry: 0.2 });
}

Deno.test({
  name: "third tier, redis: silence is noticed, and a gap",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    await using proxy = new TcpProxy(server.port);
    const store = attentive(proxy.port);
    await listening(store, async (heard) => {
      await sleep(0.5);
      // The connections stay as they are: nothing says that they are dead.
      proxy.hang();
      await sleep(1.5);
      proxy.resume();
      await settled(() => heard.gaps.length > 0);
      await publish(server, "after");
      await settled(() => heard.messages.length === 1);
      assertEquals(heard.messages, ["after"]);
      const sum = heard.gaps.reduce((all, each) => all + each, 0);
      assert(sum >= 1.4 && sum < 6, `${heard.gaps}`);
    });
  },
});

Deno.test({
  name: "third tier, redis: attempts that hang leave no connections behind",
  ignore: !needs("net"),
  async fn(test) {
    const driver = () => Promise.resolve({ connect: connect as never });
    const stores: Record<string, (port: number) => ThirdTierStore> = {
      "ioredis": (port) => {
        const plan = planIoredis("redis", { port, password: "p" }, 0.1);
        const link = new DialedLink(new IoredisDialer(plan), 0.1);
        return new RedisStore(link, 0.1, [], { longestRetry: 0.05 });
      },
      "a driver of the shape of @db/redis": (port) =>
        connectBy({ port, password: "p", timeout: 0.1 }, driver),
    };
    for (const [kind, make] of Object.entries(stores)) {
      await test.step(kind, async () => {
        await using silent = new SilentServer();
        await listening(make(silent.port), async (heard) => {
          await sleep(2);
          assert(silent.accepted >= 4, `${silent.accepted} attempts`);
          assert(silent.open <= 2, `${silent.open} connections`);
          assertEquals(heard, { messages: [], gaps: [] });
        });
        await settled(() => silent.open === 0);
        assertEquals(silent.open, 0);
      });
    }
  },
});

/** Takes connections and never answers. */
class SilentServer implements AsyncDisposable {
  readonly port: number;
  accepted = 0;
  open = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections: Deno.Conn[] = [];
  readonly #done: Promise<unknown>;

  constructor() {
    this.port = this.#listener.addr.port;
    this.#done = this.#accept();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) {
      try {
        connection.close();
      } catch {
        // Its other end has closed it.
      }
    }
    await this.#done;
  }

  async #accept(): Promise<void> {
    const readings: Promise<void>[] = [];
    for await (const connection of this.#listener) {
      this.accepted++;
      this.open++;
      this.#connections.push(connection);
      readings.push(
        connection.readable.pipeTo(new WritableStream())
          .catch(() => {})
          .finally(() => this.open--),
      );
    }
    await Promise.all(readings);
  }
}

Deno.test({
  name: "third tier, redis: a quiet channel on a whole connection has no gap",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    await listening(attentive(server.port), async (heard) => {
      await sleep(1.2);
      await publish(server, "after");
      await settled(() => heard.messages.length === 1);
      assertEquals(heard, { messages: ["after"], gaps: [] });
    });
  },
});

Deno.test({
  name: "third tier, redis: who listens before the server is there hears later",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    await server.kill();
    await listening(redis({ port: server.port }), async (heard) => {
      await sleep(0.3);
      await server.restart();
      await settled(() => heard.gaps.length === 1);
      await publish(server, "after");
      await settled(() => heard.messages.length === 1);
      assertEquals(heard.messages, ["after"]);
      assert(heard.gaps[0]! >= 0.3, `${heard.gaps}`);
    });
  },
});

Deno.test({
  name: "third tier, redis: all caches of a store listen over one connection",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    await using proxy = new TcpProxy(server.port);
    const store = redis({ port: proxy.port });
    const tiers = Array.from({ length: 10 }, (_, i) => store.open(`c${i}`));
    const heard: string[] = [];
    await Promise.all(
      tiers.map((tier, i) =>
        tier.subscribe({
          message: (text) => heard.push(`${i} ${text}`),
          gap: (seconds) => heard.push(`gap ${seconds}`),
        })
      ),
    );
    await Promise.all(tiers.map((tier) => tier.raise(["n"], "hello")));
    await settled(() => heard.length === 10);
    assertEquals(heard.sort(), tiers.map((_, i) => `${i} hello`));
    assertEquals(proxy.connections, 2);
    await Promise.all(tiers.map((tier) => tier.close()));
    await settled(() => proxy.connections === 0);
    assertEquals(proxy.connections, 0);
  },
});
