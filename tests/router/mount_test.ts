import { assert, assertEquals } from "@std/assert";
import { HttpRouter } from "@oresty/router";
import { connectionFrom, MemoryLog } from "./http_fakes.ts";

/** Answers with what it was asked. */
async function echo(request: Request): Promise<Response> {
  const { method, url, headers } = request;
  return Response.json({
    method,
    url: url.slice("http://localhost".length),
    header: headers.get("x-a"),
    body: await request.text(),
  });
}

async function urlSeen(router: HttpRouter, path: string): Promise<string> {
  const response = await router.request(path);
  if (!response.ok) {
    await response.body?.cancel();
    return `${response.status}`;
  }
  return (await response.json()).url;
}

Deno.test("mount leaves the prefix out and keeps the rest as it was sent", async () => {
  const router = new HttpRouter().mount("/sub", echo);
  const cases: [sent: string, seen: string][] = [
    ["/sub", "/"],
    ["/sub/", "/"],
    ["/sub?a=1&b=/x", "/?a=1&b=/x"],
    ["/sub/?a=1", "/?a=1"],
    ["/sub/a/b?c=%20d", "/a/b?c=%20d"],
    ["/sub/a%2Fb/%E4%B8%AD", "/a%2Fb/%E4%B8%AD"],
    ["/sub//a", "//a"],
    ["/%73ub/a", "/a"],
    ["/sub/a?next=http://b/sub/c", "/a?next=http://b/sub/c"],
    ["/subway", "404"],
    ["/other", "404"],
    ["/", "404"],
  ];
  for (const [sent, seen] of cases) {
    assertEquals(await urlSeen(router, sent), seen, sent);
  }
});

Deno.test("mount hands on method, headers and body", async () => {
  const router = new HttpRouter().mount("/sub", echo);
  for (const method of ["POST", "PUT", "DELETE", "PROPFIND", "toString"]) {
    const response = await router.request("/sub/x?q", {
      method,
      headers: { "x-a": "1" },
      body: "the body",
    });
    assertEquals(await response.json(), {
      method,
      url: "/x?q",
      header: "1",
      body: "the body",
    });
  }
});

Deno.test('mount("/") takes what no route takes', async () => {
  const router = new HttpRouter();
  router.mount("/", echo);
  router.get("/own", () => ({ url: "own" }));
  assertEquals(await urlSeen(router, "/own"), "own");
  assertEquals(await urlSeen(router, "/"), "/");
  assertEquals(await urlSeen(router, "/a/b?c"), "/a/b?c");
  const post = await router.request("/own", { method: "POST" });
  assertEquals((await post.json()).method, "POST");
});

Deno.test("mounts may be nested, in groups and behind parameters", async () => {
  const inner = new HttpRouter().mount("/inner", { fetch: echo });
  const router = new HttpRouter();
  router.mount("/outer", inner);
  router.group("/g/:x", (group) => group.mount("/m/", echo));
  router.mount("/v:version/api", echo);
  router.mount("/c/:x([^/]+)", echo);
  assertEquals(await urlSeen(router, "/outer/inner/a?b"), "/a?b");
  assertEquals(await urlSeen(router, "/outer/inner"), "/");
  assertEquals(await urlSeen(router, "/outer/none"), "404");
  assertEquals(await urlSeen(router, "/g/7/m/a"), "/a");
  assertEquals(await urlSeen(router, "/v2/api/users"), "/users");
  assertEquals(await urlSeen(router, "/c/1/a/b"), "/a/b");
});

Deno.test("mount takes an object with fetch and calls it as its method", async () => {
  class Other {
    #greeting = "hi";
    fetch(): Response {
      return new Response(this.#greeting);
    }
  }
  const router = new HttpRouter().mount("/o", new Other());
  assertEquals(await (await router.request("/o/x")).text(), "hi");
});

Deno.test("mount hands on the connection", async () => {
  let seen: unknown;
  const router = new HttpRouter().mount("/m", (_request, info) => {
    seen = info?.remoteAddr;
    return new Response();
  });
  const info = connectionFrom("10.1.2.3");
  await router.fetch(new Request("http://a/m/x"), info);
  assertEquals(seen, info.remoteAddr);
});

Deno.test("mounted apps stand inside the middleware of their scope", async () => {
  const router = new HttpRouter({ log: new MemoryLog() });
  router.group("/m", (group) => {
    group.use(async (ctx, next) => {
      ctx.header("x-mid", "1");
      return await next();
    });
    group.mount("/ok", () => new Response("ok"));
    group.mount("/throws", () => {
      throw new Error("mounted");
    });
    group.mount("/rejects", () => Promise.reject(new Error("mounted")));
  });
  const response = await router.request("/m/ok");
  assertEquals(response.headers.get("x-mid"), "1");
  assertEquals((await router.request("/m/throws")).status, 500);
  assertEquals((await router.request("/m/rejects/x")).status, 500);
});

Deno.test("a request that fetch has no form for is 501 in a mount", async () => {
  const router = new HttpRouter({ log: new MemoryLog() });
  router.mount("/m", () => new Response("reached"));
  // A server gives such requests, the constructor refuses them.
  const request = new Request("http://a/m/x");
  Object.defineProperty(request, "method", { value: "TRACE" });
  const response = await router.fetch(request);
  assertEquals(response.status, 501);
  await response.body?.cancel();
});

Deno.test("the handler of a mount sees OPTIONS and HEAD itself", async () => {
  const router = new HttpRouter().mount("/m", echo);
  const options = await router.request("/m/x", { method: "OPTIONS" });
  assertEquals((await options.json()).method, "OPTIONS");
  const head = await router.request("/m/x", { method: "HEAD" });
  assertEquals(head.status, 200);
  assert(head.body === null);
});
