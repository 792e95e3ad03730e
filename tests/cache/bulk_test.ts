import { assert, assertEquals, assertRejects } from "@std/assert";
import { Host, sleep } from "./host.ts";

Deno.test("getBulk: a few loads at a time, equal keys once, errors beside values", async () => {
  await using host = await Host.open();
  const { cache } = host;
  let running = 0;
  let most = 0;
  let calls = 0;
  const callback = async (arg: unknown) => {
    calls++;
    most = Math.max(most, ++running);
    await sleep(5);
    running--;
    if (arg === 3) throw new Error("three");
    return arg === 4 ? null : `v${arg}`;
  };
  await cache.set("k0", "kept");
  const items = [0, 1, 2, 3, 4, 5, 1, 2].map((i) => ({
    key: `k${i}`,
    callback,
    arg: i,
  }));
  const results = await cache.getBulk(items, { concurrency: 2 });
  assertEquals(results.map(({ value }) => value), [
    "kept",
    "v1",
    "v2",
    undefined,
    null,
    "v5",
    "v1",
    "v2",
  ]);
  assertEquals(results.map(({ hitLevel }) => hitLevel), [
    1,
    3,
    3,
    -1,
    3,
    3,
    3,
    3,
  ]);
  assertEquals((results[3]!.error as Error).message, "three");
  assert(results.every(({ error }, i) => (error === undefined) === (i !== 3)));
  assertEquals([calls, most], [5, 2]);
});

Deno.test("getBulk: options of an item, and none at all", async () => {
  await using host = await Host.open();
  const [short, absent] = await host.cache.getBulk([
    { key: "a", opts: { ttl: 0.5 }, callback: () => 1 },
    { key: "b" },
  ]);
  assertEquals([short!.value, absent!.value, absent!.hitLevel], [
    1,
    undefined,
    -1,
  ]);
  assert(host.cache.peek("a")!.ttl <= 0.5);
  assertEquals(await host.cache.getBulk([]), []);
});

Deno.test("getBulk: wrong items are refused", async () => {
  await using host = await Host.open();
  const { cache } = host;
  await assertRejects(() => cache.getBulk("k" as never), TypeError, "array");
  await assertRejects(
    () => cache.getBulk([{ key: "k", calback: () => 1 }] as never),
    TypeError,
    'did you mean "callback"',
  );
  await assertRejects(
    () => cache.getBulk([], { concurrency: 0 }),
    TypeError,
    '"0"',
  );
  const [result] = await cache.getBulk([{ key: 7 as never }]);
  assert(result!.error instanceof TypeError);
});
