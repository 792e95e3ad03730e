import { assert, assertEquals, assertThrows } from "@std/assert";
import { bodyLimit } from "@oresty/router/body-limit";
import { requestId } from "@oresty/router/request-id";
import { secureHeaders } from "@oresty/router/secure-headers";
import { timeout } from "@oresty/router/timeout";
import { around, ask } from "./ask.ts";

Deno.test("requestId sends the id that the log has", async () => {
  const router = around(requestId()).get("/", (ctx) => ctx.requestId);
  const given = await ask(router, "/", { "x-request-id": "r-1" });
  assertEquals([given.text, given.headers.get("x-request-id")], ["r-1", "r-1"]);
  const hostile = await ask(router, "/", { "x-request-id": `r"\\` });
  assert(/^[0-9a-f-]{36}$/.test(hostile.text), hostile.text);
  const none = await ask(router, "/none");
  assert(none.headers.has("x-request-id"));
});

Deno.test("requestId makes its own where the client is not trusted", async () => {
  let calls = 0;
  const router = around(requestId({
    trust: false,
    header: "x-trace",
    generate: () => `own-${++calls}`,
  })).get("/", (ctx) => ctx.requestId);
  const { text, headers } = await ask(router, "/", { "x-request-id": "r-1" });
  assertEquals([text, headers.get("x-trace")], ["own-1", "own-1"]);
  assertThrows(() => requestId({ header: "a b" }), TypeError, `"a b"`);
});

Deno.test("requestId refuses what a header or a log would not take", async () => {
  for (const id of ["a\nb", "", "\u00e4", "x".repeat(129), 7]) {
    const router = around(
      requestId({ trust: false, generate: () => id as string }),
    ).get("/", () => "x");
    assertEquals((await ask(router)).status, 500, `${id}`);
  }
});

Deno.test("secureHeaders are on every answer, and a handler's own win", async () => {
  const router = around(secureHeaders({ strictTransportSecurity: "365d" }))
    .get("/", () => "x")
    .get("/own", (ctx) => {
      ctx.header("x-frame-options", "DENY");
      return new Response("x", { headers: { "referrer-policy": "origin" } });
    });
  const expected = {
    "content-security-policy":
      "default-src 'self'; base-uri 'self'; form-action 'self'; " +
      "frame-ancestors 'self'; object-src 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy":
      "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "strict-origin-when-cross-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
  };
  for (const path of ["/", "/none"]) {
    const { headers } = await ask(router, path);
    for (const [name, value] of Object.entries(expected)) {
      assertEquals(headers.get(name), value, `${path} ${name}`);
    }
  }
  const { headers } = await ask(router, "/own");
  assertEquals(headers.get("x-frame-options"), "DENY");
  assertEquals(headers.get("referrer-policy"), "origin");
});

Deno.test("secureHeaders leave out what is false, and refuse what no header takes", async () => {
  const off = secureHeaders({
    contentSecurityPolicy: false,
    frameOptions: false,
    referrerPolicy: false,
    openerPolicy: false,
    resourcePolicy: false,
    permissionsPolicy: false,
  });
  const { headers } = await ask(around(off).get("/", () => null));
  assertEquals(Object.fromEntries(headers), {
    "x-content-type-options": "nosniff",
  });
  assertThrows(
    () => secureHeaders({ referrerPolicy: "a\r\nb: c" }),
    TypeError,
    "referrerPolicy",
  );
});

Deno.test("timeout answers for a handler that hangs, and tells it", async () => {
  let aborted: unknown;
  const router = around(timeout({ after: "20ms" }))
    .get("/hangs", (ctx) => {
      const signal = ctx.state["timeout"] as AbortSignal;
      return new Promise(() => {
        signal.addEventListener("abort", () => aborted = signal.reason);
      });
    })
    .get("/fast", () => Promise.resolve("fast"))
    .get("/sync", () => "sync");
  const slow = await ask(router, "/hangs");
  assertEquals(slow.status, 503);
  assert(aborted instanceof Error);
  assertEquals((await ask(router, "/fast")).text, "fast");
  assertEquals((await ask(router, "/sync")).text, "sync");
  const gateway = around(timeout({ after: 0.01, status: 504 }));
  gateway.get("/", () => new Promise(() => {}));
  assertEquals((await ask(gateway)).status, 504);
  assertThrows(() => timeout({ after: "soon" }), TypeError, `"soon"`);
  assertThrows(() => timeout({ after: 1, status: 200 as never }), TypeError);
});

Deno.test("timeout may be longer than a timer, and not 0", async () => {
  const late = () => new Promise((resolve) => setTimeout(resolve, 5, "late"));
  const router = around(timeout({ after: "30d" })).get("/", late);
  assertEquals((await ask(router)).text, "late");
  const whole = around([], { timeout: "30d", bodyTimeout: "30d" });
  whole.get("/", late).post("/", (ctx) => ctx.text());
  assertEquals((await ask(whole)).text, "late");
  const slow = new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      controller.enqueue(new TextEncoder().encode("body"));
      controller.close();
    },
  });
  const post = await ask(whole, "/", {}, { method: "POST", body: slow });
  assertEquals(post.text, "body");
  assertThrows(() => timeout({ after: 0 }), RangeError, `"0"`);
});

Deno.test("timeout gives up the answer that comes too late", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const router = around(timeout({ after: "5ms" })).get("/", async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return new Response(new ReadableStream({ cancel: resolve }));
  });
  assertEquals((await ask(router)).status, 503);
  await promise;
});

Deno.test("bodyLimit bounds announced and unannounced bodies", async () => {
  let calls = 0;
  const router = around(bodyLimit({ size: "4b" as never }));
  router.post("/", async (ctx) => {
    calls++;
    return await ctx.text();
  });
  const post = (body: BodyInit, headers: HeadersInit = {}) =>
    ask(router, "/", headers, { method: "POST", body });
  assertEquals((await post("1234")).text, "1234");
  const announced = await post("12345", { "content-length": "5" });
  assertEquals([announced.status, calls], [413, 1]);
  const stream = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 3; i++) controller.enqueue(new Uint8Array(2));
      controller.close();
    },
  });
  assertEquals([(await post(stream)).status, calls], [413, 2]);
});
