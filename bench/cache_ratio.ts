/**
 * Nanoseconds a hit of the first tier, awaited and not, in interleaved rounds
 * beside bentocache, cacheable and cache-manager; a hit of the second tier; and
 * what 10,000 callers of one missing key cost.
 *
 * Targets: getSync <= 150 ns; awaited <= 300 ns, >= 5 x faster than bentocache
 * and cacheable, >= 2 x than cache-manager; a hit of 1 KiB of JSON in the second
 * tier <= 6 us; 10,000 callers cost one load.
 */
import { assertEquals } from "@std/assert";
import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { createCache } from "cache-manager";
import { Cacheable } from "cacheable";
import { open } from "@oresty/cache";
import { SharedDict } from "@oresty/shm";
import { median, record } from "./_measure.ts";

const isQuick = Deno.args.includes("--quick");
const ROUNDS = isQuick ? 3 : 15;
const CALLS = isQuick ? 5_000 : 100_000;

const value = {
  id: 7,
  name: "ada",
  tags: Array.from({ length: 20 }, (_, i) => `tag number ${i} of them`),
  text: "x".repeat(420),
};
const KEYS = Array.from({ length: 50 }, (_, i) => `key ${i}`);

interface Competitor {
  readonly name: string;
  /** Nanoseconds a call. */
  round(calls: number): Promise<number>;
}

using dict = await SharedDict.open("bench_cache", { size: "64m" });
await using cache = await open("bench", dict, { ttl: 600 });
// The first tier of this one holds nothing for long.
await using cold = await open("bench", dict, { ttl: 600, lruSize: 1 });
const bento = new BentoCache({
  default: "memory",
  stores: {
    memory: bentostore().useL1Layer(memoryDriver({ maxItems: 100 })),
  },
});
const cacheable = new Cacheable();
const manager = createCache({ ttl: 600_000 });

const competitors: Competitor[] = [
  timed("oresty getSync", (key) => cache.getSync(key)),
  awaited("oresty get", (key) => cache.get(key)),
  awaited("oresty get with loader", (key) => cache.get(key, load)),
  awaited("oresty get, second tier", (key) => cold.get(key)),
  awaited("bentocache", (key) => bento.get({ key })),
  awaited("cacheable", (key) => cacheable.get(key)),
  awaited("cache-manager", (key) => manager.get(key)),
];

for (const key of KEYS) {
  await cache.set(key, value);
  await bento.set({ key, value, ttl: "10m" });
  await cacheable.set(key, value, "10m");
  await manager.set(key, value);
}
for (const key of KEYS) {
  assertEquals(cache.getSync(key), value);
  assertEquals(await cache.get(key), value);
  assertEquals(await cold.get(key), value);
  assertEquals(await cacheable.get(key), value);
  assertEquals(await manager.get(key), value);
  assertEquals(await bento.get({ key }), value);
  assertEquals((await cold.lookup(key)).source, "l1");
}
await cold.get(KEYS[0]!);
assertEquals((await cold.lookup(KEYS[1]!)).source, "l2");

const rounds = new Map(competitors.map(({ name }) => [name, [] as number[]]));
for (const each of competitors) await each.round(CALLS / 10); // warm-up
for (let i = 0; i < ROUNDS; i++) {
  for (const each of competitors) {
    rounds.get(each.name)!.push(await each.round(CALLS));
  }
}
const figures: Record<string, number> = {};
for (const [name, all] of rounds) figures[name] = median(all);
const ours = figures["oresty get"]!;
for (const [name, ns] of Object.entries(figures)) {
  console.log(
    `${name.padEnd(26)} ${ns.toFixed(0).padStart(6)} ns  ` +
      `${(ns / ours).toFixed(2)} x oresty get`,
  );
}

let loads = 0;
const waiting = Array.from(
  { length: 10_000 },
  () =>
    cache.get("missing", async () => {
      loads++;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return "loaded";
    }),
);
const began = performance.now();
await Promise.all(waiting);
assertEquals(loads, 1);
figures["10,000 callers of a missing key, ms"] = performance.now() - began;
console.log(`10,000 callers of a missing key cost ${loads} load`);
if (!isQuick) record("cache", figures);

await bento.disconnectAll();
await cacheable.disconnect();
await manager.disconnect();

function load(): never {
  throw new Error("there is a value");
}

function timed(name: string, call: (key: string) => unknown): Competitor {
  let sink: unknown;
  return {
    name,
    round: (calls) => {
      const start = performance.now();
      for (let i = 0; i < calls; i++) sink = call(KEYS[i % 50]!);
      const time = performance.now() - start;
      assertEquals(typeof sink, "object");
      return Promise.resolve(time * 1e6 / calls);
    },
  };
}

function awaited(
  name: string,
  call: (key: string) => Promise<unknown>,
): Competitor {
  let sink: unknown;
  return {
    name,
    round: async (calls) => {
      const start = performance.now();
      for (let i = 0; i < calls; i++) sink = await call(KEYS[i % 50]!);
      const time = performance.now() - start;
      assertEquals(typeof sink, "object");
      return time * 1e6 / calls;
    },
  };
}
