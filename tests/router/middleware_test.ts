import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  HttpError,
  HttpRouter,
  type Middleware,
  type Next,
} from "@oresty/router";
import { FakeTemplates, MemoryLog, summary } from "./http_fakes.ts";

/** Writes down when it was entered and left. */
function tracer(trace: string[], name: string, isAsync = false): Middleware {
  if (isAsync) {
    return async (_ctx, next) => {
      trace.push(name);
      const response = await next();
      trace.push(`/${name}`);
      return response;
    };
  }
  return (_ctx, next) => {
    trace.push(name);
    return next();
  };
}

Deno.test("middleware runs from the outside in, and back", async () => {
  const trace: string[] = [];
  const router = new HttpRouter();
  router.use(tracer(trace, "a", true), tracer(trace, "b"));
  router.use(tracer(trace, "c", true));
  router.get("/", () => {
    trace.push("handler");
    return 1;
  });
  await router.request("/");
  assertEquals(trace, ["a", "b", "c", "handler", "/c", "/a"]);
});

Deno.test("middleware holds for routes before and after it, also late", async () => {
  const trace: string[] = [];
  const router = new HttpRouter();
  router.get("/before", () => 1);
  router.use(tracer(trace, "a"));
  router.get("/after", () => 1);
  await router.request("/before");
  await router.request("/after");
  assertEquals(trace.splice(0), ["a", "a"]);
  router.use(tracer(trace, "late"));
  await router.request("/before");
  await router.request("/none");
  assertEquals(trace, ["a", "late", "a", "late"]);
});

Deno.test("middleware holds for its scope and what is below", async () => {
  const trace: string[] = [];
  const router = new HttpRouter({ log: new MemoryLog() });
  router.group("/api", (api) => {
    api.get("/x", () => 1);
    api.group("/v1", (v1) => {
      v1.get("/y", () => 1);
      v1.use(tracer(trace, "v1", true));
    });
    api.use(tracer(trace, "api"));
  });
  router.get("/api/outside", () => 1);
  router.get("/z", () => 1);
  router.use(tracer(trace, "root"));
  const cases: [path: string, expected: string[], method?: string][] = [
    ["/z", ["root"]],
    ["/none", ["root"]],
    ["/z", ["root"], "POST"],
    ["/api/x", ["root", "api"]],
    ["/api/x", ["root", "api"], "POST"], // 405
    ["/api/x", ["root", "api"], "OPTIONS"],
    ["/api/none", ["root", "api"]],
    ["/api", ["root", "api"]],
    ["/api/", ["root", "api"]],
    ["/api/v1/y", ["root", "api", "v1", "/v1"]],
    ["/api/v1/none", ["root", "api", "v1", "/v1"]],
    ["/api/v1/y", ["root", "api", "v1", "/v1"], "OPTIONS"],
    ["/api/v1/y", ["root", "api", "v1", "/v1"], "DELETE"],
    // A route belongs to the scope it was added in, not to its path.
    ["/api/outside", ["root"]],
    ["/apix", ["root"]],
    ["/%zz", ["root"]],
  ];
  for (const [path, expected, method = "GET"] of cases) {
    await (await router.request(path, { method })).body?.cancel();
    assertEquals(trace.splice(0), expected, `${method} ${path}`);
  }
});

Deno.test('the middleware of group("/") is around misses as well', async () => {
  const trace: string[] = [];
  const router = new HttpRouter();
  router.group("/", (group) => {
    group.use(tracer(trace, "group"));
    group.get("/a", () => 1);
  });
  router.get("/b", () => 1);
  for (const path of ["/a", "/none", "/b"]) {
    await (await router.request(path)).body?.cancel();
  }
  assertEquals(trace, ["group", "group"]);
});

Deno.test("groups whose prefixes differ by a parameter's name alone", async () => {
  const trace: string[] = [];
  const router = new HttpRouter();
  router.group("/users/:id", (group) => {
    group.get("/a", (ctx) => ctx.params.id);
  });
  router.group("/users/:name", (group) => {
    group.use(tracer(trace, "second"));
    group.get("/b", (ctx) => ctx.params.name);
  });
  assertEquals(await (await router.request("/users/1/a")).text(), "1");
  assertEquals(trace.splice(0), []);
  assertEquals(await (await router.request("/users/2/b")).text(), "2");
  assertEquals(trace.splice(0), ["second"]);
  const folded = new HttpRouter({ caseSensitive: false });
  folded.group("/API", (group) => group.get("/a", () => 1));
  folded.group("/api", (group) => group.get("/b", () => 2));
  assertEquals(await (await folded.request("/Api/B")).text(), "2");
});

