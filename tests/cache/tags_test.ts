import { assert, assertEquals, assertRejects } from "@std/assert";
import { open } from "@oresty/cache";
import { counting, Host, sleep } from "./host.ts";

Deno.test("tags: deleteByTag forgets what has one, in every opener", async () => {
  await using host = await Host.open();
  const { cache } = host;
  await using other = await open(cache.name, host.dict);
  await cache.set("a", { tags: ["x", "y"] }, 1);
  await cache.get("b", { tags: ["y"] }, () => 2);
  await cache.get("c", (ctx) => {
    ctx.tags(["x"]);
    return 3;
  });
  await cache.set("d", 4);
  for (const [key, value] of [["a", 1], ["b", 2], ["c", 3], ["d", 4]]) {
    assertEquals<unknown>(await other.get(key as string), value);
    assertEquals((await other.lookup(key as string)).hitLevel, 1);
  }
  await cache.deleteByTag("x");
  for (const opener of [cache, other]) {
    assertEquals(await opener.get("a"), undefined);
    assertEquals(await opener.get("b"), 2);
    assertEquals(await opener.get("c"), undefined);
    assertEquals(await opener.get("d"), 4);
  }
  // Stale ones are gone too.
  assertEquals(cache.peek("a", true), undefined);
  await other.deleteByTag(["y", "z"]);
  assertEquals(await cache.get("b"), undefined);
  await cache.set("a", { tags: ["x"] }, 5);
  assertEquals(await other.get("a"), 5);
});

Deno.test("tags: those of the process's caches are their own", async () => {
  await using host = await Host.open();
  await using other = await open("another", host.dict);
  await host.cache.set("k", { tags: ["t"] }, 1);
  await other.set("k", { tags: ["t"] }, 2);
  await host.cache.deleteByTag("t");
  assertEquals(await host.cache.get("k"), undefined);
  assertEquals(await other.get("k"), 2);
});

Deno.test("tags: one deleted during a load wins", async () => {
  await using host = await Host.open();
  const { cache } = host;
  const loader = counting(async (call) => {
    await sleep(30);
    return call;
  });
  const load = cache.get("k", { tags: ["t"] }, loader.load);
  await sleep(10);
  await cache.deleteByTag("t");
  assertEquals(await load, 1);
  assertEquals(await cache.get("k"), undefined);
});

Deno.test("tags: wrong ones are refused", async () => {
  await using host = await Host.open();
  const { cache } = host;
  for (const tags of ["t", [7], [""], {}, null]) {
    await assertRejects(
      () => cache.set("k", { tags: tags as never }, 1),
      TypeError,
      '"tags"',
    );
  }
  await assertRejects(() => cache.deleteByTag([7] as never), TypeError);
  const many = Array.from({ length: 65 }, (_, i) => `t${i}`);
  await assertRejects(() => cache.set("k", { tags: many }, 1), RangeError);
  await assertRejects(
    () => cache.set("k", { tags: ["x".repeat(257)] }, 1),
    RangeError,
  );
  assert(cache.peek("k") === undefined);
});
