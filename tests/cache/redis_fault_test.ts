import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  commandRedis,
  freePort,
  hasRedis,
  startRedis,
  TcpProxy,
} from "../services.ts";
import type { ThirdTier } from "../../cache/third_tier.ts";
import { redis, ThirdTierError } from "../../cache/redis.ts";
import { CLIENTS, CLUSTER_CLIENTS, type MakeStore } from "./redis_clients.ts";
import { sleep, textOf, value } from "./third_tier_cases.ts";
import { assertTierRefuses, assertWorksSoon } from "./third_tier_faults.ts";

/** Kinds that come back by themselves after a connection was lost. */
const LASTING = Object.entries(CLIENTS).filter(([kind]) =>
  !/shape of @db|function|url|RESP2/.test(kind) || kind.startsWith("options")
);

async function timed<T>(work: () => Promise<T>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** As `assertTierRefuses`; what the client says is its cause. */
async function assertRefused(tier: ThirdTier): Promise<void> {
  await assertTierRefuses(tier, "redis", ({ cause }) => {
    assert(cause instanceof Error);
  });
}

async function withTier(
  port: number,
  make: MakeStore,
  work: (tier: ThirdTier) => Promise<void>,
): Promise<void> {
  await using owned = await make(port);
  const tier = owned.store.open("cache");
  try {
    await work(tier);
  } finally {
    await tier.close();
  }
}

for (const [kind, make] of LASTING) {
  Deno.test({
    name: `third tier, redis: a frozen server holds nobody up (${kind})`,
    ignore: !hasRedis(),
    async fn() {
      await using server = await startRedis();
      await withTier(server.port, make, async (tier) => {
        await tier.write("a", 0, value("one"), "");
        server.pause();
        try {
          await assertRefused(tier);
          await assertRefused(tier);
        } finally {
          server.resume();
        }
        await assertWorksSoon(tier, 5);
      });
    },
  });

  Deno.test({
    name: `third tier, redis: killed in a load, and there again (${kind})`,
    ignore: !hasRedis(),
    async fn() {
      await using server = await startRedis();
      await withTier(server.port, make, async (tier) => {
        const claim = await tier.claim("a", 0, "t", 30, false);
        assertEquals(claim.state, "mine");
        await server.kill();
        await assertRefused(tier);
        await server.restart();
        await assertWorksSoon(tier, 5);
        // The lock was lost with the server.
        assertEquals(
          await tier.commit("a", 0, "t", value("late"), ""),
          false,
        );
        await server.kill();
        await assertRefused(tier);
        await server.restart();
        await assertWorksSoon(tier, 5);
      });
    },
  });

  Deno.test({
    name: `third tier, redis: a network that cuts and hangs (${kind})`,
    ignore: !hasRedis(),
    async fn() {
      await using server = await startRedis();
      await using proxy = new TcpProxy(server.port);
      await withTier(proxy.port, make, async (tier) => {
        await assertWorksSoon(tier, 5);
        proxy.cut();
        await assertRefused(tier);
        await assertRejects(() => tier.write("late", 0, value("x"), ""));
        proxy.resume();
        await assertWorksSoon(tier, 5);
        await sleep(0.3);
        // Nobody sends later what has failed.
        assertEquals(await tier.read(["late"], 0), [undefined]);
        proxy.hang();
        await assertRefused(tier);
        await assertRefused(tier);
        proxy.resume();
        await assertWorksSoon(tier, 5);
      });
    },
  });
}

for (
  const [kind, make] of LASTING.filter(([kind]) => kind.startsWith("options"))
) {
  Deno.test({
    name: `third tier, redis: a connection that is dead is left (${kind})`,
    ignore: !hasRedis(),
    async fn() {
      await using server = await startRedis();
      await using proxy = new TcpProxy(server.port);
      await withTier(proxy.port, make, async (tier) => {
        await assertWorksSoon(tier, 5);
        proxy.strand();
        const error = await assertRejects(
          () => tier.read(["a"], 0),
          ThirdTierError,
        );
        assertEquals(error.reason, "timeout");
        await tier.read(["a"], 0);
        await assertWorksSoon(tier, 5);
      });
    },
  });
}

Deno.test({
  name: "third tier, redis: a frozen node of a cluster holds nobody up",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis({ isCluster: true });
    await withTier(
      server.port,
      CLUSTER_CLIENTS["options, by ioredis"]!,
      async (tier) => {
        await assertWorksSoon(tier, 5);
        server.pause();
        try {
          await assertRefused(tier);
          await assertRefused(tier);
        } finally {
          server.resume();
        }
        await assertWorksSoon(tier, 5);
        await server.kill();
        await assertRefused(tier);
      },
    );
    // So long ioredis waits for the end of each node's connection.
    await sleep(0.1);
  },
});

Deno.test({
  name: "third tier, redis: no server at all is an error in time",
  ignore: !hasRedis(),
  async fn() {
    const port = freePort();
    const password = "s3cret&word";
    const encoded = encodeURIComponent(password);
    for (
      const store of [
        redis({ port, password }),
        redis({ url: `redis://user:${encoded}@127.0.0.1:${port}` }),
        redis({ cluster: [`127.0.0.1:${port}`], password }),
        redis({ sentinels: [`127.0.0.1:${port}`], password }),
      ]
    ) {
      const tier = store.open("cache");
      await assertRefused(tier);
      const error = await assertRejects(() => tier.read(["a"], 0));
      const shown = Deno.inspect(error, { depth: 10 });
      assert(!shown.includes(password) && !shown.includes(encoded), shown);
      await tier.close();
    }
    // ioredis waits 2 s for the end of a connection to a sentinel that never
    // was one, and of its own accord.
    await sleep(2.1);
  },
});

Deno.test({
  name: "third tier, redis: no password is shown where it is refused",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis({ password: "right" });
    const wrong = redis({ port: server.port, password: "wr0ng-pass" })
      .open("cache");
    const error = await assertRejects(
      () => wrong.read(["a"], 0),
      ThirdTierError,
    );
    const shown = Deno.inspect(error, { depth: 10 });
    assert(!shown.includes("wr0ng-pass"), shown);
    assert(/WRONGPASS|invalid/i.test(error.message), error.message);
    await wrong.close();

    const url = `redis://default:right@127.0.0.1:${server.port}/0`;
    const right = redis({ url }).open("cache");
    await assertWorksSoon(right, 1);
    await right.close();
  },
});

Deno.test({
  name: "third tier, redis: a shorter timeout is kept",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    const tier = redis({ port: server.port, timeout: "100ms" }).open("cache");
    await assertWorksSoon(tier, 5);
    server.pause();
    try {
      for (let i = 0; i < 3; i++) {
        const took = await timed(async () => {
          await assertRejects(() => tier.read(["a"], 0), ThirdTierError);
        });
        assert(took < 0.4, `it took ${took} s`);
      }
    } finally {
      server.resume();
    }
    await tier.close();
  },
});

Deno.test({
  name: "third tier, redis: scripts that were flushed are sent again",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    for (const make of Object.values(CLIENTS)) {
      await withTier(server.port, make, async (tier) => {
        await tier.write("a", 0, value("one"), "");
        await commandRedis(server.port, ["SCRIPT", "FLUSH"]);
        await tier.write("a", 0, value("two"), "");
        const [found] = await tier.read(["a"], 0);
        assertEquals(textOf(found), "two");
      });
    }
  },
});
