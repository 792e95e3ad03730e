import { assert, assertEquals, assertRejects } from "@std/assert";
import type { CacheOptions } from "@oresty/cache";
import { counting, freshName, Host, sleep } from "./host.ts";
import { type MemoryStore, memoryStore } from "./memory_tier.ts";

/** Two hosts with one store. */
class Pair implements AsyncDisposable {
  readonly a: Host;
  readonly b: Host;
  readonly store: MemoryStore;

  private constructor(a: Host, b: Host, store: MemoryStore) {
    this.a = a;
    this.b = b;
    this.store = store;
  }

  static async open(
    options: CacheOptions = {},
    store: MemoryStore = memoryStore(),
  ): Promise<Pair> {
    const name = freshName();
    const all = { l3: store, jitter: 0, ...options };
    const a = await Host.open(all, name);
    return new Pair(a, await Host.open(all, name), store);
  }

  /** What was called since, without what opening took. */
  calls(): string[] {
    return this.store.calls.map(([operation]) => operation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.a[Symbol.asyncDispose]();
    await this.b[Symbol.asyncDispose]();
  }
}

Deno.test("hosts: a value that one has loaded the other finds", async () => {
  await using pair = await Pair.open({ ttl: 10 });
  const { a, b, store } = pair;
  const loader = counting((call) => ({ call }));
  store.calls.length = 0;
  assertEquals(await a.cache.get("k", loader.load), { call: 1 });
  assertEquals(pair.calls(), ["claim", "commit"]);
  const found = await b.cache.lookup("k", loader.load);
  assertEquals(found.value, { call: 1 });
  assertEquals([found.hitLevel, found.source], [3, "l3"]);
  assert(found.ttl > 9 && found.ttl <= 10, `${found.ttl}`);
  assertEquals((await b.cache.lookup("k")).hitLevel, 1);
  assertEquals(loader.calls, 1);
  assertEquals(pair.calls(), ["claim", "commit", "claim"]);
});

Deno.test("hosts: without a loader the third tier is read", async () => {
  await using pair = await Pair.open();
  const { a, b } = pair;
  await a.cache.set("k", 1);
  await a.cache.set("none", null);
  assertEquals(await b.cache.get("k"), 1);
  assertEquals(await b.cache.get("none"), null);
  assertEquals(await b.cache.get("nothing"), undefined);
  assertEquals(await b.cache.pull("k"), 1);
  assertEquals(await a.cache.get("k"), undefined);
});

Deno.test("hosts: a key is loaded once over all of them", async () => {
  await using pair = await Pair.open();
  const { a, b, store } = pair;
  const loader = counting(async () => {
    await sleep(60);
    return "v";
  });
  store.calls.length = 0;
  const values = await Promise.all(
    Array.from(
      { length: 40 },
      (_, i) => (i % 2 === 0 ? a : b).cache.get("k", loader.load),
    ),
  );
  assertEquals(loader.calls, 1);
  assert(values.every((value) => value === "v"));
  assertEquals(pair.calls().filter((call) => call === "commit").length, 1);
  // Two for each host: the second learns of the end by a message.
  assertEquals(pair.calls().length, 4);
});

Deno.test("hosts: who waits looks again when no message comes", async () => {
  const store = memoryStore();
  store.mute = true;
  await using pair = await Pair.open({}, store);
  const { a, b } = pair;
  const loader = counting(async () => {
    await sleep(60);
    return "v";
  });
  const both = [a, b].map(({ cache }) => cache.get("k", loader.load));
  assertEquals(await Promise.all(both), ["v", "v"]);
  assertEquals(loader.calls, 1);
});

Deno.test("hosts: set, delete, expire, purge and tags of one are seen by the other", async () => {
  await using pair = await Pair.open({ grace: 10 });
  const { a, b } = pair;
  const fill = async () => {
    await a.cache.set("k", { tags: ["t"] }, "old");
    assertEquals(await b.cache.get("k"), "old");
    assertEquals((await b.cache.lookup("k")).hitLevel, 1);
  };
  await fill();
  await a.cache.set("k", "new");
  assertEquals(await b.cache.get("k"), "new");
  await fill();
  await a.cache.delete("k");
  assertEquals(await b.cache.get("k"), undefined);
  await fill();
  await a.cache.expire("k");
  assertEquals(await b.cache.get("k"), undefined);
  assertEquals(b.cache.peek("k", true)?.value, "old");
  await fill();
  await a.cache.purge();
  assertEquals(await b.cache.get("k"), undefined);
  assertEquals(b.cache.peek("k", true), undefined);
  assertEquals(await a.cache.get("k"), undefined);
  await fill();
  await a.cache.deleteByTag("t");
  assertEquals(await b.cache.get("k"), undefined);
  assertEquals(await a.cache.get("k"), undefined);
  await fill();
  assertEquals(await b.cache.get("k"), "old");
});

Deno.test("hosts: one that opens after a purge sees nothing from before it", async () => {
  await using pair = await Pair.open();
  const { a, store } = pair;
  await a.cache.set("k", 1);
  await a.cache.purge();
  await using late = await Host.open({ l3: store }, a.cache.name);
  assertEquals(await late.cache.get("k"), undefined);
  await late.cache.set("k", 2);
  assertEquals(await a.cache.get("k"), 2);
});

Deno.test("hosts: a change on another host during a load wins", async () => {
  await using pair = await Pair.open();
  const { a, b } = pair;
  const changes: [string, () => Promise<void>, unknown][] = [
    ["set", () => b.cache.set("k", "theirs"), "theirs"],
    ["delete", () => b.cache.delete("k"), undefined],
    ["purge", () => b.cache.purge(), undefined],
    ["expire", () => b.cache.expire("k"), undefined],
    ["tag", () => b.cache.deleteByTag("t"), undefined],
  ];
  for (const [name, change, expected] of changes) {
    await a.cache.delete("k");
    const load = a.cache.get("k", { tags: ["t"] }, async () => {
      await sleep(30);
      return "mine";
    });
    await sleep(10);
    await change();
    assertEquals(await load, "mine", name);
    assertEquals(await a.cache.get("k"), expected, name);
    assertEquals(await b.cache.get("k"), expected, name);
  }
});

Deno.test("hosts: ttlL3 outlives ttl, and what remains bounds the tiers before", async () => {
  await using pair = await Pair.open({ ttl: 0.1, ttlL3: 0.25 });
  const { a, b } = pair;
  const loader = counting((call) => call);
  await a.cache.get("k", loader.load);
  await sleep(120);
  assertEquals((await a.cache.lookup("k", loader.load)).source, "l3");
  await sleep(50);
  const { ttl } = await b.cache.lookup("k", loader.load);
  assert(ttl < 0.09, `${ttl}`);
  await sleep(100);
  assertEquals(await b.cache.get("k", loader.load), 2);
  // A shorter one bounds the time in the process.
  await a.cache.get("short", { ttl: 10, ttlL3: 0.1 }, loader.load);
  assert(a.cache.peek("short")!.ttl <= 0.1);
});

Deno.test("hosts: jitter lets a value live longer above, by chance", async () => {
  const store = memoryStore();
  await using host = await Host.open({ l3: store, ttl: 10, jitter: 1 });
  await using other = await Host.open({ l3: store, ttl: 100 }, host.cache.name);
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    await host.cache.set(`k${i}`, i);
    times.push((await other.cache.lookup(`k${i}`)).ttl);
    assert(host.cache.peek(`k${i}`)!.ttl <= 10);
  }
  assert(times.every((ttl) => ttl > 9.9 && ttl <= 20), `${times}`);
  assert(Math.max(...times) - Math.min(...times) > 2, `${times}`);
});

