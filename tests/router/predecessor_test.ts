import { assertEquals } from "@std/assert";
import { HttpRouter } from "@oresty/router";

// Faults of the predecessor's router that are not to come back.

async function text(
  router: HttpRouter,
  path: string,
  init: RequestInit = {},
): Promise<string> {
  const response = await router.request(path, init);
  const body = await response.text();
  return response.ok ? body : `${response.status}`;
}

function sample(): HttpRouter {
  const router = new HttpRouter();
  router.get("/home", () => "home").post("/home", () => "posted");
  router.get("/admin", () => "admin");
  return router;
}

Deno.test("a client chooses neither controller nor function by parameters", async () => {
  const router = sample();
  const form = { method: "POST", body: new URLSearchParams("r=admin") };
  assertEquals(await text(router, "/home?r=admin"), "home");
  assertEquals(await text(router, "/home?method=post"), "home");
  assertEquals(await text(router, "/home?_method=POST"), "home");
  assertEquals(await text(router, "/home", form), "posted");
  const headers = { "x-http-method-override": "POST" };
  assertEquals(await text(router, "/home", { headers }), "home");
});

Deno.test("the whole path counts, not its last segment", async () => {
  for (
    const path of ["/anything/home", "/admin/home", "//home", "/home/home"]
  ) {
    assertEquals(await text(sample(), path), "404", path);
  }
});

Deno.test("a wrong method is no missing page", async () => {
  const router = sample();
  assertEquals(await text(router, "/home", { method: "PUT" }), "405");
  assertEquals(await text(router, "/home", { method: "HEAD" }), "");
  const options = await router.request("/home", { method: "OPTIONS" });
  assertEquals(options.status, 204);
});

Deno.test("two routers know nothing of each other", async () => {
  const first = new HttpRouter().get("/a", () => "first");
  const second = new HttpRouter().get("/a", () => "second");
  first.use((ctx, next) => {
    ctx.header("x-first", "1");
    return next();
  });
  assertEquals(await text(first, "/a"), "first");
  assertEquals(await text(second, "/a"), "second");
  assertEquals((await second.request("/a")).headers.get("x-first"), null);
});

Deno.test("a form whose type names a charset is read", async () => {
  const router = new HttpRouter().post("/", (ctx) => ctx.input());
  const response = await router.request("/", {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
    },
    body: "a=1",
  });
  assertEquals(await response.json(), { a: "1" });
});

Deno.test("bad JSON is an error like any other, seen by its handler", async () => {
  const router = new HttpRouter().post("/", (ctx) => ctx.input());
  router.onError((error) => `handled ${error.status}`);
  const response = await router.request("/", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{",
  });
  assertEquals(await response.text(), "handled 400");
});
