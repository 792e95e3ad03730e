import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { type Context, html, HttpRouter } from "@oresty/router";
import { MemoryLog, summary } from "./http_fakes.ts";

const JSON_TYPE = "application/json";
const TEXT_TYPE = "text/plain; charset=utf-8";
const HTML_TYPE = "text/html; charset=utf-8";
const BYTES_TYPE = "application/octet-stream";

function routerOf(
  handler: (ctx: Context) => unknown,
  log: MemoryLog = new MemoryLog(),
): HttpRouter {
  return new HttpRouter({ log }).get("/", handler) as HttpRouter;
}

async function answer(handler: (ctx: Context) => unknown) {
  return await summary(await routerOf(handler).request("/"));
}

class Point {
  x = 1;
  #hidden = 2;
  get sum() {
    return this.x + this.#hidden;
  }
}

async function* pieces() {
  yield "a";
  yield new TextEncoder().encode("b");
  yield "";
  yield "c";
}

const PLAIN: [name: string, value: () => unknown, string | null, string][] = [
  ["object", () => ({ a: 1 }), JSON_TYPE, '{"a":1}'],
  ["empty object", () => ({}), JSON_TYPE, "{}"],
  [
    "object without a prototype",
    () => Object.assign(Object.create(null), { a: 1 }),
    JSON_TYPE,
    '{"a":1}',
  ],
  ["class instance", () => new Point(), JSON_TYPE, '{"x":1}'],
  ["array", () => [1, "a", null], JSON_TYPE, '[1,"a",null]'],
  ["empty array", () => [], JSON_TYPE, "[]"],
  [
    "pair that could be a view",
    () => [{}, "x.html"],
    JSON_TYPE,
    '[{},"x.html"]',
  ],
  ["number", () => 0, JSON_TYPE, "0"],
  ["true", () => true, JSON_TYPE, "true"],
  ["false", () => false, JSON_TYPE, "false"],
  ["NaN", () => NaN, JSON_TYPE, "null"],
  ["date", () => new Date(0), JSON_TYPE, '"1970-01-01T00:00:00.000Z"'],
  ["toJSON", () => ({ toJSON: () => [1] }), JSON_TYPE, "[1]"],
  ["text", () => "<b>", TEXT_TYPE, "<b>"],
  ["empty text", () => "", TEXT_TYPE, ""],
  ["html", () => html`<p>${"<"}</p>`, HTML_TYPE, "<p>&lt;</p>"],
  ["bytes", () => new Uint8Array([97]), BYTES_TYPE, "a"],
  ["ArrayBuffer", () => new Uint8Array([97]).buffer, BYTES_TYPE, "a"],
  ["stream", () => new Blob(["ab"]).stream(), BYTES_TYPE, "ab"],
  ["async iterable", pieces, BYTES_TYPE, "abc"],
  ["Blob", () => new Blob(["a"], { type: "text/css" }), "text/css", "a"],
  ["Blob without a type", () => new Blob(["a"]), null, "a"],
  [
    "URLSearchParams",
    () => new URLSearchParams({ a: "ä" }),
    "application/x-www-form-urlencoded;charset=UTF-8",
    "a=%C3%A4",
  ],
  ["Response", () => new Response("r"), "text/plain;charset=UTF-8", "r"],
];

for (const [name, value, type, body] of PLAIN) {
  Deno.test(`a handler returns ${name}`, async () => {
    const expected = [200, type, body];
    const direct = await answer(value);
    assertEquals(direct, expected as typeof direct);
    const later = await answer(async () => await value());
    assertEquals(later, expected as typeof later);
    // A thenable that is no Promise, as query builders are.
    const thenable = await answer(() => ({
      then: (resolve: (value: unknown) => void) => resolve(value()),
    }));
    assertEquals(thenable, expected as typeof thenable);
  });
}