Deno.test("middleware may answer without next()", async () => {
  const cases: [run: () => unknown, status: number, body: string][] = [
    [() => new Response("own", { status: 403 }), 403, "own"],
    [() => ({ a: 1 }), 200, '{"a":1}'],
    [() => "text", 200, "text"],
    [() => null, 204, ""],
    [() => false, 200, "false"],
  ];
  for (const [own, status, body] of cases) {
    for (const run of [own, async () => own()]) {
      let reached = false;
      const router = new HttpRouter().use(() => run());
      router.get("/", () => reached = true);
      const response = await router.request("/");
      assertEquals([response.status, await response.text()], [status, body]);
      assert(!reached);
    }
  }
});

Deno.test("middleware that returns nothing passes the answer on", async () => {
  const runs: Middleware[] = [
    (_ctx, next) => {
      next();
    },
    async (_ctx, next) => {
      await next();
    },
    async (_ctx, next) => {
      next();
    },
  ];
  for (const run of runs) {
    for (const handler of [() => "x", async () => "x"]) {
      const router = new HttpRouter().use(run).get("/", handler);
      assertEquals(await (await router.request("/")).text(), "x");
    }
  }
});

Deno.test("middleware that does neither is a 500 that names it", async () => {
  for (const run of [function forgetful() {}, async function forgetful() {}]) {
    const log = new MemoryLog();
    const router = new HttpRouter({ log }).use(run).get("/", () => 1);
    assertEquals((await router.request("/")).status, 500);
    assertEquals(
      log.lines[0]?.message,
      'Cannot answer: middleware "forgetful" returned nothing ' +
        "and did not call next()",
    );
  }
});

Deno.test("calling next() twice is a 500 that names the middleware", async () => {
  const runs: Middleware[] = [
    function twice(_ctx, next) {
      next();
      return next();
    },
    async function twice(_ctx, next) {
      await next();
      return await next();
    },
    async function twice(_ctx, next) {
      return await Promise.all([next(), next()]);
    },
  ];
  for (const run of runs) {
    const log = new MemoryLog();
    let calls = 0;
    const router = new HttpRouter({ log }).use(run).get("/", () => ++calls);
    assertEquals((await router.request("/")).status, 500);
    assertEquals(
      log.lines[0]?.message,
      'Cannot call next() of middleware "twice": it was called already',
    );
    assertEquals(calls, 1);
  }
});

Deno.test("next() called after the answer is no one's harm", async () => {
  let late: Next | undefined;
  const router = new HttpRouter({ log: new MemoryLog() });
  router.use((_ctx, next) => {
    late = next;
    return "early";
  });
  router.get("/", () => {
    throw new Error("late");
  });
  assertEquals(await (await router.request("/")).text(), "early");
  assertEquals((await late!()).status, 500);
});

Deno.test("middleware sees errors as answers and as ctx.error", async () => {
  const seen: [status: number, error: unknown][] = [];
  const router = new HttpRouter({ log: new MemoryLog() });
  router.use(async (ctx, next) => {
    const response = await next();
    seen.push([response.status, ctx.error]);
    return response;
  });
  const thrown = new Error("plain");
  const refused = new HttpError(403, "no");
  router.get("/ok", () => 1);
  router.get("/throws", () => {
    throw thrown;
  });
  router.get("/rejects", async () => {
    throw refused;
  });
  router.get("/odd", () => {
    // deno-lint-ignore no-throw-literal -- somebody's library does
    throw 42;
  });
  for (const path of ["/ok", "/throws", "/rejects", "/odd"]) {
    await (await router.request(path)).body?.cancel();
  }
  assertEquals(seen.splice(0), [
    [200, undefined],
    [500, thrown],
    [403, refused],
    [500, 42],
  ]);
  const misses: [RequestInit, string, number][] = [
    [{}, "/none", 404],
    [{ method: "POST" }, "/ok", 405],
    [{}, "/%zz", 400],
  ];
  for (const [init, path, status] of misses) {
    await (await router.request(path, init)).body?.cancel();
    const [[got, error] = []] = seen.splice(0);
    assertEquals(got, status);
    assert(error instanceof HttpError && error.status === status);
  }
});

