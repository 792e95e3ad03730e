import { assert, assertEquals } from "@std/assert";
import { HttpRouter } from "@oresty/router";
import { MemoryLog } from "./http_fakes.ts";

Deno.test("ctx.redirect sends elsewhere", async () => {
  const cases: [location: string, header: string][] = [
    ["/a", "/a"],
    ["/a?b=c#d", "/a?b=c#d"],
    ["https://a.example/b", "https://a.example/b"],
    ["", ""],
    ["/a%20b", "/a%20b"],
    ["/a b", "/a%20b"],
    ["/ä中😀", "/%C3%A4%E4%B8%AD%F0%9F%98%80"],
    ["/\ud800", "/%EF%BF%BD"],
    ["/a\r\nset-cookie: x=y", "/a%0D%0Aset-cookie:%20x=y"],
    ["/\0\t\x7f", "/%00%09%7F"],
  ];
  for (const [location, header] of cases) {
    const router = new HttpRouter().get("/", (ctx) => ctx.redirect(location));
    const response = await router.request("/");
    assertEquals(response.status, 302);
    assertEquals(response.headers.get("location"), header);
    assertEquals(response.headers.getSetCookie(), []);
  }
});

Deno.test("ctx.redirect takes the statuses of a redirect alone", async () => {
  for (
    const status of [301, 302, 303, 307, 308, 200, 300, 304, 305, 400, NaN]
  ) {
    const log = new MemoryLog();
    const router = new HttpRouter({ log });
    router.get("/", (ctx) => ctx.redirect("/a", status));
    const response = await router.request("/");
    const isRight = [301, 302, 303, 307, 308].includes(status);
    assertEquals(response.status, isRight ? status : 500);
    await response.body?.cancel();
    if (isRight) continue;
    assert(log.lines[0]?.message.startsWith(`Cannot redirect with status`));
  }
});

Deno.test("a redirect takes cookies and headers along", async () => {
  const router = new HttpRouter().get("/", (ctx) => {
    ctx.cookies.set("a", "b");
    return ctx.header("x-a", "1").redirect("/b", 303);
  });
  const response = await router.request("/");
  assertEquals(response.headers.get("location"), "/b");
  assertEquals(response.headers.get("x-a"), "1");
  assertEquals(response.headers.getSetCookie().length, 1);
});

/** Where a request is sent, or its status. */
async function target(
  router: HttpRouter,
  path: string,
  method = "GET",
): Promise<string> {
  const response = await router.request(path, { method });
  await response.body?.cancel();
  return response.headers.get("location") === null
    ? `${response.status}`
    : `${response.status} ${response.headers.get("location")}`;
}

function redirecting(): HttpRouter {
  const router = new HttpRouter({ trailingSlash: "redirect" });
  router.get("/", () => 1);
  router.get("/a", () => 1);
  router.get("/b/", () => 1);
  router.post("/users/:id", () => 1);
  router.get("/both", () => 1).get("/both/", () => 1);
  router.get("/files/*path", () => 1);
  return router;
}

Deno.test("a path but for its last slash is redirected, query included", async () => {
  const router = redirecting();
  const cases: [path: string, expected: string, method?: string][] = [
    ["/a", "200"],
    ["/a/", "308 /a"],
    ["/a/?b=c&d=/", "308 /a?b=c&d=/"],
    ["/a/?", "308 /a?"],
    ["/b", "308 /b/"],
    ["/b?x=%20", "308 /b/?x=%20"],
    ["/users/a%2Fb/", "308 /users/a%2Fb", "POST"],
    ["/users/%E4%B8%AD/", "308 /users/%E4%B8%AD", "POST"],
    ["/a/", "308 /a", "HEAD"],
    // The method is refused where the path is right.
    ["/a/", "308 /a", "DELETE"],
    ["/a", "405", "DELETE"],
    ["/both", "200"],
    ["/both/", "200"],
    ["/files", "308 /files/"],
    ["/files/", "200"],
    ["/", "200"],
    ["/none", "404"],
    ["/none/", "404"],
    ["/a//", "404"],
    ["/users/", "404"],
  ];
  for (const [path, expected, method] of cases) {
    assertEquals(await target(router, path, method), expected, path);
  }
});

Deno.test("a redirected slash leads to no other host", async () => {
  const router = new HttpRouter({ trailingSlash: "redirect" });
  router.get("/*all", () => 1);
  const strict = new HttpRouter({ trailingSlash: "redirect" });
  strict.get("/:a/:b", () => 1).get("//:host", () => 1).get("/:x", () => 1);
  for (
    const path of ["//evil.example/", "//evil.example", "///evil.example/"]
  ) {
    for (const each of [router, strict]) {
      const sent = await target(each, path);
      assert(!sent.includes(" //"), sent);
    }
  }
  // A raw backslash, which a URL turns into a slash.
  const request = new Request("http://a/x");
  Object.defineProperty(request, "url", { value: "http://a/\\evil.example/" });
  const response = await strict.fetch(request);
  assert(!response.headers.get("location")?.startsWith("/\\"));
  await response.body?.cancel();
});

Deno.test("strict and ignore redirect nothing", async () => {
  const strict = new HttpRouter({ trailingSlash: "strict" }).get("/a", () => 1);
  assertEquals(await target(strict, "/a/"), "404");
  const ignore = new HttpRouter({ trailingSlash: "ignore" }).get("/a", () => 1);
  assertEquals(await target(ignore, "/a/"), "200");
});
