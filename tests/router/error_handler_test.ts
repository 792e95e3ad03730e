import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { HttpError, HttpRouter } from "@oresty/router";
import { MemoryLog, summary, throwing } from "./http_fakes.ts";

const SECRET = "password=hunter2";

Deno.test("onError answers in place of the built-in", async () => {
  const log = new MemoryLog();
  const router = throwing(new Error("x"), {}, log);
  router.get("/teapot", () => {
    throw new HttpError(418, "tea", { headers: { "x-tea": "1" } });
  });
  router.onError((error, ctx) => ({ status: error.status, path: ctx.path }));
  const plain = await router.request("/");
  assertEquals(plain.status, 500);
  assertEquals(await plain.json(), { status: 500, path: "/" });
  const teapot = await router.request("/teapot");
  assertEquals(teapot.status, 418);
  assertEquals(teapot.headers.get("x-tea"), "1");
  assertEquals(await teapot.json(), { status: 418, path: "/teapot" });
  for (const [path, status] of [["/none", 404], ["/%zz", 400]] as const) {
    const response = await router.request(path);
    assertEquals(response.status, status);
    assertEquals(await response.json(), { status, path });
  }
  const wrong = await router.request("/", { method: "POST" });
  assertEquals([wrong.status, wrong.headers.get("allow")], [
    405,
    "GET, HEAD, OPTIONS",
  ]);
  await wrong.body?.cancel();
  assertEquals(log.lines.length, 1, "only the 500 is logged");
});

Deno.test("onError gets what was thrown as the cause", async () => {
  const thrown = { odd: true };
  const router = throwing(thrown);
  let seen: unknown;
  router.onError((error) => {
    assert(error instanceof HttpError);
    seen = error.cause;
    return null;
  });
  const response = await router.request("/");
  assertEquals(response.status, 500);
  assertStrictEquals(response.body, null);
  assertStrictEquals(seen, thrown);
});

Deno.test("onError may return anything a handler may, and another status", async () => {
  const cases: [() => unknown, [number, string | null, string]][] = [
    [() => "text", [500, "text/plain; charset=utf-8", "text"]],
    [() => undefined, [500, null, ""]],
    [async () => ({ a: 1 }), [500, "application/json", '{"a":1}']],
    [
      () => new Response(null, { status: 302, headers: { location: "/" } }),
      [302, null, ""],
    ],
  ];
  for (const [handler, expected] of cases) {
    const router = throwing(new Error("x")).onError(handler);
    assertEquals(await summary(await router.request("/")), expected);
  }
  const other = throwing(new Error("x")).onError((_error, ctx) => {
    ctx.status(200);
    return "fine";
  });
  assertEquals((await other.request("/")).status, 200);
});

Deno.test("an onError that throws itself leads to the built-in answer", async () => {
  const failing = [
    () => {
      throw new Error("again");
    },
    async () => {
      throw new Error("again");
    },
    () => Symbol("no answer"),
  ];
  for (const handler of failing) {
    const log = new MemoryLog();
    const router = throwing(new HttpError(503, SECRET), {}, log);
    router.onError((error, ctx) => {
      ctx.header("x-half", "1");
      return (handler as (error: unknown) => unknown)(error);
    });
    const response = await router.request("/");
    assertEquals(response.status, 503);
    assert(!response.headers.has("x-half"));
    const body = await response.json();
    assertEquals(body.err, "Service Unavailable");
    assertEquals(log.lines.length, 2, "both errors are logged");
  }
});

Deno.test("notFound answers with 404 unless it sets another status", async () => {
  const router = new HttpRouter().get("/", () => 1);
  router.notFound((ctx) => ({ none: ctx.path }));
  const response = await router.request("/x");
  assertEquals(response.status, 404);
  assertEquals(await response.json(), { none: "/x" });
  assertEquals((await router.request("/", { method: "PUT" })).status, 405);
  router.notFound((ctx) => {
    ctx.status(200);
    return "single page";
  });
  assertEquals((await router.request("/x")).status, 200);
  router.notFound(() => new Response("own", { status: 410 }));
  assertEquals((await router.request("/x")).status, 410);
  router.notFound(() => null);
  const empty = await router.request("/x");
  assertEquals([empty.status, await empty.text()], [404, ""]);
});

Deno.test("a notFound that throws is an error like any other", async () => {
  for (
    const handler of [
      () => {
        throw new HttpError(410, "gone");
      },
      async () => {
        throw new HttpError(410, "gone");
      },
    ]
  ) {
    const router = new HttpRouter().notFound(handler);
    const body = await (await router.request("/x")).json();
    assertEquals([body.http_code, body.err], [410, "gone"]);
    router.onError((error) => `own ${error.message}`);
    assertEquals(await (await router.request("/x")).text(), "own gone");
  }
});