Deno.test("errors of middleware are answers to the ones outside", async () => {
  const inner: Middleware[] = [
    () => {
      throw new HttpError(418);
    },
    async () => {
      throw new HttpError(418);
    },
    (_ctx, next) => {
      next();
      throw new HttpError(418);
    },
    async (_ctx, next) => {
      await next();
      throw new HttpError(418);
    },
  ];
  for (const run of inner) {
    let seen = 0;
    const router = new HttpRouter({ log: new MemoryLog() });
    router.use(async (_ctx, next) => {
      const response = await next();
      seen = response.status;
      return response;
    });
    router.use(run);
    router.get("/", () => 1);
    assertEquals((await router.request("/")).status, 418);
    assertEquals(seen, 418);
  }
});

Deno.test("a view that middleware returns may fail, now or later", async () => {
  for (const name of ["throws.html", "rejects.html"]) {
    for (const run of [() => [{}, name], async () => [{}, name]]) {
      const log = new MemoryLog();
      const router = new HttpRouter({ log, templates: new FakeTemplates() });
      router.use(run).get("/", () => 1);
      assertEquals((await router.request("/")).status, 500);
      assertEquals(log.lines.length, 1);
    }
  }
});

Deno.test("middleware changes the answer", async () => {
  const router = new HttpRouter();
  router.use(async (ctx, next) => {
    ctx.header("x-before", "1");
    const response = await next();
    ctx.header("x-after", "1").cookies.set("late", "1");
    return response;
  });
  router.get("/", (ctx) => {
    ctx.header("x-handler", "1");
    return "x";
  });
  const response = await router.request("/");
  for (const name of ["x-before", "x-after", "x-handler", "set-cookie"]) {
    assert(response.headers.has(name), name);
  }
  const other = new HttpRouter().use(async (_ctx, next) => {
    const response = await next();
    return { was: await response.text() };
  }).get("/", () => "x");
  assertEquals(await summary(await other.request("/")), [
    200,
    "application/json",
    '{"was":"x"}',
  ]);
});

Deno.test("what middleware prepared for success stays off errors", async () => {
  const router = new HttpRouter({ log: new MemoryLog() });
  router.use((ctx, next) => {
    ctx.status(201).header("x-secret", "1").cookies.set("a", "b");
    return next();
  });
  router.get("/throws", (ctx) => {
    ctx.header("x-secret", "2");
    throw new Error("x");
  });
  router.get("/rejects", async () => {
    throw new HttpError(402, "Pay", { headers: { "x-own": "1" } });
  });
  for (const path of ["/throws", "/rejects", "/none"]) {
    const { headers, body } = await router.request(path);
    await body?.cancel();
    assert(!headers.has("x-secret"), path);
    assert(!headers.has("set-cookie"), path);
    assertEquals(headers.get("x-own"), path === "/rejects" ? "1" : null);
  }
});

Deno.test("middleware hands on through ctx.state", async () => {
  const router = new HttpRouter<
    { app: unknown; state: { user?: string } }
  >();
  router.use((ctx, next) => {
    ctx.state.user = "Ada";
    return next();
  });
  router.get("/", (ctx) => ctx.state.user);
  assertEquals(await (await router.request("/")).text(), "Ada");
});

Deno.test("middleware knows the route and its parameters", async () => {
  const seen: unknown[] = [];
  const router = new HttpRouter();
  router.use((ctx, next) => {
    seen.push([ctx.route, { ...ctx.params }]);
    return next();
  });
  router.get("/u/:id", () => 1);
  await router.request("/u/7");
  await (await router.request("/none")).body?.cancel();
  assertEquals(seen, [["/u/:id", { id: "7" }], [null, {}]]);
});

Deno.test("use() refuses what is no function", () => {
  for (const bad of ["/path", null, {}, 1]) {
    let message = "";
    try {
      new HttpRouter().use(bad as unknown as Middleware);
    } catch (error) {
      assert(error instanceof TypeError);
      message = error.message;
    }
    assertStrictEquals(
      message,
      `Cannot use "${bad}" as middleware: expected a function`,
    );
  }
});
