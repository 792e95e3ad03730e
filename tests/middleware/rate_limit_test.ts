import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  MemoryRateStore,
  rateLimit,
  type RateLimitOptions,
} from "@oresty/router/rate-limit";
import { HttpError } from "@oresty/router";
import { around, ask, askFrom } from "./ask.ts";

function app(options: RateLimitOptions) {
  return around(rateLimit(options)).get("/", () => "in");
}

Deno.test("rateLimit lets so many in at once, and more as time goes", async () => {
  let now = 100;
  const store = new MemoryRateStore({ now: () => now });
  const router = app({ limit: 3, window: "30s", store });
  const get = async () => {
    const { status, headers } = await askFrom(router, "10.0.0.1");
    return [status, headers.get("ratelimit"), headers.get("retry-after")];
  };
  assertEquals(await get(), [200, `"default";r=2;t=10`, null]);
  assertEquals(await get(), [200, `"default";r=1;t=20`, null]);
  assertEquals(await get(), [200, `"default";r=0;t=30`, null]);
  assertEquals(await get(), [429, `"default";r=0;t=30`, "10"]);
  now += 9;
  assertEquals(await get(), [429, `"default";r=0;t=21`, "1"]);
  now += 1;
  assertEquals(await get(), [200, `"default";r=0;t=30`, null]);
  now += 1000;
  assertEquals(await get(), [200, `"default";r=2;t=10`, null]);
  const { headers } = await askFrom(router, "10.0.0.2");
  assertEquals(headers.get("ratelimit-policy"), `"default";q=3;w=30`);
});

Deno.test("rateLimit takes a network of 64 bits as one client", async () => {
  const router = app({ limit: 1 });
  const status = async (ip: string) => (await askFrom(router, ip)).status;
  assertEquals(await status("2001:db8::1"), 200);
  assertEquals(await status("2001:db8::2"), 429);
  assertEquals(await status("2001:db8:0:0:ffff::2"), 429);
  assertEquals(await status("2001:db8:0:1::2"), 200);
  assertEquals(await status("10.0.0.1"), 200);
  assertEquals(await status("10.0.0.2"), 200);
  assertEquals(await status("10.0.0.1"), 429);
});

Deno.test("rateLimit counts by what it is told, and not without", async () => {
  const router = app({
    limit: 1,
    headers: false,
    key: (ctx) => Promise.resolve(ctx.request.headers.get("x-key")),
  });
  const get = async (key: string | null) => {
    const headers: HeadersInit = key === null ? {} : { "x-key": key };
    const answer = await ask(router, "/", headers);
    assertEquals(answer.headers.get("ratelimit"), null);
    return answer.status;
  };
  assertEquals([await get("a"), await get("a"), await get("b")], [
    200,
    429,
    200,
  ]);
  assertEquals([await get(null), await get(null)], [200, 200]);
});

Deno.test("two limits of a store count apart", async () => {
  const store = new MemoryRateStore();
  const router = around([
    rateLimit({ limit: 5, store, name: "minute" }),
    rateLimit({ limit: 2, window: "1h", store, name: "hour" }),
  ]).get("/", () => "in");
  const both = await ask(router);
  assertEquals(
    both.headers.get("ratelimit"),
    `"minute";r=4;t=12, "hour";r=1;t=1800`,
  );
  router.get("/fails", () => {
    throw new HttpError(400);
  });
  const first = await ask(router, "/fails");
  assertEquals(first.status, 400);
  assertEquals(
    first.headers.get("ratelimit-policy")?.split(", ").sort(),
    [`"hour";q=2;w=3600`, `"minute";q=5;w=60`],
  );
  const second = await ask(router);
  assertEquals(second.status, 429);
  assert(Number(second.headers.get("retry-after")) >= 1790);
});

Deno.test("a store that fails lets nobody in", async () => {
  const store = { take: () => Promise.reject(new Error("the store is down")) };
  assertEquals((await ask(app({ limit: 1, store }))).status, 500);
});

Deno.test("10,000 keys a second stay in bounded memory", async () => {
  const store = new MemoryRateStore({ most: 1000 });
  let i = 0;
  const router = app({ limit: 5, store, key: () => `${i++}` });
  const start = performance.now();
  for (let n = 0; n < 20_000; n++) {
    const response = await router.request("/");
    await response.body?.cancel();
  }
  assertEquals(store.size, 1000);
  const rate = 20_000 / (performance.now() - start) * 1000;
  assert(rate > 10_000, `${rate} a second`);
});

Deno.test("full buckets go as others come", () => {
  let now = 0;
  const store = new MemoryRateStore({ now: () => now });
  const policy = { limit: 10, window: 10 };
  for (let i = 0; i < 500; i++) store.take(`old ${i}`, policy);
  now = 2;
  for (let i = 0; i < 250; i++) store.take(`new ${i}`, policy);
  assertEquals(store.size, 250);
});

Deno.test("a clock that goes back gives and takes nothing", () => {
  let now = 100;
  const store = new MemoryRateStore({ now: () => now });
  const policy = { limit: 2, window: 10 };
  store.take("a", policy);
  now = 50;
  assertEquals(store.take("a", policy).remaining, 0);
  assertEquals(store.take("a", policy).isAllowed, false);
});

Deno.test("rateLimit refuses options that cannot be meant", () => {
  const cases: [RateLimitOptions, string][] = [
    [{ limit: 0 }, `"limit"`],
    [{ limit: 1.5 }, "1.5"],
    [undefined as never, `"limit"`],
    [{ limit: 1, window: 0 }, `"window"`],
    [{ limit: 1, window: "x" }, `"x"`],
    [{ limit: 1, store: {} as never }, `"take"`],
    [{ limit: 1, name: `a"b` }, `"name"`],
  ];
  for (const [options, message] of cases) {
    const error = assertThrows(() => rateLimit(options)) as Error;
    assert(error.message.includes(message), error.message);
  }
});
