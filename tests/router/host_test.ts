import { assertEquals } from "@std/assert";
import { HttpRouter } from "@oresty/router";

Deno.test("a malformed Host is 400 before any route", async () => {
  const router = new HttpRouter().get("/*", () => "reached");
  const bad = [
    "a/admin",
    "a?b",
    "a#b",
    "a@b",
    "a b",
    "a\\b",
    "a:b",
    "a:123456",
    "[::1",
    "::1",
    "a%2Fb",
    "é",
    "a,b/",
  ];
  for (const host of bad) {
    const response = await router.request("/", { headers: { host } });
    assertEquals(response.status, 400, host);
    const body = await response.json();
    assertEquals(body.err, "The Host header is malformed");
  }
  const good = [
    "a",
    "a.example.com",
    "a:80",
    "a:",
    "127.0.0.1:2233",
    "[::1]",
    "[::1]:80",
    "under_score",
    "xn--bcher-kva.example",
    "",
  ];
  for (const host of good) {
    const response = await router.request("/", { headers: { host } });
    assertEquals(await response.text(), "reached", host);
  }
});

Deno.test("a malformed Host reaches no middleware, and a right one after it does", async () => {
  let entered = 0;
  const router = new HttpRouter().get("/", () => "reached");
  router.use((_ctx, next) => {
    entered++;
    return next();
  });
  for (const host of ["a", "a/b", "a", "a/b", "a/b", "b"]) {
    const response = await router.request("/", { headers: { host } });
    assertEquals(response.status, host === "a/b" ? 400 : 200);
    await response.body?.cancel();
  }
  assertEquals(entered, 3);
});

Deno.test("a Host with a path does not choose the route", async () => {
  const router = new HttpRouter();
  router.get("/admin/x", () => "admin").get("/x", () => "x");
  // As a server makes the URL of "GET /x" with "Host: a/admin".
  const request = new Request("http://a/admin/x", {
    headers: { host: "a/admin" },
  });
  const response = await router.fetch(request);
  assertEquals(response.status, 400);
  await response.body?.cancel();
});

Deno.test("the path starts where the authority ends", async () => {
  const router = new HttpRouter();
  router.get("/", (ctx) => `root ${ctx.path}`);
  router.get("/admin", () => "admin");
  const cases = [
    "http://h?next=/admin",
    "http://h#/admin",
    "http://h",
    "http://h/?/admin",
    "http://h:80?http://h/admin",
  ];
  for (const url of cases) {
    const request = new Request("http://h/");
    // The constructor would mend the URL, a server does not.
    Object.defineProperty(request, "url", { value: url });
    const response = await router.fetch(request);
    assertEquals(await response.text(), "root /", url);
  }
});
