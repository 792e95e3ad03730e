import { assert, assertEquals, assertRejects } from "@std/assert";
import { type CacheOptions, open } from "@oresty/cache";
import { webLocks } from "@oresty/core";
import { Host, sleep } from "./host.ts";
import { memoryStore } from "./memory_tier.ts";

const boom = (): never => {
  throw new Error("hook");
};

Deno.test("hooks: one that throws rejects, and never throws from the call itself", async () => {
  const lru = (part: Partial<Map<string, unknown>>) => ({
    lru: { get() {}, set() {}, delete() {}, clear() {}, ...part },
  });
  const cases: [string, CacheOptions][] = [
    ["lru.get", lru({ get: boom })],
    ["lru.set", lru({ set: boom })],
    ["decode", { lruSize: 1, serializer: { encode: () => "x", decode: boom } }],
    ["encode", { serializer: { encode: boom, decode: boom } }],
    ["l1Serializer", { l1Serializer: boom }],
    ["now", { now: boom }],
  ];
  for (const [name, options] of cases) {
    await using host = await Host.open(options);
    const { cache } = host;
    const calls = [
      () => cache.set("a", 1),
      () => cache.set("b", 1),
      () => cache.get("a"),
      () => cache.get("a", {}, () => 2),
      () => cache.get("c", () => 2),
      () => cache.lookup("a"),
      () => cache.has("a"),
      () => cache.expire("b"),
      () => cache.delete("b"),
    ];
    let failures = 0;
    for (const call of calls) {
      // What is thrown at once is no promise that rejects.
      const promise = call();
      await promise.catch(() => failures++);
    }
    assert(failures > 0, name);
    const found = await cache.getBulk([{ key: "c" }, { key: "d" }]);
    assertEquals(found.length, 2);
    const { held = [] } = await webLocks().query();
    assert(!held.some((lock) => lock.name.includes(cache.name)), name);
  }
  await using host = await Host.open(lru({}));
  for (const key of [Symbol("s"), { toString: boom }, 7]) {
    const call = host.cache.get(key as never);
    await assertRejects(() => call, TypeError, "expected a text");
  }
});

Deno.test("hooks: an l1Serializer that throws lets no tier have the old value", async () => {
  const l3 = memoryStore();
  await using host = await Host.open({ l3, l1Serializer: boom });
  await using other = await Host.open({ l3 }, host.cache.name);
  await other.cache.set("k", "old");
  await assertRejects(() => host.cache.set("k", "new"), Error, "hook");
  assertEquals(host.cache.peek("k")?.value, "new");
  assertEquals(await other.cache.get("k"), "new");
  await assertRejects(() => host.cache.get("j", () => 1), Error, "hook");
  assertEquals(await other.cache.get("j"), 1);
});

Deno.test("hooks: a listener that rejects, and metrics that throw, break nothing", async () => {
  const { warn } = console;
  let warnings = 0;
  console.warn = () => warnings++;
  try {
    const metrics = {
      counter: () => ({ incr: boom }),
      histogram: () => ({ observe: boom }),
    };
    // deno-lint-ignore require-await -- it is to reject
    const on = async () => boom();
    await using host = await Host.open({ metrics, on });
    assertEquals(await host.cache.get("k", () => 1), 1);
    assertEquals(await host.cache.get("k"), 1);
    assertEquals(host.cache.getSync("none"), undefined);
    await sleep(1);
    // One warning says it, not one for each hit.
    for (let i = 0; i < 50; i++) host.cache.getSync("k");
    await sleep(1);
    assert(warnings > 0 && warnings < 5, `${warnings}`);
  } finally {
    console.warn = warn;
  }
});

Deno.test("hooks: clone gives each caller its own, waiters and setters too", async () => {
  await using host = await Host.open({ l1Mode: "clone" });
  const { cache } = host;
  const load = async () => {
    await sleep(5);
    return { list: [1] };
  };
  const both = await Promise.all([cache.get("k", load), cache.get("k", load)]);
  assertEquals(both, [{ list: [1] }, { list: [1] }]);
  assert(both[0] !== both[1]);
  both[0]!.list.push(2);
  assertEquals(await cache.get("k"), { list: [1] });
  const mine = { list: [1] };
  await cache.set("s", mine);
  mine.list.push(2);
  assertEquals(await cache.get("s"), { list: [1] });
  const loaded = { list: [1] };
  await cache.get("l", () => loaded);
  loaded.list.push(2);
  assertEquals(await cache.get("l"), { list: [1] });
});

Deno.test("hooks: frozen is deep, whatever was frozen before", async () => {
  await using host = await Host.open({ l1Mode: "frozen" });
  const cold = await host.cache.get(
    "k",
    () => Object.freeze({ inner: { list: [1] } }),
  );
  assert(Object.isFrozen(cold!.inner) && Object.isFrozen(cold!.inner.list));
});

Deno.test("hooks: an opener that fails leaves no dictionary open", async () => {
  const { SharedDict } = await import("@oresty/shm");
  const closes: string[] = [];
  const { close } = SharedDict.prototype;
  SharedDict.prototype.close = function () {
    closes.push(this.name);
    return close.call(this);
  };
  try {
    for (
      const [i, options] of [
        { l3: { open: boom } },
        { breaker: { failures: 0 } },
        { metrics: { counter: boom, histogram: boom } },
      ].entries()
    ) {
      await assertRejects(() =>
        open("n", `hooks_leak_${i}`, options as CacheOptions)
      );
    }
  } finally {
    SharedDict.prototype.close = close;
  }
  assertEquals(closes.filter((name) => name === "hooks_leak_0").length, 1);
});
