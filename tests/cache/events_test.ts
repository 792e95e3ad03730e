import { assert, assertEquals } from "@std/assert";
import type { MetricsSink } from "@oresty/cache";
import { Host } from "./host.ts";
import { memoryStore } from "./memory_tier.ts";

Deno.test("events: what a cache does is told, in order", async () => {
  await using host = await Host.open();
  const { cache, events } = host;
  await cache.get("k", () => 1);
  await cache.get("k");
  await cache.set("k", 2);
  await cache.expire("k");
  await cache.delete("k");
  await cache.deleteByTag("t");
  await cache.purge();
  await cache.get("k", () => {
    throw new Error("boom");
  }).catch(() => {});
  assertEquals(events.map(({ type }) => type), [
    "load",
    "miss",
    "hit",
    "set",
    "expire",
    "delete",
    "delete_by_tag",
    "purge",
    "load_error",
  ]);
  const { l1Hits, misses, loads, loadErrors } = cache.stats();
  assertEquals([l1Hits, misses, loads, loadErrors], [1, 1, 2, 1]);
});

Deno.test("events: a listener that throws breaks nothing", async () => {
  const { warn } = console;
  const warnings: unknown[] = [];
  console.warn = (text: unknown) => warnings.push(text);
  try {
    await using host = await Host.open({
      on: () => {
        throw new Error("listener");
      },
    });
    assertEquals(await host.cache.get("k", () => 1), 1);
    assert(warnings.length > 0);
  } finally {
    console.warn = warn;
  }
});

Deno.test("events: metrics count hits by tier, misses, and times", async () => {
  const counts = new Map<string, number>();
  const add = (name: string, labels: Readonly<Record<string, string>>) => {
    const series = `${name}${JSON.stringify(labels)}`;
    counts.set(series, 0);
    return (value = 1) => {
      counts.set(series, counts.get(series)! + value);
    };
  };
  const metrics: MetricsSink = {
    counter: (name, labels) => ({ incr: add(name, labels) }),
    histogram: (name, labels) => {
      const count = add(name, labels);
      return { observe: () => count() };
    },
  };
  const store = memoryStore();
  await using other = await Host.open({ l3: store }, "metered");
  await using host = await Host.open({ l3: store, metrics }, "metered");
  const { cache } = host;
  await cache.get("k", () => 1);
  await cache.get("k");
  await cache.get("k");
  await cache.get("none");
  await other.cache.set("m", 1);
  await cache.get("m");
  const of = (name: string, labels: object) =>
    counts.get(`${name}${JSON.stringify({ cache: "metered", ...labels })}`);
  assertEquals(of("oresty_cache_hits_total", { tier: "l1" }), 2);
  assertEquals(of("oresty_cache_hits_total", { tier: "l2" }), 0);
  assertEquals(of("oresty_cache_hits_total", { tier: "l3" }), 1);
  assertEquals(of("oresty_cache_misses_total", {}), 2);
  assertEquals(of("oresty_cache_load_duration_seconds", {}), 1);
  assertEquals(of("oresty_cache_lock_wait_seconds", {}), 1);
});
