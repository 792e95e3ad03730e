import { assert, assertEquals, assertRejects } from "@std/assert";
import { open } from "@oresty/cache";
import { counting, freshName, Host, sleep } from "./host.ts";

Deno.test("cache: a value is loaded once, then found in the isolate", async () => {
  await using host = await Host.open();
  const { cache } = host;
  const loader = counting((call) => ({ call }));
  const first = await cache.lookup("k", loader.load);
  assertEquals(first.value, { call: 1 });
  assertEquals([first.hitLevel, first.source, first.stale], [
    3,
    "loader",
    false,
  ]);
  assert(first.ttl > 29 && first.ttl <= 30, `${first.ttl}`);
  const second = await cache.lookup("k", loader.load);
  assertEquals([second.hitLevel, second.source], [1, "l1"]);
  assertEquals(await cache.get("k", loader.load), { call: 1 });
  assertEquals(cache.getSync("k"), { call: 1 });
  assertEquals(loader.calls, 1);
});

Deno.test("cache: another opener of the same memory finds it in the process", async () => {
  await using host = await Host.open();
  await using other = await open(host.cache.name, host.dict);
  await host.cache.set("k", { a: [1, "é", null] });
  const found = await other.lookup("k");
  assertEquals(found.value, { a: [1, "é", null] });
  assertEquals([found.hitLevel, found.source], [2, "l2"]);
  assertEquals((await other.lookup("k")).hitLevel, 1);
  // What one changes, the other's copy is not served for.
  await host.cache.set("k", 2);
  assertEquals(await other.get("k"), 2);
  await host.cache.delete("k");
  assertEquals(other.getSync("k"), undefined);
  assertEquals(await other.get("k"), undefined);
});

Deno.test("cache: false, 0, empty text, bytes and numbers are values", async () => {
  await using host = await Host.open();
  await using other = await open(host.cache.name, host.dict);
  const values = [
    false,
    true,
    0,
    -1.5,
    "",
    "text é 李 😀",
    "\ud800 lone",
    [],
    {},
    new Uint8Array([0, 255, 7]),
    new Uint8Array(0),
    ["a\0b"],
  ];
  for (const [i, value] of values.entries()) {
    const key = `k${i}`;
    assertEquals(await host.cache.get(key, () => value as unknown), value);
    assertEquals(await other.get(key), value);
    const { hitLevel } = await other.lookup(key);
    assertEquals(hitLevel, 1);
  }
});

Deno.test("cache: null and undefined of a loader are known absent, for negTtl", async () => {
  await using host = await Host.open({ ttl: 30, negTtl: 0.1 });
  const { cache } = host;
  for (const absent of [null, undefined]) {
    const key = `${absent}`;
    const loader = counting(() => absent);
    assertEquals(await cache.get(key, loader.load), null);
    assertEquals(await cache.get(key, loader.load), null);
    assertEquals(await cache.get(key), null);
    assertEquals(cache.getSync(key), null);
    assertEquals(await cache.has(key), false);
    const found = await cache.lookup(key);
    assertEquals([found.value, found.hitLevel], [null, 1]);
    assert(found.ttl <= 0.1, `${found.ttl}`);
    assertEquals(loader.calls, 1);
    await sleep(120);
    assertEquals(await cache.get(key), undefined);
    assertEquals(await cache.get(key, loader.load), null);
    assertEquals(loader.calls, 2);
  }
  assertEquals(await cache.get("never asked for"), undefined);
  assertEquals((await cache.lookup("never asked for")).hitLevel, -1);
});

Deno.test("cache: ttl ends in every tier, 0 is for ever", async () => {
  await using host = await Host.open({ ttl: 0.1 });
  const { cache } = host;
  const loader = counting((call) => call);
  assertEquals(await cache.get("k", loader.load), 1);
  assertEquals(await cache.get("long", { ttl: "5m" }, loader.load), 2);
  assertEquals(await cache.get("ever", { ttl: 0 }, loader.load), 3);
  assertEquals(cache.peek("ever")?.ttl, 0);
  await sleep(120);
  assertEquals(await cache.get("k"), undefined);
  assertEquals(await cache.get("k", loader.load), 4);
  assertEquals(await cache.get("long", loader.load), 2);
  assertEquals(await cache.get("ever", loader.load), 3);
});

