import {
  assert,
  assertEquals,
  assertMatch,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { HttpError, HttpRouter } from "@oresty/router";
import { MemoryLog, throwing } from "./http_fakes.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function odd(): object {
  return {
    get toJSON() {
      throw new Error("toJSON");
    },
    toString() {
      throw new Error("toString");
    },
  };
}

const SECRET = "password=hunter2";

Deno.test("errors in production have exactly one shape and no internals", async () => {
  const exposed = new HttpError(503, SECRET, { cause: new Error(SECRET) });
  const cases: [thrown: unknown, status: number, err: string][] = [
    [new Error(SECRET), 500, "Internal Server Error"],
    [new TypeError(SECRET), 500, "Internal Server Error"],
    [
      Object.assign(new Error(SECRET), { status: 404 }),
      500,
      "Internal Server Error",
    ],
    [SECRET, 500, "Internal Server Error"],
    [{ message: SECRET, status: 400 }, 500, "Internal Server Error"],
    [null, 500, "Internal Server Error"],
    [undefined, 500, "Internal Server Error"],
    [42, 500, "Internal Server Error"],
    [Symbol(SECRET), 500, "Internal Server Error"],
    [10n, 500, "Internal Server Error"],
    [Object.create(null), 500, "Internal Server Error"],
    [odd(), 500, "Internal Server Error"],
    [new Response(SECRET), 500, "Internal Server Error"],
    [new HttpError(500, SECRET), 500, "Internal Server Error"],
    [exposed, 503, "Service Unavailable"],
    [new HttpError(599, SECRET), 599, "Status 599"],
    [new HttpError(404), 404, "Not Found"],
    [new HttpError(404, "No such user"), 404, "No such user"],
    [new HttpError(400, "Bad", { cause: new Error(SECRET) }), 400, "Bad"],
    [new HttpError(403, SECRET, { expose: false }), 403, "Forbidden"],
    [new HttpError(500, "Ask Ada", { expose: true }), 500, "Ask Ada"],
    [new HttpError(418), 418, "I'm a teapot"],
    [new HttpError(499), 499, "Status 499"],
  ];
  for (const [thrown, status, err] of cases) {
    const router = throwing(thrown);
    router.get("/later", async () => {
      throw thrown;
    });
    for (const path of ["/", "/later"]) {
      const response = await router.request(path);
      const text = await response.text();
      const body = JSON.parse(text);
      assertEquals(response.status, status);
      assertEquals(body, { http_code: status, reqid: body.reqid, err });
      assertEquals(Object.keys(body), ["http_code", "reqid", "err"]);
      assertMatch(body.reqid, UUID);
      assertEquals(response.headers.get("x-request-id"), body.reqid);
      assertEquals(response.headers.get("content-type"), "application/json");
      assertEquals(response.headers.get("cache-control"), "no-store");
      assert(!text.includes("hunter2"), text);
      assert(!text.includes(".ts"), text);
    }
  }
});

Deno.test("errors that nothing can be made of are answered in dev as well", async () => {
  const cases = [Object.create(null), odd(), null, undefined, Symbol("s"), 1n];
  for (const thrown of cases) {
    for (const accept of ["application/json", "text/html"]) {
      const router = throwing(thrown, { dev: true });
      const response = await router.request("/", { headers: { accept } });
      assertEquals(response.status, 500);
      await response.body?.cancel();
    }
  }
});

Deno.test("no parameter of the request comes back with an error", async () => {
  const router = new HttpRouter({ log: new MemoryLog() });
  router.post("/:id", async (ctx) => {
    await ctx.input();
    throw new Error("x");
  });
  const response = await router.request(`/${"hunter2"}?token=hunter2`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie: "a=hunter2" },
    body: '{"password":"hunter2"}',
  });
  assert(!(await response.text()).includes("hunter2"));
});

Deno.test("issues and headers of an HttpError are sent", async () => {
  const issues = [{ path: ["body", "user", 0], message: "Expected a name" }];
  const headers = { "retry-after": "7", "set-cookie": "a=b" };
  const error = new HttpError(422, "Not valid", { issues, headers });
  const response = await throwing(error).request("/");
  assertEquals(response.headers.get("retry-after"), "7");
  assertEquals(response.headers.getSetCookie(), ["a=b"]);
  const body = await response.json();
  assertEquals(body, {
    http_code: 422,
    reqid: body.reqid,
    err: "Not valid",
    issues,
  });
  // The error is as it was: it may be thrown again.
  assertEquals([...error.headers.keys()], ["retry-after", "set-cookie"]);
  assertEquals((await throwing(error).request("/")).status, 422);
});

Deno.test("dev shows message, stack and source", async () => {
  const router = new HttpRouter({ dev: true, log: new MemoryLog() });
  router.get("/", () => {
    throw new Error("the reason");
  });
  const body = await (await router.request("/")).json();
  assertEquals([body.http_code, body.err], [500, "Internal Server Error"]);
  assertEquals(body.message, "the reason");
  assert(Array.isArray(body.stack) && body.stack[0].startsWith("at "));
  const mayRead = Deno.permissions.querySync({
    name: "read",
    path: new URL(import.meta.url),
  }).state === "granted";
  if (!mayRead) {
    assertEquals(body.source, undefined);
    return;
  }
  assert(body.source.file.endsWith("/error_test.ts"));
  const line = body.source.lines.find((one: { line: number }) =>
    one.line === body.source.line
  );
  assertStringIncludes(line.text, "the reason");
});