Deno.test("hosts: a third tier that fails is passed over, and told of", async () => {
  await using pair = await Pair.open({
    breaker: { failures: 2, cooldown: 0.1 },
  });
  const { a, store } = pair;
  store.fail = new Error("down");
  const loader = counting((call) => call);
  assertEquals(await a.cache.get("k", loader.load), 1);
  assertEquals(await a.cache.get("k", loader.load), 1);
  assertEquals(a.told("l3_error").length, 1);
  assertEquals(await a.cache.get("j", loader.load), 2);
  assertEquals(a.told("breaker"), [{ type: "breaker", state: "open" }]);
  store.calls.length = 0;
  assertEquals(await a.cache.get("i", loader.load), 3);
  assertEquals(store.calls.length, 0);
  await sleep(120);
  store.fail = undefined;
  assertEquals(await a.cache.get("h", loader.load), 4);
  assertEquals(
    a.told("breaker").map((event) => "state" in event && event.state),
    ["open", "half-open", "closed"],
  );
});

Deno.test("hosts: with suppressL3Errors off failures are thrown", async () => {
  await using pair = await Pair.open({
    suppressL3Errors: false,
    breaker: false,
  });
  const { a, store } = pair;
  store.fail = new Error("down");
  await assertRejects(() => a.cache.get("k", () => 1), Error, "down");
  await assertRejects(() => a.cache.get("k"), Error, "down");
  await assertRejects(() => a.cache.set("k", 1), Error, "down");
  await assertRejects(() => a.cache.delete("k"), Error, "down");
  await assertRejects(() => a.cache.purge(), Error, "down");
  store.fail = undefined;
  assertEquals(await a.cache.get("k", () => 2), 2);
});

