import { assert, assertEquals } from "@std/assert";
import { mongo } from "@oresty/cache/mongo";
import * as tlcache from "@oresty/cache/tlcache";
import { SharedDict } from "@oresty/shm";
import { hasMongo, hasRedis, startMongo, startRedis } from "../services.ts";
import { needs } from "../permissions.ts";
import { counting, freshName, Host, sleep } from "./host.ts";

Deno.test({
  name: "hosts, mongo: one load over two of them, and what one changes",
  ignore: !hasMongo(),
  async fn() {
    await using server = await startMongo();
    const name = freshName();
    const options = () => ({
      l3: mongo({ url: `mongodb://${server.address}/`, timeout: 5 }),
      ttl: 0.3,
      ttlL3: 10,
      jitter: 0,
    });
    await using a = await Host.open(options(), name);
    await using b = await Host.open(options(), name);
    const loader = counting(async (call) => {
      await sleep(100);
      return { call, bytes: "é" };
    });
    const both = await Promise.all(
      [a, b].map(({ cache }) => cache.get("k", loader.load)),
    );
    assertEquals(both, [{ call: 1, bytes: "é" }, { call: 1, bytes: "é" }]);
    assertEquals(loader.calls, 1);
    await a.cache.set("k", "new");
    // No message tells the other one: it finds out when its own copy ends.
    await sleep(350);
    assertEquals(await b.cache.get("k"), "new");
    await b.cache.delete("k");
    await sleep(350);
    assertEquals(await a.cache.get("k"), undefined);
    assertEquals(a.told("l3_error"), []);
    assertEquals(b.told("l3_error"), []);
    // Away, it is passed over.
    await server.kill();
    const began = performance.now();
    assertEquals(await a.cache.get("j", () => "own"), "own");
    assert(performance.now() - began < 2000);
  },
});

Deno.test({
  name: "tlcache: mongo_config wins over redis_config, with a warning",
  ignore: !hasMongo() || !hasRedis(),
  async fn() {
    await using redis = await startRedis();
    await using mongoServer = await startMongo();
    const dictName = freshName();
    using _dict = await SharedDict.open(dictName, { size: "1m" });
    const warnings: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => warnings.push(text);
    try {
      const url = `mongodb://${mongoServer.address}/`;
      const first = tlcache.new("both", dictName, {
        ttl: 10,
        neg_ttl: 10,
        mongo_config: { url },
        redis_config: { port: redis.port },
      });
      assert(warnings.some((text) => text.includes("mongo_config")));
      await first.set("k", { ttl: 10 }, "kept");
      await first.close();
      const otherName = freshName();
      using _other = await SharedDict.open(otherName, { size: "1m" });
      const second = tlcache.new("both", otherName, { mongo_config: { url } });
      assertEquals(await second.get("k"), "kept");
      await second.close();
    } finally {
      console.warn = warn;
    }
  },
});

Deno.test({
  name: "tlcache: without a server two tiers serve",
  ignore: !hasRedis(),
  async fn() {
    const server = await startRedis();
    const { port } = server;
    await server[Symbol.asyncDispose]();
    const dictName = freshName();
    using _dict = await SharedDict.open(dictName, { size: "1m" });
    const cache = tlcache.new("alone", dictName, { redis_config: { port } });
    const began = performance.now();
    assertEquals(await cache.get("k", () => "own"), "own");
    assertEquals(await cache.get("k"), "own");
    assert(performance.now() - began < 2000);
    await cache.close();
  },
});

Deno.test({
  name: "tlcache: the predecessor's sample as it is printed, without servers",
  ignore: !needs("net", "env", "read", "sys"),
  async fn() {
    const dictName = freshName();
    using _dict = await SharedDict.open(dictName, { size: "1m" });
    const { warn } = console;
    console.warn = () => {};
    try {
      const cache1 = tlcache.new("cache1", dictName, {
        ttl: 10,
        neg_ttl: 10,
        mongo_config: {},
        redis_config: {},
      });
      let calls = 0;
      for (let i = 0; i < 3; i++) {
        await cache1.get("key1", { ttl: 10, neg_ttl: 10 }, () => {
          calls++;
        });
        await sleep(10);
      }
      assertEquals(calls, 1);
      await cache1.close();
    } finally {
      console.warn = warn;
    }
  },
});
