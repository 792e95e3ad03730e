import { assert, assertEquals, assertThrows } from "@std/assert";
import { SharedRateStore } from "@oresty/cache/rate_limit";
import { MemoryRateStore, rateLimit } from "@oresty/router/rate-limit";
import { HttpRouter } from "@oresty/router";
import { SharedDict } from "@oresty/shm";
import { freshName } from "./host.ts";

Deno.test("rate store: it says what the router's own says", async () => {
  using dict = await SharedDict.open(freshName(), { size: "1m" });
  let now = 1000;
  const shared = new SharedRateStore(dict, { now: () => now });
  const own = new MemoryRateStore({ now: () => now });
  const policy = { limit: 5, window: 10 };
  let seed = 7;
  for (let i = 0; i < 2000; i++) {
    seed = Math.imul(seed, 1103515245) + 12345 & 0x7fffffff;
    now += (seed >>> 8) % 4000 / 1000;
    const key = `k${(seed >>> 4) % 3}`;
    const [a, b] = [shared.take(key, policy), own.take(key, policy)];
    assertEquals([a.isAllowed, a.remaining], [b.isAllowed, b.remaining]);
    assert(Math.abs(a.retryAfter - b.retryAfter) < 1e-3, `${i}`);
    assert(Math.abs(a.reset - b.reset) < 1e-3, `${i}`);
  }
});

Deno.test("rate store: two of one memory count together, keys apart", async () => {
  using dict = await SharedDict.open(freshName(), { size: "1m" });
  const now = () => 5;
  const stores = [
    new SharedRateStore(dict, { now }),
    new SharedRateStore(dict, { now }),
  ];
  const policy = { limit: 10, window: 60 };
  let allowed = 0;
  for (let i = 0; i < 30; i++) {
    if (stores[i % 2]!.take("k", policy).isAllowed) allowed++;
  }
  assertEquals(allowed, 10);
  assertEquals(stores[0]!.take("j", policy).remaining, 9);
});

Deno.test("rate store: a clock that goes back locks nobody out for longer", async () => {
  using dict = await SharedDict.open(freshName(), { size: "1m" });
  let now = 10_000;
  const store = new SharedRateStore(dict, { now: () => now });
  const policy = { limit: 1, window: 10 };
  store.take("k", policy);
  now = 5000;
  const { isAllowed, retryAfter } = store.take("k", policy);
  assertEquals(isAllowed, false);
  assert(retryAfter <= 10, `${retryAfter}`);
});

Deno.test("rate store: 20,000 keys stay within the memory", async () => {
  using dict = await SharedDict.open(freshName(), { size: "256k" });
  const store = new SharedRateStore(dict);
  for (let i = 0; i < 20_000; i++) {
    store.take(`k${i}`, { limit: 2, window: 60 });
  }
  assert(dict.stats().entries < 3000);
  assertEquals(dict.check(), []);
});

Deno.test("rate store: the router takes it", async () => {
  using dict = await SharedDict.open(freshName(), { size: "1m" });
  const store = new SharedRateStore(dict);
  const routers = [1, 2].map(() => {
    const router = new HttpRouter();
    router.use(rateLimit({ limit: 2, window: "1m", store, key: () => "all" }));
    return router.get("/", () => "ok");
  });
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) {
    const response = await routers[i % 2]!.request("/");
    await response.body?.cancel();
    statuses.push(response.status);
  }
  assertEquals(statuses, [200, 200, 429, 429]);
  assertThrows(() => new SharedRateStore({} as never), TypeError, "SharedDict");
});

Deno.test("rate store: what another wrote, and policies that are none", async () => {
  using dict = await SharedDict.open(freshName(), { size: "1m" });
  const store = new SharedRateStore(dict);
  // One that waits for it to be gone would wait for ever.
  dict.set("rate:k", "a text");
  const policy = { limit: 1, window: 60 };
  assertEquals(store.take("k", policy).isAllowed, true);
  assertEquals(store.take("k", policy).isAllowed, false);
  for (const [limit, window] of [[0, 60], [1, 0], [NaN, 60], [1, Infinity]]) {
    assertThrows(
      () => store.take("k", { limit: limit!, window: window! }),
      RangeError,
      "Cannot take",
    );
  }
});
