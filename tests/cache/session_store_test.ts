import { assertEquals } from "@std/assert";
import { open } from "@oresty/cache";
import { CacheSessionStore } from "@oresty/cache/session";
import { HttpRouter } from "@oresty/router";
import { session, type SessionState } from "@oresty/router/session";
import { Host, sleep } from "./host.ts";
import { memoryStore } from "./memory_tier.ts";

Deno.test("session store: get, set, delete, and its end", async () => {
  await using host = await Host.open();
  const store = new CacheSessionStore(host.cache);
  assertEquals(await store.get("a"), undefined);
  await store.set("a", "{}", 60);
  assertEquals(await store.get("a"), "{}");
  await store.delete("a");
  assertEquals(await store.get("a"), undefined);
  await store.set("a", "{}", 0.05);
  await sleep(60);
  assertEquals(await store.get("a"), undefined);
});

Deno.test("session store: workers and hosts see one session", async () => {
  const third = memoryStore();
  await using a = await Host.open({ l3: third }, "sessions");
  await using twin = await open("sessions", a.dict, { l3: third });
  await using b = await Host.open({ l3: third }, "sessions");
  const routers = [a.cache, twin, b.cache].map((cache) => {
    const router = new HttpRouter<{ app: unknown; state: SessionState }>({
      secrets: ["a secret of 32 characters or so."],
    });
    router.use(session({ store: new CacheSessionStore(cache) }));
    return router.get("/", (ctx) => {
      const visits = Number(ctx.state.session.get("visits") ?? 0) + 1;
      ctx.state.session.set("visits", visits);
      return { visits };
    });
  });
  let cookie = "";
  for (const [i, router] of [...routers, ...routers].entries()) {
    const response = await router.request("/", { headers: { cookie } });
    assertEquals(await response.json(), { visits: i + 1 });
    cookie = response.headers.get("set-cookie")?.split(";")[0] ?? cookie;
  }
});

Deno.test("session store: one of no time is gone, not there for ever", async () => {
  await using host = await Host.open();
  const store = new CacheSessionStore(host.cache);
  await store.set("a", "{}", 60);
  await store.set("a", "{}", 0);
  assertEquals(await store.get("a"), undefined);
  await store.set("a", "{}", -5);
  assertEquals(await store.get("a"), undefined);
});