Deno.test("cache: a loader says how long its value lives, or that it is not kept", async () => {
  await using host = await Host.open();
  const { cache } = host;
  await cache.get("short", (ctx) => {
    ctx.ttl(0.1);
    return 1;
  });
  assert(cache.peek("short")!.ttl <= 0.1);
  await cache.get("absent", ({ ttl }) => {
    ttl("5m");
    return null;
  });
  assert(cache.peek("absent")!.ttl > 299);
  for (
    const [key, end] of [
      ["negative", (ctx: { ttl: (s: number) => void }) => ctx.ttl(-1)],
      ["skip", (ctx: { skip: () => void }) => ctx.skip()],
    ] as const
  ) {
    const loader = counting((call) => call);
    const load = async (ctx: never) => {
      (end as (ctx: never) => void)(ctx);
      return await loader.load();
    };
    assertEquals(await cache.get(key, {}, load as () => Promise<number>), 1);
    assertEquals(cache.peek(key), undefined);
    assertEquals(await cache.get(key, {}, load as () => Promise<number>), 2);
  }
  const failure = await assertRejects(() =>
    cache.get("fail", (ctx) => ctx.fail("no such user"))
  ) as Error;
  assertEquals(failure.message, "no such user");
  assertEquals(failure.name, "CacheError");
  await cache.get("set", (ctx) => {
    ctx.setOptions({ ttl: 100 });
    return 1;
  });
  assert(cache.peek("set")!.ttl > 90);
});

Deno.test("cache: a loader is called with its arguments, then its context", async () => {
  await using host = await Host.open();
  const seen: unknown[] = [];
  await host.cache.get(
    "k",
    {},
    (a: number, b: string, ctx) => {
      seen.push(a, b, ctx.key, ctx.staleValue, ctx.signal.aborted);
      return null;
    },
    7,
    "x",
  );
  assertEquals(seen, [7, "x", "k", undefined, false]);
});

Deno.test("cache: peek loads nothing and changes nothing", async () => {
  await using host = await Host.open({ ttl: 0.1 });
  const { cache } = host;
  assertEquals(cache.peek("k"), undefined);
  await cache.set("k", "v");
  const peeked = cache.peek("k")!;
  assertEquals([peeked.value, peeked.stale], ["v", false]);
  assert(peeked.ttl > 0 && peeked.ttl <= 0.1);
  await sleep(120);
  assertEquals(cache.peek("k"), undefined);
  const stale = cache.peek("k", true)!;
  assertEquals([stale.value, stale.stale], ["v", true]);
  assert(stale.ttl < 0);
});

Deno.test("cache: has, pull, expire, deleteMany", async () => {
  await using host = await Host.open({ grace: 10 });
  const { cache } = host;
  for (const key of ["a", "b", "c"]) await cache.set(key, key);
  assertEquals(await cache.has("a"), true);
  assertEquals(await cache.has("z"), false);
  assertEquals(await cache.pull("a"), "a");
  assertEquals(await cache.pull("a"), undefined);
  await cache.deleteMany(["b", "z"]);
  assertEquals(await cache.get("b"), undefined);
  await cache.expire("c");
  assertEquals(await cache.get("c"), undefined);
  assertEquals(cache.peek("c", true)?.value, "c");
  await cache.set("c", "d");
  await cache.expire("c", 100);
  assert(cache.peek("c")!.ttl > 90);
  assertEquals(await cache.get("c"), "d");
});

Deno.test("cache: purge forgets one cache, and no other of the memory", async () => {
  await using host = await Host.open();
  await using other = await open(freshName(), host.dict);
  await using twin = await open(host.cache.name, host.dict);
  await host.cache.set("k", 1);
  await other.set("k", 2);
  assertEquals(await twin.get("k"), 1);
  await host.cache.purge();
  assertEquals(await host.cache.get("k"), undefined);
  assertEquals(await twin.get("k"), undefined);
  assertEquals(await other.get("k"), 2);
  await host.cache.set("k", 3);
  assertEquals(await twin.get("k"), 3);
  await host.cache.purge(true);
  assertEquals(await twin.get("k"), undefined);
});

Deno.test("cache: names and keys that read alike are not alike", async () => {
  const host = await Host.open({}, "ab");
  await using other = await open("a", host.dict);
  await using third = await open("a:b", host.dict);
  await using fourth = await open("a", host.dict);
  await host.cache.set("c", 1);
  await other.set("bc", 2);
  await third.set("c", 3);
  await fourth.set("b:c", 4);
  assertEquals(await host.cache.get("c"), 1);
  assertEquals(await other.get("bc"), 2);
  assertEquals(await third.get("c"), 3);
  assertEquals(await fourth.get("b:c"), 4);
  await host[Symbol.asyncDispose]();
});

