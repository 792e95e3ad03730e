import { assertEquals, assertThrows } from "@std/assert";
import { HttpRouter } from "@oresty/router";

async function text(router: HttpRouter, path: string): Promise<string> {
  const response = await router.request(path);
  const body = await response.text();
  return response.ok ? body : `${response.status}`;
}

Deno.test("groups put their prefix before every pattern", async () => {
  const router = new HttpRouter();
  router.group("/users/:user", (users) => {
    users.get("/", (ctx) => `user ${ctx.params.user}`);
    users.get("/posts/:post", (ctx) => {
      const { user, post } = ctx.params;
      return `post ${user} ${post}`;
    });
    users.group("/tags/", (tags) => {
      tags.get("/", (ctx) => `tags ${ctx.params.user}`);
      tags.get("/*rest", (ctx) => `${ctx.params.user} ${ctx.params.rest}`);
    });
  });
  assertEquals(await text(router, "/users/7"), "user 7");
  assertEquals(await text(router, "/users/7/"), "404");
  assertEquals(await text(router, "/users/7/posts/8"), "post 7 8");
  assertEquals(await text(router, "/users/7/tags"), "tags 7");
  assertEquals(await text(router, "/users/7/tags/a/b"), "7 a/b");
  assertEquals(await text(router, "/users"), "404");
});

Deno.test('group("/") is a scope without a prefix', async () => {
  const router = new HttpRouter();
  router.group("/", (group) => {
    group.get("/", () => "root");
    group.get("/a", () => "a");
    group.group("/", (inner) => inner.get("/b", () => "b"));
    group.group("/c", (inner) => inner.get("/", () => "c"));
  });
  for (const [path, body] of [["/", "root"], ["/a", "a"], ["/b", "b"]]) {
    assertEquals(await text(router, path!), body);
  }
  assertEquals(await text(router, "/c"), "c");
  assertEquals(router.routes().map(({ pattern }) => pattern), [
    "/",
    "/a",
    "/b",
    "/c",
  ]);
});

Deno.test("groups give themselves back, so that calls chain", () => {
  const router = new HttpRouter();
  router.group("/g", (group) => {
    const same = group.get("/a", () => 1).post("/a", () => 1)
      .on("LOCK", "/a", () => 1).use((_ctx, next) => next())
      .group("/h", () => {}).mount("/m", () => new Response());
    assertEquals(same === group, true);
  });
  assertEquals(router.get("/", () => 1) === router, true);
});

Deno.test("groups and routes refuse what is no path", () => {
  const router = new HttpRouter();
  for (const bad of ["", "a", ":x", null, undefined, 7]) {
    const path = bad as string;
    assertThrows(
      () => router.group(path, () => {}),
      TypeError,
      `Cannot use prefix "${bad}"`,
    );
    assertThrows(
      () => router.mount(path, () => new Response()),
      TypeError,
      `Cannot use prefix "${bad}"`,
    );
    assertThrows(
      () => router.get(path, () => 1),
      TypeError,
      `Cannot add route "GET ${bad}"`,
    );
  }
});

Deno.test("routes refuse what is no handler, method or option", () => {
  const router = new HttpRouter();
  for (const bad of [undefined, null, "handler", { get: 1 }]) {
    assertThrows(
      () => router.get("/", bad as never),
      TypeError,
      "expected a function",
    );
  }
  assertThrows(() => router.on("GE T", "/", () => 1), TypeError, "no HTTP");
  assertThrows(() => router.on([""], "/", () => 1), TypeError);
  assertThrows(
    () => router.get("/", { timeot: 1 } as never, () => 1),
    TypeError,
    'Cannot use option "timeot" of route "GET /": it is unknown, ' +
      'did you mean "timeout"?',
  );
  assertThrows(() => router.get("/", { timeout: "x" }, () => 1), TypeError);
  assertThrows(() => router.get("/", { timeout: -1 }, () => 1), RangeError);
  assertThrows(() => router.get("/", { bodyLimit: "x" }, () => 1), TypeError);
  assertThrows(() => router.get("/", { bodyLimit: -1 }, () => 1), RangeError);
  assertThrows(
    () => router.get("/", { body: {} } as never, () => 1),
    TypeError,
    "expected a Standard Schema",
  );
  assertEquals(router.routes(), []);
});

Deno.test("a route of the same shape is refused in groups as well", () => {
  const router = new HttpRouter();
  router.get("/api/:id", () => 1);
  assertThrows(
    () => router.group("/api", (api) => api.get("/:name", () => 1)),
    Error,
    '"GET /api/:id" has the same shape',
  );
});

Deno.test("HttpRouter checks its options", () => {
  const cases: [options: unknown, why: string][] = [
    [{ templats: 1 }, 'did you mean "templates"?'],
    [null, "expected an object"],
    [{ bodyLimit: "x" }, 'Cannot read option "bodyLimit"'],
    [{ bodyTimeout: "x" }, 'Cannot read option "bodyTimeout"'],
    [{ timeout: "x" }, 'Cannot read option "timeout"'],
    [{ trailingSlash: "x" }, 'Cannot use option "trailingSlash"'],
    [{ secrets: [] }, "expected secrets of 16 characters or more"],
    [{ secrets: ["short"] }, "expected secrets of 16 characters or more"],
    [{ secrets: [1] }, "expected secrets of 16 characters or more"],
  ];
  for (const [options, why] of cases) {
    assertThrows(() => new HttpRouter(options as never), TypeError, why);
  }
  assertThrows(() => new HttpRouter({ bodyLimit: -1 }), RangeError);
  assertThrows(() => new HttpRouter({ timeout: -1 }), RangeError);
});
