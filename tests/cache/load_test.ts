import { assert, assertEquals, assertRejects } from "@std/assert";
import { open } from "@oresty/cache";
import { webLocks } from "@oresty/core";
import { counting, Host, sleep } from "./host.ts";

Deno.test("load: 10,000 callers of one key cost one load", async () => {
  await using host = await Host.open();
  const loader = counting(async () => {
    await sleep(30);
    return "v";
  });
  const values = await Promise.all(
    Array.from({ length: 10_000 }, () => host.cache.get("k", loader.load)),
  );
  assertEquals(loader.calls, 1);
  assert(values.every((value) => value === "v"));
});

Deno.test("load: two openers of one memory load once", async () => {
  await using host = await Host.open();
  await using other = await open(host.cache.name, host.dict);
  const loader = counting(async () => {
    await sleep(50);
    return "v";
  });
  const found = await Promise.all([
    host.cache.lookup("k", loader.load),
    other.lookup("k", loader.load),
  ]);
  assertEquals(loader.calls, 1);
  assertEquals(found.map(({ source }) => source).sort(), ["l2", "loader"]);
});

Deno.test("load: all callers hear of a failure, and the next one loads again", async () => {
  await using host = await Host.open();
  let calls = 0;
  let running = 0;
  const load = async () => {
    calls++;
    assertEquals(++running, 1);
    await sleep(20);
    running--;
    throw new Error(`failed ${calls}`);
  };
  const results = await Promise.allSettled(
    Array.from({ length: 100 }, () => host.cache.get("k", load)),
  );
  assertEquals(calls, 1);
  assert(results.every(({ status }) => status === "rejected"));
  await assertRejects(() => host.cache.get("k", load), Error, "failed 2");
});

Deno.test("load: one that waits too long is told so, or gets what was", async () => {
  await using host = await Host.open({ lockTimeout: 0.05 });
  await using other = await open(host.cache.name, host.dict, {
    lockTimeout: 0.05,
  });
  const slow = async () => {
    await sleep(500);
    return "slow";
  };
  const first = host.cache.get("k", slow);
  const here = await assertRejects(() => host.cache.get("k", slow)) as Error;
  const there = await assertRejects(() => other.get("k", slow)) as Error;
  for (const { name, message } of [here, there]) {
    assertEquals(name, "LockTimeoutError");
    assert(message.includes('"k"') && message.includes("0.05 s"), message);
  }
  assertEquals(await first, "slow");
  await host.cache.set("k", { ttl: 0.01, grace: 10 }, "old");
  await sleep(20);
  const again = host.cache.get("k", slow);
  assertEquals(await other.get("k", { grace: 10 }, slow), "old");
  assertEquals(await again, "slow");
});

Deno.test("load: set, delete, purge and expire during a load win", async () => {
  await using host = await Host.open();
  await using other = await open(host.cache.name, host.dict);
  const changes: [string, () => Promise<void>, unknown][] = [
    ["set", () => other.set("k", "theirs"), "theirs"],
    ["delete", () => other.delete("k"), undefined],
    ["purge", () => other.purge(), undefined],
    ["expire", () => other.expire("k"), undefined],
    ["own delete", () => host.cache.delete("k"), undefined],
    ["deleteMany", () => other.deleteMany(["k"]), undefined],
  ];
  for (const [name, change, expected] of changes) {
    await host.cache.delete("k");
    const load = host.cache.get("k", async () => {
      await sleep(30);
      return "mine";
    });
    await sleep(10);
    await change();
    assertEquals(await load, "mine", name);
    assertEquals(await host.cache.get("k"), expected, name);
    assertEquals(await other.get("k"), expected, name);
  }
});

Deno.test("load: changes of other keys cost a load nothing, in a small memory", async () => {
  await using host = await Host.open({}, undefined, "64k");
  const load = host.cache.get("k", async () => {
    for (let i = 0; i < 2000; i++) await host.cache.set(`other ${i % 50}`, i);
    await sleep(10);
    return "mine";
  });
  assertEquals(await load, "mine");
  assertEquals(await host.cache.get("k"), "mine");
});

Deno.test("load: a loader that asks for its own key is refused", async () => {
  await using host = await Host.open();
  await using other = await Host.open();
  const { cache } = host;
  const error = await assertRejects(() =>
    cache.get("k", async () => await cache.get("k", () => 1))
  ) as Error;
  assertEquals(error.name, "ReentrancyError");
  assert(error.message.includes('"k"'), error.message);
  const round = await assertRejects(() =>
    cache.get(
      "a",
      async () =>
        await other.cache.get(
          "b",
          async () => await cache.get("a", () => 1),
        ),
    )
  ) as Error;
  assertEquals(round.name, "ReentrancyError");
  // Others are free to ask, and so is who asks for another key.
  assertEquals(
    await cache.get("x", async () => await cache.get("y", () => 7)),
    7,
  );
  assertEquals(
    await cache.get("k", async () => await other.cache.get("k", () => 8)),
    8,
  );
});

Deno.test("load: closing ends loads that run", async () => {
  const host = await Host.open();
  const load = host.cache.get("k", () => new Promise<never>(() => {}));
  const failed = assertRejects(() => load, Error, "closed");
  await sleep(5);
  await host[Symbol.asyncDispose]();
  await failed;
  await assertRejects(() => host.cache.get("k"), Error, "is closed");
  await assertRejects(() => host.cache.set("k", 1), Error, "is closed");
  await host.cache.close();
});

Deno.test("load: a value that cannot be kept is an error", async () => {
  await using host = await Host.open();
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  for (const value of [() => 1, Symbol("x"), 10n, cyclic]) {
    await assertRejects(
      () => host.cache.get("k", () => value as unknown),
      TypeError,
      "Cannot keep a value",
    );
    await assertRejects(() => host.cache.set("k", value), TypeError);
    assertEquals(await host.cache.get("k"), undefined);
  }
});

Deno.test("load: a lock whose holder died is taken from it", async () => {
  await using host = await Host.open({ lockTimeout: 0.05 });
  const name = JSON.stringify([host.dict.name, host.cache.name, "k"]);
  const dead = Promise.withResolvers<void>();
  // As a worker leaves it that ran out of memory: held, and no load under it.
  const held = webLocks().request(
    `oresty:cache:${name}`,
    {},
    () => dead.promise,
  );
  assertEquals(await host.cache.get("k", () => "mine"), "mine");
  dead.resolve();
  await assertRejects(() => held);
});