Deno.test("hosts: what was deleted while the tier was away does not come back", async () => {
  await using pair = await Pair.open({ breaker: false });
  const { a, b, store } = pair;
  await a.cache.set("deleted", { tags: ["t"] }, 1);
  await a.cache.set("set", 1);
  await a.cache.set("tagged", { tags: ["t"] }, 1);
  store.fail = new Error("down");
  await a.cache.delete("deleted");
  await a.cache.set("set", 2);
  await a.cache.deleteByTag("t");
  store.fail = undefined;
  assertEquals(await a.cache.get("deleted", () => "new"), "new");
  await sleep(10);
  assertEquals(await b.cache.get("set"), undefined);
  assertEquals(await b.cache.get("tagged"), undefined);
  await a.cache.set("purged", 1);
  store.fail = new Error("down");
  await a.cache.purge();
  store.fail = undefined;
  assertEquals(await a.cache.get("purged"), undefined);
  assertEquals(await b.cache.get("purged"), undefined);
});

Deno.test("hosts: a store that answers too late harms no commit", async () => {
  await using pair = await Pair.open({ breaker: false });
  const { a, b, store } = pair;
  store.failAfter = true;
  const load = async () => {
    store.fail = new Error("the answer is lost");
    await sleep(1);
    return "v";
  };
  assertEquals(await a.cache.get("k", load), "v");
  store.fail = undefined;
  assertEquals(await a.cache.get("k"), "v");
  assertEquals(await b.cache.get("k"), "v");
});

Deno.test("hosts: after a gap everything from before it is stale", async () => {
  await using pair = await Pair.open({ grace: 10, graceBackoff: 0 });
  const { a, b, store } = pair;
  await a.cache.set("k", "old");
  assertEquals(await b.cache.get("k"), "old");
  store.gap(2);
  assertEquals(b.told("gap").length, 2);
  assertEquals(b.cache.getSync("k"), undefined);
  assertEquals(b.cache.peek("k", true)?.value, "old");
  assertEquals((await b.cache.lookup("k")).source, "l3");
});

