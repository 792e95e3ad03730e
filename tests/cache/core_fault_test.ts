import { assert, assertEquals, assertRejects } from "@std/assert";
import { open } from "@oresty/cache";
import { SharedDict } from "@oresty/shm";
import { webLocks } from "@oresty/core";
import { counting, freshName, Host, sleep } from "./host.ts";

Deno.test("load: times that a timer cannot hold are long, not none", async () => {
  await using host = await Host.open({ ttl: 0.01, grace: 60 });
  const { cache } = host;
  const slow = async () => {
    await sleep(30);
    return "v";
  };
  const long = { lockTimeout: 1e9, hardTimeout: 1e9, ttl: 1e300 };
  await using other = await open(cache.name, host.dict);
  const all = await Promise.all([
    cache.get("k", long, slow),
    cache.get("k", long, slow),
    other.get("k", long, slow),
  ]);
  assertEquals(all, ["v", "v", "v"]);
  assert(cache.peek("k")!.ttl > 1e9);
  await cache.set("s", "old");
  await sleep(20);
  assertEquals(await cache.get("s", { timeout: 1e9 }, slow), "v");
});

Deno.test("load: what a loader left running may ask for its key later", async () => {
  await using host = await Host.open();
  const { cache } = host;
  const later = Promise.withResolvers<unknown>();
  await cache.get("k", () => {
    setTimeout(() => {
      cache.get("k", { forceFresh: true }, () => "later")
        .then(later.resolve, later.reject);
    }, 20);
    return 1;
  });
  assertEquals(await later.promise, "later");
});

Deno.test("load: closing ends a wait for another isolate's lock", async () => {
  await using host = await Host.open();
  const other = await open(host.cache.name, host.dict);
  const load = host.cache.get("k", () => sleep(1000));
  await sleep(5);
  const waiting = assertRejects(() => other.get("k", () => 1), Error, "closed");
  await sleep(5);
  const began = performance.now();
  await other.close();
  await waiting;
  assert(performance.now() - began < 200);
  await load;
  const { held = [], pending = [] } = await webLocks().query();
  const names = [...held, ...pending].map(({ name }) => name);
  assert(!names.some((name) => name.includes(host.cache.name)));
});

Deno.test("load: closing is no failure that makes others back off", async () => {
  await using host = await Host.open({
    ttl: 0.01,
    grace: 60,
    graceBackoff: 60,
    timeout: 0,
  });
  const other = await open(host.cache.name, host.dict, {
    grace: 60,
    graceBackoff: 60,
    timeout: 0,
  });
  await host.cache.set("k", "old");
  await sleep(20);
  assertEquals<unknown>(
    await other.get("k", () => new Promise<never>(() => {})),
    "old",
  );
  await other.close();
  await host.cache.get("k", { timeout: 5 }, () => "new");
  assertEquals(host.cache.stats().loads, 1);
});

Deno.test("load: all who call close wait for its end", async () => {
  const host = await Host.open();
  host.cache.get("k", () => new Promise(() => {})).catch(() => {});
  await sleep(5);
  let isDone = false;
  const first = host.cache.close().then(() => isDone = true);
  await host.cache.close();
  await Promise.resolve();
  assertEquals(isDone, true);
  await first;
  host.dict.close();
});

Deno.test("load: forceFresh is not answered by a load that need not load", async () => {
  await using host = await Host.open();
  await using other = await open(host.cache.name, host.dict);
  await other.set("k", "old");
  const loader = counting(() => "new");
  // The first of them finds the value of the process behind its lock.
  const held = webLocks().request(
    `oresty:cache:${JSON.stringify([host.dict.name, host.cache.name, "k"])}`,
    {},
    () => sleep(30),
  );
  await host.cache.delete("k");
  const plain = host.cache.get("k", () => "plain");
  await other.set("k", "old");
  const forced = host.cache.get("k", { forceFresh: true }, loader.load);
  await held;
  assertEquals(await plain, "old");
  assertEquals([await forced, loader.calls], ["new", 1]);
});

Deno.test("load: forceFresh without a loader is a get", async () => {
  await using host = await Host.open();
  await host.cache.set("k", 1);
  assertEquals(await host.cache.get("k", { forceFresh: true }), 1);
});

Deno.test("expire: what is stale stays so, and gets no older end", async () => {
  await using host = await Host.open({ ttl: 0.02, grace: 0.1 });
  const { cache } = host;
  await cache.set("k", "old");
  await sleep(30);
  await cache.expire("k", 100);
  assertEquals(await cache.get("k"), undefined);
  assertEquals(cache.peek("k", true)?.value, "old");
  await sleep(60);
  await cache.expire("k");
  await sleep(60);
  await assertRejects(
    () =>
      cache.get("k", () => {
        throw new Error("down");
      }),
    Error,
    "down",
  );
});

