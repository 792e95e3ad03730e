import { assert, assertEquals } from "@std/assert";
import {
  commandRedis,
  hasRedis,
  RedisMonitor,
  startRedis,
} from "../services.ts";
import { redis } from "../../cache/redis.ts";
import { CLIENTS, CLUSTER_CLIENTS } from "./redis_clients.ts";
import { textOf, value } from "./third_tier_cases.ts";

Deno.test({
  name: "third tier, redis: a fill is two commands a host, of any client",
  ignore: !hasRedis(),
  async fn(test) {
    const kinds = [
      ...Object.entries(CLIENTS).map((each) => [...each, false] as const),
      ...Object.entries(CLUSTER_CLIENTS)
        .map((each) => [...each, true] as const),
    ];
    for (const [kind, make, isCluster] of kinds) {
      await test.step(`${isCluster ? "cluster, " : ""}${kind}`, async () => {
        await using server = await startRedis({ isCluster });
        await using owned = await make(server.port);
        const [one, two] = [
          owned.store.open("cache"),
          owned.store.open("cache"),
        ];
        // The server learns the scripts, and the clients connect.
        await one.claim("warm", 0, "t", 5, false);
        await one.commit("warm", 0, "t", value("x"), "m");
        await using monitor = await RedisMonitor.start(server.port);
        const fill = async (key: string): Promise<void> => {
          await one.claim(key, 0, "t1", 5, false);
          await one.commit(key, 0, "t1", value("x"), "filled");
        };
        await fill("a");
        const names = (lines: string[]): string[] =>
          lines.map((line) => line.split(" ")[0]!);
        assertEquals(names(await monitor.take(server.port)), [
          "EVALSHA",
          "EVALSHA",
        ]);
        // The other host finds it by one, and writes nothing.
        const claim = await two.claim("a", 0, "t2", 5, false);
        assertEquals(claim.state, "fresh");
        assertEquals(names(await monitor.take(server.port)), ["EVALSHA"]);
        for (let i = 0; i < 10; i++) await fill(`b${i}`);
        assertEquals((await monitor.take(server.port)).length, 20);
        await Promise.all([one.close(), two.close()]);
      });
    }
  },
});

Deno.test({
  name: "third tier, redis: many keys are one command on one server",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    const tier = redis({ port: server.port }).open("cache");
    const keys = Array.from({ length: 500 }, (_, i) => `k${i}`);
    await tier.read(["warm"], 0);
    await using monitor = await RedisMonitor.start(server.port);
    await tier.read(keys, 0);
    assertEquals((await monitor.take(server.port)).length, 1);
    await tier.counters(["a", "b", "c"]);
    assertEquals((await monitor.take(server.port)).length, 1);
    await tier.close();
  },
});

Deno.test({
  name: "third tier, redis: what is under a key is read by every client",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    const kinds = Object.entries(CLIENTS)
      // They have another database, and a prefix.
      .filter(([kind]) => !/url|RESP2/.test(kind));
    const opened = await Promise.all(
      kinds.map(async ([kind, make]) => {
        const owned = await make(server.port);
        return { kind, owned, tier: owned.store.open("cache") };
      }),
    );
    const text = "é % 鍵 \0 \u{1f511} {}";
    for (const { kind, tier } of opened) {
      await tier.write(`by ${kind}`, 3, value(text + kind, 60, 5), "");
      for (const other of opened) {
        const [found] = await other.tier.read([`by ${kind}`], 3);
        assertEquals(textOf(found), text + kind, `${kind} -> ${other.kind}`);
        const claim = await other.tier.claim(`by ${kind}`, 3, "t", 5, false);
        assertEquals([claim.state, textOf(claim.value)], [
          "fresh",
          text + kind,
        ]);
        assert((claim.value?.fresh ?? 0) > 50);
      }
    }
    for (const { owned, tier } of opened) {
      await tier.close();
      await owned[Symbol.asyncDispose]();
    }
  },
});

Deno.test({
  name: "third tier, redis: what others wrote under our keys is nothing",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    const command = (...words: string[]): Promise<unknown> =>
      commandRedis(server.port, words);
    const tier = redis({ port: server.port }).open("cache");
    const foreign: Record<string, string[]> = {
      text: ["SET", "{cache:text}:v", "garbage"],
      header: ["SET", "{cache:header}:v", "o1:0"],
      next: ["SET", "{cache:next}:v", "o2:0:0:x"],
      list: ["RPUSH", "{cache:list}:v", "a", "b"],
      hash: ["HSET", "{cache:hash}:v", "a", "b"],
      lock: ["HSET", "{cache:lock}:lock", "a", "b"],
      fence: ["SET", "{cache:fence}:fence", "garbage"],
      fences: ["RPUSH", "{cache:fences}:fence", "a"],
    };
    for (const [key, words] of Object.entries(foreign)) {
      await command(...words);
      assertEquals(await tier.read([key], 0), [undefined], key);
      const claim = await tier.claim(key, 0, "t", 5, false);
      assertEquals([claim.state, claim.value], ["mine", undefined], key);
      assert(await tier.commit(key, 0, "t", value("ours"), ""), key);
      const [found] = await tier.read([key], 0);
      assertEquals(textOf(found), "ours");
      await command(...words).catch(() => {});
      await tier.expire(key, 0, 5, "");
      await tier.remove([key], "");
      assertEquals(await tier.read([key], 0), [undefined], key);
    }
    await tier.close();
  },
});

Deno.test({
  name: "third tier, redis: nothing is left in the server for ever",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    const tier = redis({ port: server.port }).open("cache");
    await tier.claim("a", 0, "t", 5, false);
    await tier.commit("a", 0, "t", value("x", 60, 60), "");
    await tier.claim("b", 0, "t", 5, false);
    const keys = await commandRedis(server.port, ["KEYS", "*"]) as string[];
    assertEquals(keys.sort(), [
      "{cache:a}:fence",
      "{cache:a}:v",
      "{cache:b}:fence",
      "{cache:b}:lock",
    ]);
    for (const key of keys) {
      const left = await commandRedis(server.port, ["PTTL", key]);
      assert(Number(left) > 0, `${key} has no end`);
    }
    await tier.close();
  },
});