Deno.test("hosts: skipL3Write and skipBusNotify", async () => {
  await using pair = await Pair.open();
  const { a, b, store } = pair;
  await a.cache.set("k", { skipL3Write: true }, 1);
  assertEquals(await b.cache.get("k"), undefined);
  await a.cache.get("l", { skipL3Write: true }, () => 1);
  assertEquals(await b.cache.get("l"), undefined);
  assertEquals(await a.cache.get("l"), 1);
  await b.cache.set("l", 2);
  store.calls.length = 0;
  await a.cache.set("m", 1);
  assertEquals(await b.cache.get("m"), 1);
  await a.cache.set("m", { skipBusNotify: true }, 2);
  assertEquals(await b.cache.get("m"), 1);
  await a.cache.set("m", 3);
  assertEquals(await b.cache.get("m"), 3);
});

Deno.test("hosts: forceFresh on one is seen by the other", async () => {
  await using pair = await Pair.open();
  const { a, b } = pair;
  const loader = counting((call) => call);
  assertEquals(await a.cache.get("k", loader.load), 1);
  assertEquals(await b.cache.get("k", loader.load), 1);
  assertEquals(await a.cache.get("k", { forceFresh: true }, loader.load), 2);
  assertEquals(await b.cache.get("k", loader.load), 2);
});

Deno.test("hosts: a stale value above serves a host that has none", async () => {
  await using pair = await Pair.open({ ttl: 0.05, grace: 10 });
  const { a, b } = pair;
  await a.cache.set("k", "old");
  await sleep(60);
  const found = await b.cache.lookup("k", () => {
    throw new Error("down");
  });
  assertEquals([found.value, found.stale], ["old", true]);
});

Deno.test("hosts: getBulk reads the third tier in one call", async () => {
  await using pair = await Pair.open();
  const { a, b, store } = pair;
  for (let i = 0; i < 5; i++) await a.cache.set(`k${i}`, i);
  store.calls.length = 0;
  let loads = 0;
  const callback = (arg: unknown) => {
    loads++;
    if (arg === 7) throw new Error("seven");
    return `loaded ${arg}`;
  };
  const results = await b.cache.getBulk(
    Array.from({ length: 8 }, (_, i) => ({ key: `k${i}`, callback, arg: i })),
  );
  assertEquals(results.slice(0, 5).map(({ value }) => value), [0, 1, 2, 3, 4]);
  assertEquals(results[5]!.value, "loaded 5");
  assertEquals(results[5]!.hitLevel, 3);
  assertEquals((results[7]!.error as Error).message, "seven");
  assertEquals(loads, 3);
  assertEquals(pair.calls().filter((call) => call === "read").length, 1);
});

Deno.test("hosts: clocks that differ by an hour change nothing", async () => {
  const store = memoryStore();
  const name = freshName();
  const hour = 3_600_000;
  const options = { l3: store, ttl: 10, grace: 1, jitter: 0 };
  await using late = await Host.open(
    { ...options, now: () => Date.now() - hour },
    name,
  );
  await using early = await Host.open(
    { ...options, now: () => Date.now() + hour },
    name,
  );
  const loader = counting((call) => call);
  for (
    const [key, from, to] of [["a", late, early], ["b", early, late]] as const
  ) {
    const value = await from.cache.get(key, loader.load);
    const found = await to.cache.lookup(key, loader.load);
    assertEquals([found.value, found.source], [value, "l3"]);
    assert(found.ttl > 9 && found.ttl <= 10, `${found.ttl}`);
    assertEquals((await to.cache.lookup(key)).hitLevel, 1);
    await to.cache.delete(key);
    assertEquals(await from.cache.get(key), undefined);
  }
  assertEquals(loader.calls, 2);
});

Deno.test("hosts: the time of one can be turned", async () => {
  let time = Date.now();
  await using host = await Host.open({ ttl: 60, now: () => time });
  await host.cache.set("k", 1);
  time += 59_000;
  assertEquals(await host.cache.get("k"), 1);
  time += 2000;
  assertEquals(await host.cache.get("k"), undefined);
});
