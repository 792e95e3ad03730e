import { assert, assertEquals, assertRejects } from "@std/assert";
import { open } from "@oresty/cache";
import { counting, freshName, Host, sleep } from "./host.ts";
import { memoryStore } from "./memory_tier.ts";

function pair(
  store = memoryStore(),
  options: Parameters<typeof Host.open>[0] = {},
): Promise<[Host, Host]> {
  const name = freshName();
  const all = { l3: store, jitter: 0, ...options };
  return Promise.all([Host.open(all, name), Host.open(all, name)]);
}

Deno.test("hosts: a purge that a gap hid is known after the gap", async () => {
  const store = memoryStore();
  const [one, two] = await pair(store);
  await using a = one;
  await using b = two;
  await a.cache.set("k", "old");
  assertEquals(await b.cache.get("k"), "old");
  store.deaf = true;
  await a.cache.purge();
  store.deaf = false;
  store.gap(1);
  assertEquals(await b.cache.get("k"), undefined);
  // They share values again.
  await b.cache.set("k", "new");
  assertEquals(await a.cache.get("k"), "new");
});

Deno.test("hosts: without messages a purge is known after a while", async () => {
  const store = memoryStore();
  store.mute = true;
  const [one, two] = await pair(store, { ttl: 0.2, ttlL3: 60 });
  await using a = one;
  await using b = two;
  await a.cache.set("k", "old");
  assertEquals(await b.cache.get("k"), "old");
  await a.cache.purge();
  await sleep(1500);
  assertEquals(await b.cache.get("k"), undefined);
  await b.cache.set("k", "new");
  assertEquals(await a.cache.get("k"), "new");
});

Deno.test("hosts: one that reads costs a load its value in no way", async () => {
  const [one, two] = await pair();
  await using a = one;
  await using b = two;
  await using twin = await open(a.cache.name, a.dict, { l3: memoryStore() });
  const loader = counting(async (call) => {
    await sleep(40);
    return call;
  });
  const load = a.cache.get("k", loader.load);
  await sleep(10);
  assertEquals(await a.cache.get("k"), undefined);
  assertEquals(await twin.has("k"), false);
  await a.cache.getBulk([{ key: "k" }, { key: "j" }]);
  assertEquals(await load, 1);
  assertEquals(await a.cache.get("k", loader.load), 1);
  assertEquals(await b.cache.get("k", loader.load), 1);
});

Deno.test("hosts: a stale value that cannot be read gives the lock back", async () => {
  const store = memoryStore();
  const name = freshName();
  const decode = (): never => {
    throw new Error("cannot decode");
  };
  const options = { l3: store, ttl: 0.03, grace: 60, jitter: 0 };
  const serializer = { encode: () => "x", decode };
  await using a = await Host.open({ ...options, serializer }, name);
  await using b = await Host.open({ ...options, serializer }, name);
  await a.cache.set("k", 1);
  await sleep(40);
  await assertRejects(() => b.cache.get("k", () => 2), Error, "cannot decode");
  await using c = await Host.open({ ...options, lockTimeout: 0.5 }, name);
  await c.cache.delete("other");
  const began = performance.now();
  await c.cache.get("k", { grace: 0 }, () => 3);
  assert(performance.now() - began < 400);
});

Deno.test("hosts: a deleted tag that is owed is told before values are read", async () => {
  const store = memoryStore();
  const [one, two] = await pair(store, { breaker: false });
  await using a = one;
  await using _b = two;
  await a.cache.set("k", { tags: ["t"] }, "old");
  store.fail = new Error("down");
  await a.cache.deleteByTag("t");
  store.fail = undefined;
  assertEquals(await a.cache.get("k"), undefined);
  assertEquals(await a.cache.get("k", () => "new"), "new");
});

Deno.test("hosts: after a deleted tag a value is loaded once over all", async () => {
  const [one, two] = await pair();
  await using a = one;
  await using b = two;
  await a.cache.set("k", { tags: ["t"] }, "old");
  await a.cache.deleteByTag("t");
  await sleep(5);
  const loader = counting(async (call) => {
    await sleep(50);
    return call;
  });
  const values = await Promise.all(
    [a, b].map(({ cache }) => cache.get("k", { tags: ["t"] }, loader.load)),
  );
  assertEquals([values, loader.calls], [[1, 1], 1]);
});

Deno.test("hosts: forceFresh loads also where the third tier is not written", async () => {
  const [one, two] = await pair();
  await using a = one;
  await using _b = two;
  await a.cache.set("k", "old");
  const options = { forceFresh: true, skipL3Write: true };
  assertEquals(await a.cache.get("k", options, () => "new"), "new");
});

