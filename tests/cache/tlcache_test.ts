import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tlcache from "@oresty/cache/tlcache";
import { SharedDict } from "@oresty/shm";
import { freshName, sleep } from "./host.ts";

Deno.test("tlcache: the predecessor's sample, three rounds of it", async () => {
  const dictName = freshName();
  using _dict = await SharedDict.open(dictName, { size: "1m" });
  const cache1 = tlcache.new("cache1", dictName, { ttl: 10, neg_ttl: 10 });
  let calls = 0;
  const values: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    values.push(
      await cache1.get("key1", { ttl: 10, neg_ttl: 10 }, () => {
        calls++;
      }),
    );
    await sleep(5);
  }
  assertEquals([calls, values], [1, [null, null, null]]);
  const { ttl } = cache1.peek("key1")!;
  assert(ttl > 9 && ttl <= 10, `${ttl}`);
  await cache1.set("key2", { ttl: 5 }, 2);
  assertEquals(await cache1.get("key2"), 2);
  await cache1.delete("key2");
  assertEquals(await cache1.get("key2"), undefined);
  assertEquals(await cache1.get("key3", () => 3), 3);
  await cache1.purge();
  cache1.update();
  assertEquals(await cache1.get("key3"), undefined);
  await cache1.close();
});

Deno.test("tlcache: it gives a cache at once, and joins with the first use", async () => {
  const dictName = freshName();
  const cache = tlcache.new("c", dictName);
  assertEquals(cache.peek("k"), undefined);
  using dict = await SharedDict.open(dictName, { size: "1m" });
  await cache.set("k", undefined, 1);
  assertEquals(dict.stats().entries, 1);
  assertEquals((await cache.ready()).name, "c");
  await cache.close();
  await tlcache.new("unused", dictName).close();
});

Deno.test("tlcache: wrong options, and one in both spellings", async () => {
  const wrong: [unknown, string][] = [
    [{ neg_ttl: 1, negTtl: 1 }, '"neg_ttl" and "negTtl"'],
    [{ negttl: 1 }, "negTtl"],
    [{ neg_ttl: "soon" }, '"soon"'],
    [{ redis_config: 7 }, "redis_config"],
    [{ redis_config: {}, l3: { open() {} } }, '"l3" and "redis_config"'],
    [7, "expected an object"],
  ];
  for (const [options, message] of wrong) {
    assertThrows(
      () => tlcache.new("c", "d", options as never),
      Error,
      message,
    );
  }
  const dictName = freshName();
  using _dict = await SharedDict.open(dictName, { size: "1m" });
  await using cache = tlcache.new("c", dictName);
  await assertRejects(
    () => cache.get("k", { neg_ttl: 1, negTtl: 2 }, () => 1),
    TypeError,
    "neg_ttl",
  );
});

Deno.test("tlcache: null is no options, and what is closed stays closed", async () => {
  const dictName = freshName();
  using _dict = await SharedDict.open(dictName, { size: "1m" });
  const cache = tlcache.new("c", dictName);
  assertEquals(await cache.get("k", null as never, () => 1), 1);
  await cache.close();
  await assertRejects(() => cache.get("k"), Error, "is closed");
  const unused = tlcache.new("c", dictName);
  await unused.close();
  await assertRejects(() => unused.get("k"), Error, "is closed");
  for (const name of ["", 7, "n".repeat(256)]) {
    assertThrows(() => tlcache.new(name as never, dictName), Error, "name");
  }
  assertThrows(() => tlcache.new("c", "" as never), TypeError, "SharedDict");
});