for (const nothing of [null, undefined]) {
  Deno.test(`a handler returns ${nothing}`, async () => {
    for (const handler of [() => nothing, async () => nothing]) {
      const response = await routerOf(handler).request("/");
      assertEquals(response.status, 204);
      assertStrictEquals(response.body, null);
    }
  });
}

Deno.test("a toJSON that says nothing is 204", async () => {
  assertEquals(await answer(() => ({ toJSON: () => undefined })), [
    204,
    null,
    "",
  ]);
});

Deno.test("FormData is multipart", async () => {
  const data = new FormData();
  data.append("a", "1");
  const response = await routerOf(() => data).request("/");
  assertEquals((await response.formData()).get("a"), "1");
});

Deno.test("what can be no answer is a 500 that says so in the log", async () => {
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const cases: [() => unknown, string][] = [
    [() => () => 1, "Cannot answer with a function"],
    [() => Symbol("x"), "Cannot answer with a symbol"],
    [() => 1n, "Cannot answer with a bigint"],
    [() => ({ n: 1n }), "BigInt"],
    [() => cyclic, "circular"],
    [() => new Error("returned"), "returned"],
  ];
  for (const [handler, message] of cases) {
    for (const run of [handler, async () => handler()]) {
      const log = new MemoryLog();
      const response = await routerOf(run, log).request("/");
      assertEquals(response.status, 500);
      assert(!(await response.text()).includes(message));
      assert(log.lines[0]?.message.includes(message), log.lines[0]?.message);
    }
  }
});

Deno.test("ctx.status and ctx.header go onto every plain value", async () => {
  for (const [name, value, type] of PLAIN) {
    if (name === "Response") continue;
    const router = routerOf((ctx) => {
      ctx.status(203).header("x-a", "1");
      ctx.cookies.set("c", "d");
      return value();
    });
    const response = await router.request("/");
    assertEquals(response.status, 203, name);
    assertEquals(response.headers.get("x-a"), "1", name);
    assertEquals(response.headers.getSetCookie().length, 1, name);
    assertEquals(response.headers.get("content-type"), type, name);
    await response.body?.cancel();
  }
});

Deno.test("a content type of one's own wins over that of a plain value", async () => {
  for (const [name, value, , body] of PLAIN) {
    if (name === "Response") continue;
    const router = routerOf((ctx) => {
      ctx.header("content-type", "text/x-own");
      return value();
    });
    const response = await router.request("/");
    assertEquals(response.headers.get("content-type"), "text/x-own", name);
    assertEquals(await response.text(), body, name);
  }
});

Deno.test("a status without a body drops the value", async () => {
  for (const status of [204, 205, 304]) {
    for (const value of [{ a: 1 }, "text", new Blob(["x"])]) {
      const response = await routerOf((ctx) => {
        ctx.status(status);
        return value;
      }).request("/");
      assertEquals(response.status, status);
      assertStrictEquals(response.body, null);
      assertEquals(response.headers.get("content-type"), null);
    }
  }
});

Deno.test("null keeps a status that was set", async () => {
  const response = await routerOf((ctx) => {
    ctx.status(202).header("x-a", "1");
    return null;
  }).request("/");
  assertEquals([response.status, response.headers.get("x-a")], [202, "1"]);
  assertStrictEquals(response.body, null);
});

Deno.test("ctx.status takes 200 to 599 alone", async () => {
  for (const status of [0, 100, 101, 199, 600, 200.5, NaN, "200"]) {
    const log = new MemoryLog();
    const router = routerOf((ctx) => ctx.status(status as number), log);
    assertEquals((await router.request("/")).status, 500);
    assert(log.lines[0]?.message.startsWith(`Cannot set status "${status}"`));
  }
});

Deno.test("a Response is answered as it is", async () => {
  const own = new Response(null, { status: 418, headers: { "x-own": "1" } });
  const router = routerOf(() => own);
  assertStrictEquals(await router.fetch(new Request("http://a/")), own);
});