Deno.test("hosts: a loader that skips the third tier is heard", async () => {
  const [one, two] = await pair();
  await using a = one;
  await using b = two;
  await a.cache.get("k", (ctx) => {
    ctx.setOptions({ skipL3Write: true });
    return "own";
  });
  assertEquals(a.cache.getSync("k"), "own");
  assertEquals(await b.cache.get("k"), undefined);
});

Deno.test("hosts: skipL3Write of delete, expire and deleteByTag", async () => {
  const store = memoryStore();
  const [one, two] = await pair(store);
  await using a = one;
  await using _b = two;
  await a.cache.set("k", { tags: ["t"] }, 1);
  store.calls.length = 0;
  const skip = { skipL3Write: true };
  await a.cache.expire("k", 10, skip);
  await a.cache.deleteByTag("t", skip);
  await a.cache.delete("k", skip);
  assertEquals(store.calls, []);
  assertEquals(await a.cache.get("k"), 1);
});

Deno.test("hosts: two isolates that set at once agree with the third tier", async () => {
  const store = memoryStore();
  const name = freshName();
  const isOpen = Promise.withResolvers<void>();
  const slow = {
    open(name: string) {
      const tier = store.open(name);
      const { write } = tier;
      tier.write = async (...args) => {
        await isOpen.promise;
        await write.apply(tier, args);
      };
      return tier;
    },
  };
  await using a = await Host.open({ l3: slow }, name);
  await using twin = await open(name, a.dict, { l3: store });
  await using b = await Host.open({ l3: store }, name);
  // The first to change the memory is the last to reach the store.
  const first = a.cache.set("k", "first");
  await twin.set("k", "second");
  isOpen.resolve();
  await first;
  assertEquals(await twin.get("k"), await b.cache.get("k"));
  assertEquals(await a.cache.get("k"), await b.cache.get("k"));
});

Deno.test("hosts: resurrectTtl keeps a value for so long above, not for ever", async () => {
  const store = memoryStore();
  const grace: number[] = [];
  const l3 = {
    open(name: string) {
      const tier = store.open(name);
      const { write } = tier;
      tier.write = (key, epoch, value, message) => {
        grace.push(value.grace);
        return write.call(tier, key, epoch, value, message);
      };
      return tier;
    },
  };
  await using host = await Host.open({ l3, resurrectTtl: 60 });
  await host.cache.set("a", 1);
  await host.cache.set("b", { grace: 10 }, 1);
  await host.cache.set("c", { grace: "2m" }, 1);
  assertEquals(grace, [60, 10, 120]);
});

Deno.test("hosts: with errors thrown a failed read leaves no lease", async () => {
  const store = memoryStore();
  const [one, two] = await pair(store, {
    suppressL3Errors: false,
    breaker: false,
  });
  await using a = one;
  await using _b = two;
  const before = a.dict.stats().entries;
  store.fail = new Error("down");
  await assertRejects(() => a.cache.get("k"));
  await assertRejects(() => a.cache.get("k", () => 1));
  await assertRejects(() => a.cache.getBulk([{ key: "a" }, { key: "b" }]));
  assertEquals(a.dict.stats().entries, before);
});

Deno.test("hosts: closing ends a wait for another host", async () => {
  const [one, two] = await pair();
  await using a = one;
  const load = a.cache.get("k", () => sleep(1500));
  await sleep(10);
  const waiting = assertRejects(() => two.cache.get("k", () => 1));
  await sleep(10);
  const began = performance.now();
  await two[Symbol.asyncDispose]();
  await waiting;
  assert(performance.now() - began < 300);
  await load;
});

Deno.test("hosts: a clock that stands still ends the wait for another host", async () => {
  const store = memoryStore();
  const name = freshName();
  const time = Date.now();
  const options = { l3: store, lockTimeout: 0.1 };
  await using a = await Host.open(options, name);
  await using b = await Host.open({ ...options, now: () => time }, name);
  const load = a.cache.get("k", () => sleep(600));
  await sleep(10);
  const began = performance.now();
  await assertRejects(() => b.cache.get("k", () => 1), Error, "0.1 s");
  assert(performance.now() - began < 400);
  await load;
});

Deno.test("hosts: what ends a subscription badly ends nothing else", async () => {
  const store = memoryStore();
  let closed = 0;
  const l3 = {
    open(name: string) {
      const tier = store.open(name);
      tier.subscribe = () =>
        Promise.resolve(() => Promise.reject(new Error("no end")));
      tier.close = () => {
        closed++;
        return Promise.reject(new Error("no close"));
      };
      return tier;
    },
  };
  const host = await Host.open({ l3 });
  await host[Symbol.asyncDispose]();
  assertEquals(closed, 1);
});
