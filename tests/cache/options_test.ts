import { assert, assertEquals, assertRejects } from "@std/assert";
import { open } from "@oresty/cache";
import { SharedDict } from "@oresty/shm";
import { freshName, Host } from "./host.ts";

Deno.test("options: a cache refuses what cannot be meant", async () => {
  using dict = await SharedDict.open(freshName(), { size: "1m" });
  const cases: [unknown, ErrorConstructor | typeof TypeError, string][] = [
    [{ tll: 1 }, TypeError, 'did you mean "ttl"'],
    [{ forceFresh: true }, TypeError, "forceFresh"],
    [{ ttl: -1 }, RangeError, '"-1"'],
    [{ ttl: NaN }, RangeError, '"NaN"'],
    [{ ttl: "soon" }, TypeError, '"soon"'],
    [{ ttl: null }, TypeError, '"null"'],
    [{ negTtl: {} }, TypeError, "negTtl"],
    [{ ttlL3: [] }, TypeError, "ttlL3"],
    [{ jitter: 2 }, RangeError, "jitter"],
    [{ jitter: "1" }, TypeError, "jitter"],
    [{ grace: Infinity }, RangeError, "grace"],
    [{ graceBackoff: true }, TypeError, "graceBackoff"],
    [{ resurrectTtl: "x" }, TypeError, "resurrectTtl"],
    [{ resurrectIf: 1 }, TypeError, "resurrectIf"],
    [{ timeout: "x" }, TypeError, "timeout"],
    [{ hardTimeout: 0 }, RangeError, "hardTimeout"],
    [{ lockTimeout: -5 }, RangeError, "lockTimeout"],
    [{ earlyRefresh: -1 }, RangeError, "earlyRefresh"],
    [{ suppressL3Errors: 1 }, TypeError, "suppressL3Errors"],
    [{ skipL3Write: "yes" }, TypeError, "skipL3Write"],
    [{ skipBusNotify: 0 }, TypeError, "skipBusNotify"],
    [{ tags: "t" }, TypeError, "tags"],
    [{ lruSize: 0 }, TypeError, "lruSize"],
    [{ lruSize: 1.5 }, TypeError, "lruSize"],
    [{ lru: {} }, TypeError, "lru"],
    [{ lru: new Map(), lruSize: 7 }, TypeError, "lruSize"],
    [{ l1Mode: "copy" }, TypeError, '"copy"'],
    [{ l1Serializer: {} }, TypeError, "l1Serializer"],
    [{ serializer: { encode: () => "" } }, TypeError, "serializer"],
    [{ shmMiss: "" }, TypeError, "shmMiss"],
    [{ shmMiss: 7 }, TypeError, "shmMiss"],
    [{ shmSetTries: 0 }, TypeError, "shmSetTries"],
    [{ l3: {} }, TypeError, "l3"],
    [{ l3: { open: () => ({}) }, breaker: 5 }, TypeError, "breaker"],
    [
      { l3: { open: () => ({}) }, breaker: { failurs: 5 } },
      TypeError,
      "failures",
    ],
    [{ l3: { open: () => ({}) }, breaker: { failures: 0 } }, TypeError, '"0"'],
    [{ on: "event" }, TypeError, "on"],
    [{ metrics: {} }, TypeError, "metrics"],
    [7, TypeError, "expected an object"],
    [[], TypeError, "expected an object"],
  ];
  for (const [options, kind, message] of cases) {
    await assertRejects(
      () => open("n", dict, options as never),
      kind as typeof TypeError,
      message,
    );
  }
  for (const name of ["", 7, undefined, null]) {
    await assertRejects(() => open(name as never, dict), TypeError, "name");
  }
  await assertRejects(() => open("n".repeat(256), dict), RangeError, "256");
  for (const wrong of ["", 7, undefined, {}]) {
    await assertRejects(
      () => open("n", wrong as never),
      TypeError,
      "SharedDict",
    );
  }
});

Deno.test("options: calls refuse them too, also where there is a value", async () => {
  await using host = await Host.open();
  const { cache } = host;
  await cache.set("k", 1);
  assertEquals(await cache.get("k"), 1);
  const load = () => 2;
  const wrong: [unknown, string][] = [
    [{ tll: 1 }, 'did you mean "ttl"'],
    [{ ttl: "soon" }, '"soon"'],
    [{ ttl: -1 }, '"-1"'],
    [{ forceFresh: "yes" }, "forceFresh"],
    [7, "expected an object"],
    ["x", "expected an object"],
  ];
  for (const [options, message] of wrong) {
    await assertRejects(
      () => cache.get("k", options as never, load),
      Error,
      message,
    );
  }
  await assertRejects(() => cache.get("k", {}, "load" as never), TypeError);
  await assertRejects(() => cache.set("k", { forceFresh: true } as never, 1));
  for (const key of [7, undefined, null, {}, Symbol("s")]) {
    for (
      const call of [
        () => cache.get(key as never, load),
        () => cache.set(key as never, 1),
        () => cache.delete(key as never),
        () => cache.deleteMany([key as never]),
        () => cache.has(key as never),
        () => cache.expire(key as never),
      ]
    ) {
      const error = await assertRejects(call) as Error;
      assert(error instanceof TypeError, String(key));
      assert(error.message.includes("expected a text"), error.message);
    }
  }
  await assertRejects(() => cache.deleteMany("k" as never), TypeError, "array");
  await assertRejects(() => cache.expire("k", "soon"), TypeError, "soon");
  assertEquals(await cache.get("k"), 1);
});

Deno.test("options: lengths of time are seconds or texts, in each place", async () => {
  await using host = await Host.open({
    ttl: "2m",
    negTtl: "500ms",
    grace: "1h",
    shmSetTries: 3,
    ipc: {},
  });
  const { cache } = host;
  await cache.set("k", 1);
  await cache.set("none", null);
  assert(cache.peek("k")!.ttl > 119 && cache.peek("k")!.ttl <= 120);
  assert(cache.peek("none")!.ttl <= 0.5);
  await cache.set("j", { ttl: "1.5h" }, 1);
  assert(cache.peek("j")!.ttl > 5399);
  cache.update();
});