Deno.test("a Response's own status and headers win over prepared ones", async () => {
  const own = new Response("own", {
    status: 201,
    headers: { "x-a": "own", "set-cookie": "own=1" },
  });
  const router = routerOf((ctx) => {
    ctx.status(500).header("x-a", "prepared").header("x-b", "prepared");
    ctx.headers.append("set-cookie", "prepared=1");
    return own;
  });
  const response = await router.request("/");
  assertEquals(response.status, 201);
  assertEquals(response.headers.get("x-a"), "own");
  assertEquals(response.headers.get("x-b"), "prepared");
  assertEquals(response.headers.getSetCookie(), ["own=1", "prepared=1"]);
  assertEquals(await response.text(), "own");
  // The handler's own object is as it was.
  assertEquals([...own.headers.keys()].toSorted(), [
    "content-type",
    "set-cookie",
    "x-a",
  ]);
  assertEquals(own.headers.getSetCookie(), ["own=1"]);
});

Deno.test("a Response may be shared between requests", async () => {
  const shared = new Response(null, { status: 202, headers: { "x-a": "1" } });
  let count = 0;
  const router = routerOf((ctx) => {
    ctx.cookies.set("n", `${++count}`);
    return shared;
  });
  for (const n of ["1", "2", "3"]) {
    const response = await router.request("/");
    assertEquals(response.status, 202);
    assertEquals(response.headers.getSetCookie().length, 1);
    assert(response.headers.getSetCookie()[0]!.startsWith(`n=${n};`));
  }
  assertEquals(shared.headers.getSetCookie(), []);
});

Deno.test("a Response whose stream was sent before is a logged 500", async () => {
  const shared = new Response(new Blob(["x"]).stream());
  const log = new MemoryLog();
  const router = routerOf((ctx) => {
    ctx.header("x-a", "1");
    return shared;
  }, log);
  assertEquals(await (await router.request("/")).text(), "x");
  assertEquals((await router.request("/")).status, 500);
  assertEquals(log.lines.length, 1);
});

Deno.test("a Response with immutable headers gets prepared ones too", async () => {
  const fetched = Response.redirect("http://a/b", 307);
  const router = routerOf((ctx) => {
    ctx.cookies.set("a", "b");
    return fetched;
  });
  const response = await router.request("/");
  assertEquals(response.status, 307);
  assertEquals(response.headers.get("location"), "http://a/b");
  assertEquals(response.headers.getSetCookie().length, 1);
});

Deno.test("Response.error() is not sent as status 0", async () => {
  const router = routerOf((ctx) => {
    ctx.header("x-a", "1");
    return Response.error();
  });
  assertEquals((await router.request("/")).status, 500);
});

Deno.test("a sync handler makes no promise", () => {
  const router = new HttpRouter({ log: new MemoryLog() });
  router.use((_ctx, next) => next());
  router.use(function passes(_ctx, next) {
    next();
  });
  router.get("/json", () => ({ a: 1 }));
  router.get("/text/:x", (ctx) => ctx.params.x);
  router.get("/response", () => new Response("x"));
  router.get("/input", (ctx) => ctx.input());
  router.get("/prepared", (ctx) => ctx.status(201).header("a", "b") && null);
  router.get("/throws", () => {
    throw new Error("x");
  });
  const bare = new HttpRouter().get("/json", () => ({ a: 1 }));
  const paths = ["json", "text/1", "response", "input?a=1", "prepared"];
  for (const path of [...paths, "throws", "none", "%zz"]) {
    const answer = router.fetch(new Request(`http://a/${path}`));
    assert(answer instanceof Response, path);
  }
  for (const method of ["POST", "OPTIONS", "HEAD"]) {
    const answer = router.fetch(new Request("http://a/json", { method }));
    assert(answer instanceof Response, method);
  }
  assert(bare.fetch(new Request("http://a/json")) instanceof Response);
});
