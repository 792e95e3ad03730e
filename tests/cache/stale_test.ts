import { assert, assertEquals, assertRejects } from "@std/assert";
import { open } from "@oresty/cache";
import { counting, Host, sleep } from "./host.ts";

const boom = new Error("boom");
const fail = () => {
  throw boom;
};

Deno.test("stale: a failed load is the loader's own error where nothing is kept", async () => {
  await using host = await Host.open({ ttl: 0.05 });
  const { cache } = host;
  assertEquals(
    await assertRejects(() => cache.get("k", fail)),
    boom,
  );
  await cache.set("k", 1);
  await sleep(60);
  assertEquals(await assertRejects(() => cache.get("k", fail)), boom);
});

Deno.test("stale: within grace a failed load is answered with what was", async () => {
  await using host = await Host.open({
    ttl: 0.05,
    grace: 0.5,
    graceBackoff: 0.1,
  });
  const { cache } = host;
  await cache.set("k", "old");
  await sleep(60);
  const loader = counting(fail);
  const found = await cache.lookup("k", loader.load);
  assertEquals(found.value, "old");
  assertEquals([found.hitLevel, found.stale], [4, true]);
  assert(found.ttl < 0);
  // For a while nobody tries again, another opener neither.
  await using other = await open(cache.name, host.dict, { grace: 0.5 });
  assertEquals(await other.get("k", loader.load), "old");
  assertEquals(await cache.get("k", loader.load), "old");
  assertEquals(loader.calls, 1);
  await sleep(110);
  assertEquals(await cache.get("k", loader.load), "old");
  assertEquals(loader.calls, 2);
  await sleep(400);
  assertEquals(await assertRejects(() => cache.get("k", loader.load)), boom);
  assertEquals(await cache.get("k", () => "new"), "new");
  assertEquals((await cache.lookup("k")).stale, false);
});

Deno.test("stale: resurrectTtl serves what was, however old, and tries again after it", async () => {
  await using host = await Host.open({ ttl: 0.02, resurrectTtl: 0.1 });
  const { cache } = host;
  await cache.set("k", "old");
  await sleep(200);
  const loader = counting(fail);
  assertEquals(await cache.get("k", loader.load), "old");
  assertEquals(await cache.get("k", loader.load), "old");
  assertEquals(loader.calls, 1);
  await sleep(110);
  assertEquals(await cache.get("k", loader.load), "old");
  assertEquals(loader.calls, 2);
});

Deno.test("stale: resurrectIf lets an error through", async () => {
  await using host = await Host.open({
    ttl: 0.02,
    grace: 10,
    graceBackoff: 0,
    resurrectIf: (error) => (error as Error).message !== "forbidden",
  });
  const { cache } = host;
  await cache.set("k", "old");
  await sleep(30);
  assertEquals(await cache.get("k", fail), "old");
  await assertRejects(
    () =>
      cache.get("k", () => {
        throw new Error("forbidden");
      }),
    Error,
    "forbidden",
  );
});

Deno.test("stale: timeout 0 serves what was at once, and loads behind it", async () => {
  await using host = await Host.open({ ttl: 0.02, grace: 10, timeout: 0 });
  const { cache } = host;
  const loader = counting(async (call) => {
    await sleep(50);
    return call;
  });
  assertEquals(await cache.get("k", loader.load), 1);
  await sleep(30);
  const began = performance.now();
  const found = await cache.lookup("k", loader.load);
  assert(performance.now() - began < 40);
  assertEquals([found.value, found.stale, found.hitLevel], [1, true, 4]);
  await cache.lookup("k", loader.load);
  await sleep(70);
  assertEquals(loader.calls, 2);
  assertEquals(cache.peek("k", true)?.value, 2);
});

Deno.test("stale: a soft timeout serves what was, and the load goes on", async () => {
  await using host = await Host.open({ ttl: 0.02, grace: 10, timeout: 0.05 });
  const { cache } = host;
  await cache.set("k", "old");
  await sleep(30);
  const slow = counting(async () => {
    await sleep(100);
    return "new";
  });
  assertEquals(await cache.get("k", { ttl: 10 }, slow.load), "old");
  await sleep(90);
  assertEquals(await cache.get("k", slow.load), "new");
  assertEquals(slow.calls, 1);
  // A load in time is waited for.
  await cache.set("j", "old");
  await sleep(30);
  assertEquals(await cache.get("j", () => "quick"), "quick");
});

Deno.test("stale: hardTimeout ends a load that hangs, and its signal fires", async () => {
  await using host = await Host.open({ ttl: 0.02, hardTimeout: 0.05 });
  const { cache } = host;
  let signal: AbortSignal | undefined;
  const hang = (ctx: { signal: AbortSignal }) => {
    signal = ctx.signal;
    return new Promise<never>(() => {});
  };
  const error = await assertRejects(() => cache.get("k", hang)) as Error;
  assertEquals(error.name, "LoadTimeoutError");
  assert(error.message.includes("0.05 s"), error.message);
  assert(signal!.aborted);
  assertEquals(await cache.get("k", () => "next"), "next");
  await sleep(30);
  assertEquals(await cache.get("k", { grace: 10 }, hang), "next");
});

Deno.test("stale: a loader sees what was", async () => {
  await using host = await Host.open({ ttl: 0.02 });
  await host.cache.set("k", { n: 1 });
  await sleep(30);
  const value = await host.cache.get("k", (ctx) => {
    const { n } = ctx.staleValue as { n: number };
    return { n: n + 1 };
  });
  assertEquals(value, { n: 2 });
});

Deno.test("stale: earlyRefresh loads before the end, behind a hit", async () => {
  await using host = await Host.open({ ttl: 0.4 });
  const { cache } = host;
  const loader = counting(async (call) => {
    await sleep(40);
    return call;
  });
  await cache.get("k", loader.load);
  // So early that it is certain.
  const options = { earlyRefresh: 1000 };
  assertEquals(await cache.get("k", options, loader.load), 1);
  await sleep(100);
  assertEquals(loader.calls, 2);
  assertEquals(await cache.get("k"), 2);
  assertEquals(await cache.get("k", { earlyRefresh: 0 }, loader.load), 2);
});

Deno.test("stale: forceFresh loads although there is a value", async () => {
  await using host = await Host.open();
  const loader = counting((call) => call);
  assertEquals(await host.cache.get("k", loader.load), 1);
  assertEquals(await host.cache.get("k", { forceFresh: true }, loader.load), 2);
  assertEquals(await host.cache.get("k", loader.load), 2);
});
