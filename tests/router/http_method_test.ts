import { assertEquals, assertStrictEquals } from "@std/assert";
import { HttpRouter } from "@oresty/router";
import { MemoryLog } from "./http_fakes.ts";

function sample(): HttpRouter {
  const router = new HttpRouter({ log: new MemoryLog() });
  router.get("/users/:id", (ctx) => ({ id: ctx.params.id }));
  router.put("/users/:id", () => "put");
  router.delete("/users/me", () => "delete me");
  router.on("PROPFIND", "/dav", () => "found");
  router.on(["LOCK", "UNLOCK"], "/dav", (ctx) => ctx.method);
  router.all("/any", (ctx) => ctx.method);
  router.options("/own", () => ({ own: true }));
  router.post("/own", () => "post");
  router.get("/both", () => "get");
  router.head("/both", (ctx) => {
    ctx.header("x-head", "1");
    return null;
  });
  return router;
}

Deno.test("every method has its function", async () => {
  const router = new HttpRouter();
  const names = ["get", "post", "put", "patch", "delete", "options"] as const;
  for (const name of names) router[name]("/", () => name);
  for (const name of names) {
    const response = await router.request("/", { method: name.toUpperCase() });
    assertEquals(await response.text(), name);
  }
});

Deno.test("HEAD is answered as GET without a body", async () => {
  const response = await sample().request("/users/7", { method: "HEAD" });
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "application/json");
  assertStrictEquals(response.body, null);
  const own = await sample().request("/both", { method: "HEAD" });
  assertEquals(own.headers.get("x-head"), "1");
  const none = await sample().request("/none", { method: "HEAD" });
  assertEquals(none.status, 404);
  assertStrictEquals(none.body, null);
});

Deno.test("HEAD ends the stream that nobody will read", async () => {
  const router = new HttpRouter({ log: new MemoryLog() });
  const ended = Promise.withResolvers<string>();
  router.get("/", (ctx) =>
    ctx.stream(async (writer) => {
      try {
        for (let i = 0; i < 1000; i++) await writer.write("x");
        ended.resolve("wrote all");
      } catch (error) {
        ended.resolve((error as Error).name);
        throw error;
      }
    }));
  const response = await router.request("/", { method: "HEAD" });
  assertEquals(response.status, 200);
  assertEquals(await ended.promise, "AbortError");
});

Deno.test("OPTIONS lists the methods of a path", async () => {
  const router = sample();
  const cases: [path: string, allow: string][] = [
    ["/users/7", "GET, HEAD, PUT, OPTIONS"],
    ["/users/me", "DELETE, GET, HEAD, PUT, OPTIONS"],
    ["/dav", "PROPFIND, LOCK, UNLOCK, OPTIONS"],
    ["/both", "GET, HEAD, OPTIONS"],
  ];
  for (const [path, allow] of cases) {
    const response = await router.request(path, { method: "OPTIONS" });
    assertEquals(response.status, 204, path);
    assertEquals(response.headers.get("allow"), allow);
    assertStrictEquals(response.body, null);
  }
  assertEquals(
    (await router.request("/none", { method: "OPTIONS" })).status,
    404,
  );
});

Deno.test("an OPTIONS route of one's own wins, as does one for all", async () => {
  const router = sample();
  const own = await router.request("/own", { method: "OPTIONS" });
  assertEquals(await own.json(), { own: true });
  const any = await router.request("/any", { method: "OPTIONS" });
  assertEquals(await any.text(), "OPTIONS");
});

Deno.test("OPTIONS * lists the methods of the whole server, HEAD too", async () => {
  // Deno has the target "*" as the path "/*".
  const response = await sample().request("/*", { method: "OPTIONS" });
  assertEquals(response.status, 204);
  assertEquals(
    response.headers.get("allow")?.split(", ").toSorted(),
    [
      "DELETE",
      "GET",
      "HEAD",
      "LOCK",
      "OPTIONS",
      "POST",
      "PROPFIND",
      "PUT",
      "UNLOCK",
    ],
  );
});

Deno.test("a wrong method is 405 with Allow", async () => {
  const router = sample();
  const cases: [method: string, path: string, allow: string][] = [
    ["POST", "/users/7", "GET, HEAD, PUT, OPTIONS"],
    ["DELETE", "/users/7", "GET, HEAD, PUT, OPTIONS"],
    ["GET", "/dav", "PROPFIND, LOCK, UNLOCK, OPTIONS"],
    ["HEAD", "/dav", "PROPFIND, LOCK, UNLOCK, OPTIONS"],
    ["GET", "/own", "OPTIONS, POST"],
  ];
  for (const [method, path, allow] of cases) {
    const response = await router.request(path, { method });
    assertEquals(response.status, 405, `${method} ${path}`);
    assertEquals(response.headers.get("allow"), allow);
    if (method !== "HEAD") {
      const body = await response.json();
      assertEquals([body.http_code, body.err], [405, "Method Not Allowed"]);
    }
  }
});

Deno.test("methods that nobody knows are 405 or 404, never more", async () => {
  const router = sample();
  const methods = ["toString", "__proto__", "constructor", "FOO", "PATCH"];
  for (const method of methods) {
    const wrong = await router.request("/users/7", { method });
    assertEquals(wrong.status, 405, method);
    await wrong.body?.cancel();
    const none = await router.request("/none", { method });
    assertEquals(none.status, 404, method);
    await none.body?.cancel();
    const any = await router.request("/any", { method });
    assertEquals(await any.text(), method);
  }
});

Deno.test("custom methods are taken in one call or several", async () => {
  const router = sample();
  for (const method of ["LOCK", "UNLOCK"]) {
    const response = await router.request("/dav", { method });
    assertEquals(await response.text(), method);
  }
});

Deno.test("routes() lists all routes in the order they were added", () => {
  const router = new HttpRouter();
  router.get("/a", { name: "a", source: "a.ts" }, () => 1);
  router.group("/g/:x", (group) => {
    group.post("/b", () => 1);
    group.get("/", () => 1);
    group.group("/h", (inner) => inner.all("/*rest", () => 1));
  });
  router.on(["LOCK", "UNLOCK"], "/c", () => 1);
  const nameless = { name: undefined, source: undefined };
  assertEquals(router.routes(), [
    { method: "GET", pattern: "/a", name: "a", source: "a.ts" },
    { method: "POST", pattern: "/g/:x/b", ...nameless },
    { method: "GET", pattern: "/g/:x", ...nameless },
    { method: "*", pattern: "/g/:x/h/*rest", ...nameless },
    { method: "LOCK", pattern: "/c", ...nameless },
    { method: "UNLOCK", pattern: "/c", ...nameless },
  ]);
});