Deno.test("dev shows the cause of an HttpError of the server's", async () => {
  const error = new HttpError(503, "Down", { cause: new Error("because") });
  const body = await (await throwing(error, { dev: true }).request("/")).json();
  assertEquals([body.err, body.message], ["Service Unavailable", "because"]);
});

Deno.test("a client's mistake has the same shape in dev", async () => {
  const error = new HttpError(400, "Bad", { cause: new Error("because") });
  const router = throwing(error, { dev: true });
  for (const [path, status] of [["/", 400], ["/none", 404]] as const) {
    const body = await (await router.request(path)).json();
    assertEquals(Object.keys(body), ["http_code", "reqid", "err"]);
    assertEquals(body.http_code, status);
  }
});

Deno.test("who prefers HTML gets HTML, everybody else JSON", async () => {
  const cases: [accept: string | null, isHtml: boolean][] = [
    [null, false],
    ["", false],
    ["*/*", false],
    ["text/html", true],
    ["TEXT/HTML", true],
    ["text/*", true],
    ["application/json", false],
    ["application/json, text/html", false],
    ["text/html, application/json", false],
    ["text/html, application/json;q=0.9", true],
    ["text/html;q=0.9, application/json", false],
    ["text/html;q=0.5, */*;q=0.4", true],
    ["text/html;q=0.4, */*;q=0.5", false],
    ["text/html;q=0, */*", false],
    ["text/*;q=0.3, text/html;q=0.9, application/json;q=0.5", true],
    ["text/html;level=1;q=0.2, application/json;q=0.1", true],
    [
      "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
      true,
    ],
    ["text/html;q=oops", true],
    [";;;,,,q=1", false],
    ["text/htmlx", false],
  ];
  for (const dev of [false, true]) {
    for (const [accept, isHtml] of cases) {
      const router = throwing(new Error("x"), { dev });
      const headers: Record<string, string> = accept === null ? {} : { accept };
      const response = await router.request("/", { headers });
      const type = response.headers.get("content-type");
      const expected = isHtml ? "text/html; charset=utf-8" : "application/json";
      assertEquals(type, expected, `${accept}`);
      assertEquals(response.headers.get("vary"), "accept");
      await response.body?.cancel();
    }
  }
});

Deno.test("the HTML of an error is escaped and runs no script", async () => {
  const evil = `<script>alert("1")</script>`;
  const error = new HttpError(400, evil, {
    issues: [{ path: [evil], message: evil }],
    cause: new Error(evil),
  });
  for (const dev of [false, true]) {
    const response = await throwing(error, { dev }).request("/", {
      headers: { accept: "text/html" },
    });
    const page = await response.text();
    assert(!page.includes("<script"), page);
    assertStringIncludes(page, "&lt;script&gt;");
    assertStringIncludes(page, response.headers.get("x-request-id")!);
    assertStringIncludes(
      response.headers.get("content-security-policy")!,
      "default-src 'none'",
    );
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  }
});

Deno.test("the HTML of an error in production has no internals", async () => {
  const router = throwing(new Error(SECRET));
  const headers = { accept: "text/html" };
  const page = await (await router.request("/", { headers })).text();
  assert(!page.includes("hunter2") && !page.includes(".ts"), page);
  assertStringIncludes(page, "500 Internal Server Error");
});

Deno.test("errors of the server are logged once, with their id", async () => {
  const thrown = new Error("the reason");
  const log = new MemoryLog();
  const response = await throwing(thrown, {}, log).request("/?token=secret");
  const { reqid } = await response.json();
  assertEquals(log.lines.length, 1);
  const { level, message, fields } = log.lines[0]!;
  assertEquals([level, message], ["error", "the reason"]);
  assertEquals(fields, {
    reqid,
    status: 500,
    method: "GET",
    path: "/",
    error: thrown,
  });
});

Deno.test("errors of the client are not logged", async () => {
  const log = new MemoryLog();
  const router = throwing(new HttpError(404), {}, log);
  await (await router.request("/")).body?.cancel();
  await (await router.request("/none")).body?.cancel();
  await (await router.request("/%zz")).body?.cancel();
  await (await router.request("/", { method: "POST" })).body?.cancel();
  assertEquals(log.lines, []);
});

Deno.test("the cause of an HttpError 500 is what is logged", async () => {
  const log = new MemoryLog();
  const cause = new Error("disk full");
  const error = new HttpError(507, "No room", { cause });
  await (await throwing(error, {}, log).request("/")).body?.cancel();
  assertEquals(log.lines[0]?.message, "disk full");
  assertStrictEquals(log.lines[0]?.fields["error"], cause);
  assertEquals(log.lines[0]?.fields["status"], 507);
});

Deno.test("HttpError takes the status of an error alone", () => {
  for (const status of [0, 200, 302, 399, 600, 404.5, NaN, Infinity, "404"]) {
    assertThrows(
      () => new HttpError(status as number),
      RangeError,
      "expected 400 to 599",
    );
  }
  const error = new HttpError(404);
  assert(error instanceof Error);
  assertEquals([error.name, error.message], ["HttpError", "Not Found"]);
  assert(!("cause" in error));
});