Deno.test("cache: any text is a key", async () => {
  await using host = await Host.open({}, undefined, "4m");
  await using other = await open(host.cache.name, host.dict);
  const keys = [
    "",
    "\0",
    "a\0b",
    "a",
    "__proto__",
    "constructor",
    "\ud800",
    "\udfff",
    "李",
    "x".repeat(65_536),
    "李".repeat(30_000),
  ];
  for (const [i, key] of keys.entries()) {
    assertEquals(await host.cache.get(key, () => i), i, key.slice(0, 20));
  }
  for (const [i, key] of keys.entries()) {
    assertEquals(await other.get(key), i, key.slice(0, 20));
  }
  await assertRejects(
    () => host.cache.get("x".repeat(65_537)),
    RangeError,
    "65537",
  );
});

Deno.test("cache: a value too large for the memory stays in the isolate", async () => {
  await using host = await Host.open();
  const large = "x".repeat(400_000);
  const loader = counting(() => large);
  assertEquals(await host.cache.get("k", loader.load), large);
  assertEquals((await host.cache.lookup("k", loader.load)).hitLevel, 1);
  assertEquals(loader.calls, 1);
  assertEquals(host.told("too_large").length, 1);
  await host.cache.set("k", "small");
  assertEquals(await host.cache.get("k"), "small");
  await host.cache.set("k", large);
  await using other = await open(host.cache.name, host.dict);
  assertEquals(await other.get("k"), undefined);
});

Deno.test("cache: l1Mode, l1Serializer, serializer, lru, lruSize", async () => {
  await using host = await Host.open({ l1Mode: "shared" });
  const value = { list: [1] };
  assert(await host.cache.get("k", () => value) === value);
  assert(host.cache.getSync("k") === value);

  await using frozen = await Host.open({ l1Mode: "frozen" });
  const cold = await frozen.cache.get("k", () => ({ list: [1], self: {} }));
  assert(Object.isFrozen(cold) && Object.isFrozen(cold!.list));

  await using clone = await Host.open({ l1Mode: "clone" });
  const one = await clone.cache.get("k", () => value);
  const two = clone.cache.getSync<typeof value>("k");
  assertEquals(one, value);
  assert(one !== value && two !== one && two!.list !== value.list);

  let made = 0;
  await using own = await Host.open({
    l1Serializer: (text) => {
      made++;
      return JSON.parse(text as string);
    },
  });
  assertEquals<unknown>(await own.cache.get("k", () => '{"a":1}'), { a: 1 });
  assertEquals(own.cache.getSync("k"), { a: 1 });
  assertEquals(made, 1);
  assertEquals(await own.cache.get("none", () => null), null);

  const serializer = {
    encode: (value: unknown) => JSON.stringify([...value as Map<string, 1>]),
    decode: (data: string | Uint8Array) => new Map(JSON.parse(data as string)),
  };
  await using maps = await Host.open({ serializer });
  await using reader = await open(maps.cache.name, maps.dict, { serializer });
  await maps.cache.set("k", new Map([["a", 1]]));
  assertEquals(await reader.get("k"), new Map([["a", 1]]));
  await maps.cache.set("none", null);
  assertEquals(await reader.get("none"), null);

  await using small = await Host.open({ lruSize: 1 });
  await small.cache.set("a", 1);
  await small.cache.set("b", 2);
  assertEquals((await small.cache.lookup("a")).hitLevel, 2);

  const lru = new Map<string, unknown>();
  await using shared = await Host.open({ lru });
  await shared.cache.set("a", 1);
  assertEquals(lru.size, 1);
  assertEquals((await shared.cache.lookup("a")).hitLevel, 1);
});

Deno.test("cache: shmMiss keeps what is absent in another memory", async () => {
  await using host = await Host.open();
  await using cache = await open(freshName(), host.dict, {
    shmMiss: freshName(),
  });
  await using twin = await open(cache.name, host.dict);
  assertEquals(await cache.get("k", () => null), null);
  assertEquals(cache.getSync("k"), null);
  assertEquals(await twin.get("k"), undefined);
  await cache.set("k", 1);
  assertEquals(await twin.get("k"), 1);
  assertEquals(await cache.get("k"), 1);
  await cache.set("k", null);
  assertEquals(await cache.get("k"), null);
  assertEquals(await twin.get("k"), undefined);
  await cache.delete("k");
  assertEquals(await cache.get("k"), undefined);
});