Deno.test("shmMiss: one that is the memory itself, and expire", async () => {
  await using host = await Host.open();
  await using same = await open(freshName(), host.dict, {
    shmMiss: host.dict,
  });
  await same.get("k", () => null);
  await using twin = await open(same.name, host.dict);
  assertEquals(await twin.get("k"), null);
  await using cache = await open(freshName(), host.dict, {
    shmMiss: freshName(),
  });
  await cache.get("k", () => null);
  await cache.expire("k", 100);
  assertEquals(await cache.get("k"), null);
  assert(cache.peek("k")!.ttl > 90);
  await cache.expire("k");
  assertEquals(await cache.get("k"), undefined);
});

Deno.test("shmMiss: what is absent gives way to a set in between", async () => {
  await using host = await Host.open();
  using miss = await SharedDict.open(freshName(), { size: "1m" });
  const options = { shmMiss: miss };
  await using cache = await open(freshName(), host.dict, options);
  await using other = await open(cache.name, host.dict, options);
  await cache.set("k", "old");
  // Another isolate sets between the two steps of storing what is absent.
  const { set } = miss;
  let isFirst = true;
  miss.set = (...args) => {
    const result = set.apply(miss, args);
    if (isFirst) {
      isFirst = false;
      other.set("k", "theirs");
    }
    return result;
  };
  await cache.get("k", { forceFresh: true }, () => null);
  assertEquals(await other.get("k"), "theirs");
  assertEquals(await cache.get("k"), "theirs");
});

Deno.test("tags: many of awkward characters, and one text for many", async () => {
  await using host = await Host.open({}, undefined, "4m");
  const { cache } = host;
  await using other = await open(cache.name, host.dict);
  const tags = Array.from(
    { length: 64 },
    (_, i) => String(i).padStart(256, "\x01"),
  );
  await cache.set("k", { tags }, "v");
  assertEquals(await other.get("k"), "v");
  await other.deleteByTag(tags[63]!);
  assertEquals(await cache.get("k"), undefined);
  await assertRejects(
    () => cache.get("k", (ctx) => ctx.tags("ab" as never)),
    TypeError,
    "tags",
  );
  await assertRejects(
    () => cache.get("k", (ctx) => ctx.tags(undefined as never)),
    TypeError,
    "tags",
  );
});

Deno.test("stale: the clock that is given ends a backoff", async () => {
  let time = Date.now();
  await using host = await Host.open({
    ttl: 10,
    grace: 1000,
    graceBackoff: 60,
    now: () => time,
  });
  const { cache } = host;
  await cache.set("k", "old");
  time += 11_000;
  const loader = counting(() => {
    throw new Error("down");
  });
  for (let i = 0; i < 3; i++) await cache.get("k", loader.load);
  assertEquals(loader.calls, 1);
  time += 61_000;
  await cache.get("k", loader.load);
  assertEquals(loader.calls, 2);
});

Deno.test("stale: an early refresh that failed is not tried at each hit", async () => {
  await using host = await Host.open({ ttl: 60 });
  const { cache } = host;
  await cache.get("k", () => sleep(20));
  const loader = counting(() => {
    throw new Error("down");
  });
  const options = { earlyRefresh: 1000, negTtl: 60 };
  await cache.get("k", { ...options, forceFresh: true }, async () => {
    await sleep(20);
    return 1;
  });
  const began = performance.now();
  for (let i = 0; i < 200; i++) {
    assertEquals(await cache.get("k", options, loader.load), 1);
    if (i % 20 === 0) await sleep(1);
  }
  // One a second, and the machine may be slow.
  const most = 1 + Math.ceil((performance.now() - began) / 1000);
  assert(loader.calls <= most, `${loader.calls} of ${most}`);
});

Deno.test("options: more that cannot be meant", async () => {
  using dict = await SharedDict.open(freshName(), { size: "1m" });
  for (
    const options of [
      { breaker: null },
      { breaker: { failures: 0 } },
      { breaker: { cooldown: "soon" } },
      { lruSize: 1e12 },
      { lruSize: Number.MAX_SAFE_INTEGER },
    ]
  ) {
    await assertRejects(
      () => open("n", dict, options as never),
      Error,
      "Cannot",
    );
  }
  await using host = await Host.open();
  await assertRejects(
    () => host.cache.getBulk([undefined as never]),
    TypeError,
    "getBulk",
  );
  await host.cache.close();
  await assertRejects(() => host.cache.getBulk([]), Error, "is closed");
});
