import { assertEquals, assertThrows } from "@std/assert";
import { cache, createApp } from "@oresty/oresty";
import * as tlcache from "@oresty/cache/tlcache";

Deno.test("createApp: handlers find the cache", async () => {
  const shared = `app cache ${crypto.randomUUID()}`;
  const app = createApp({ shared: { [shared]: "1m" } });
  const lazy = tlcache.new("own", shared);
  assertEquals(await lazy.get("k", () => 1), 1);
  const users = await cache.open("users", shared);
  const other = createApp({ cache: users });
  other.get("/", async (ctx) => ({ v: await ctx.app.cache.get("k", () => 7) }));
  const response = await other.request("/");
  assertEquals(await response.json(), { v: 7 });
  assertEquals(users.getSync("k"), 7);
  await lazy.close();
  await users.close();
  await app.close();
});

Deno.test("createApp: a cache that is none, and none at all", () => {
  assertThrows(() => createApp().cache, TypeError, "expected the option");
  for (const cache of [null, 7, {}, "users"]) {
    assertThrows(
      () => createApp({ cache: cache as never }),
      TypeError,
      '"cache"',
    );
  }
  for (
    const [shared, message] of [
      [7, '"shared"'],
      [null, '"shared"'],
      [["a"], '"shared"'],
      [{ a: "large" }, '"large"'],
      [{ a: -1 }, '"-1"'],
    ] as const
  ) {
    assertThrows(
      () => createApp({ shared: shared as never }),
      Error,
      message,
    );
  }
});
