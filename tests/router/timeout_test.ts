import { assert, assertEquals } from "@std/assert";
import { HttpRouter, type Schema } from "@oresty/router";
import { MemoryLog } from "./http_fakes.ts";

// A timer that was not cleared would fail these tests: the sanitizers watch.

/** Resolves when it is told to, so that no test waits for a clock. */
function gate(): { promise: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, open: () => resolve() };
}

Deno.test("a handler that takes too long is 503, logged", async () => {
  const log = new MemoryLog();
  const router = new HttpRouter({ log, timeout: "10ms" });
  const { promise, open } = gate();
  router.get("/", async () => {
    await promise;
    return "late";
  });
  const response = await router.request("/");
  assertEquals(response.status, 503);
  const body = await response.json();
  assertEquals(body.err, "Service Unavailable");
  assertEquals(log.lines[0]?.message, "The handler took over 0.01 seconds");
  open();
});

Deno.test("the late failure of a handler is nobody's unhandled rejection", async () => {
  const router = new HttpRouter({ log: new MemoryLog(), timeout: 0.01 });
  const { promise, open } = gate();
  const done = gate();
  router.get("/", async () => {
    try {
      await promise;
      throw new Error("late");
    } finally {
      done.open();
    }
  });
  assertEquals((await router.request("/")).status, 503);
  open();
  await done.promise;
});

Deno.test("in time the answer is as it was, and the timer is cleared", async () => {
  const router = new HttpRouter({ log: new MemoryLog(), timeout: "1h" });
  router.get("/", async () => "x");
  router.get("/sync", () => "x");
  router.get("/throws", async () => {
    throw new Error("x");
  });
  assertEquals(await (await router.request("/")).text(), "x");
  assertEquals(await (await router.request("/sync")).text(), "x");
  assertEquals((await router.request("/throws")).status, 500);
});

Deno.test("a route's timeout wins over the router's, 0 is for ever", async () => {
  const router = new HttpRouter({ log: new MemoryLog(), timeout: "1h" });
  const { promise, open } = gate();
  router.get("/short", { timeout: "10ms" }, () => promise);
  assertEquals((await router.request("/short")).status, 503);
  const other = new HttpRouter({ log: new MemoryLog(), timeout: "10ms" });
  other.get("/long", { timeout: 0 }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return "in the end";
  });
  assertEquals(await (await other.request("/long")).text(), "in the end");
  open();
  await promise;
});

Deno.test("a schema that takes too long counts as well", async () => {
  const { promise, open } = gate();
  const slow: Schema = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => promise.then(() => ({ value })),
    },
  };
  const router = new HttpRouter({ log: new MemoryLog(), timeout: "10ms" });
  let reached = false;
  router.get("/", { query: slow }, () => reached = true);
  assertEquals((await router.request("/")).status, 503);
  assert(!reached);
  open();
  await promise;
});

Deno.test("a sync handler makes no promise for its timeout", () => {
  const router = new HttpRouter({ timeout: 1 }).get("/", () => "x");
  assert(router.fetch(new Request("http://a/")) instanceof Response);
});
