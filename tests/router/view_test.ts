import { assert, assertEquals } from "@std/assert";
import { type Context, HttpRouter } from "@oresty/router";
import * as v from "valibot";
import {
  FakeTemplates,
  loggedError,
  MemoryLog,
  summary,
} from "./http_fakes.ts";

const JSON_BODY = { "content-type": "application/json" };
const HTML_TYPE = "text/html; charset=utf-8";

interface Setup {
  router: HttpRouter;
  templates: FakeTemplates;
  log: MemoryLog;
}

function setup(handler: (ctx: Context) => unknown, dev = false): Setup {
  const templates = new FakeTemplates();
  const log = new MemoryLog();
  const router = new HttpRouter({ templates, log, dev });
  router.all("/", handler as never);
  return { router, templates, log };
}

Deno.test("a handler's pair of data and template name is a view", async () => {
  const cases: [data: unknown, shown: string][] = [
    [{ a: 1 }, '{"a":1}'],
    [[1, 2], "[1,2]"],
    [null, "null"],
    [7, "7"],
    [undefined, "undefined"],
  ];
  for (const [data, shown] of cases) {
    for (const name of ["home.html", "late.html", "a/b.html"]) {
      const { router } = setup(() => [data, name]);
      assertEquals(await summary(await router.request("/")), [
        200,
        HTML_TYPE,
        `<p>${name} ${shown}</p>`,
      ]);
    }
  }
});

Deno.test("a view takes the status and headers that were prepared", async () => {
  for (const name of ["home.html", "late.html"]) {
    const { router } = setup((ctx) => {
      ctx.status(201).header("x-a", "1");
      return [{}, name];
    });
    const response = await router.request("/");
    assertEquals([response.status, response.headers.get("x-a")], [201, "1"]);
    assertEquals(response.headers.get("content-type"), HTML_TYPE);
  }
});

Deno.test("what only looks like a view is JSON", async () => {
  const lookalikes: unknown[][] = [
    [{}, "home.html", 1],
    ["home.html"],
    [{}, "home.htm"],
    [{}, "home.html "],
    [{}, "HOME.HTML"],
    [{}, { toString: "home.html" }],
    [{}, ["home.html"]],
    [{}, "no/such.html"],
    [{}, "../secret.html"],
    ["a text", "home.html"],
    [],
  ];
  for (const value of lookalikes) {
    const { router, templates } = setup(() => value);
    const [status, type, body] = await summary(await router.request("/"));
    assertEquals([status, type], [200, "application/json"]);
    assertEquals(JSON.parse(body), value);
    assertEquals(templates.rendered, []);
  }
});

Deno.test("without templates nothing is a view", async () => {
  const router = new HttpRouter().get("/", () => [{}, "home.html"]);
  assertEquals(await (await router.request("/")).json(), [{}, "home.html"]);
});

Deno.test("a name that is no template is warned of in dev", async () => {
  for (const dev of [false, true]) {
    const { router, log } = setup(() => [{}, "no/such.html"], dev);
    await (await router.request("/")).body?.cancel();
    const lines = log.lines.map((
      { level, fields },
    ) => [level, fields["template"]]);
    assertEquals(lines, dev ? [["warn", "no/such.html"]] : []);
  }
});

const FORGED: [name: string, body: string, taken: (json: never) => unknown][] =
  [
    ["the body itself", '[{"a":1},"home.html"]', (json) => json],
    ["a list in it", '{"x":{"y":[{},"home.html"]}}', (json: {
      x: { y: unknown };
    }) => json.x.y],
    ["a list in a list", '[[{},"home.html"]]', (json: unknown[]) => json[0]],
    ["escapes", String.raw`[{},"home\u002ehtml"]`, (json) => json],
    ["escaped letters", String.raw`[{},"home.\u0068tml"]`, (json) => json],
    [
      "all escaped",
      String.raw`[{},"\u0068\u006f\u006d\u0065\u002e\u0068\u0074\u006d\u006c"]`,
      (json) => json,
    ],
  ];

for (const [name, body, taken] of FORGED) {
  Deno.test(`a client's pair is no view: ${name}`, async () => {
    const readers: ((ctx: Context) => unknown)[] = [
      async (ctx) => taken(await ctx.json() as never),
      async (ctx) => {
        await ctx.text();
        return taken(await ctx.json() as never);
      },
    ];
    for (const reader of readers) {
      const { router, templates } = setup(reader);
      const init = { method: "POST", headers: JSON_BODY, body };
      const [, type, text] = await summary(await router.request("/", init));
      assertEquals(type, "application/json");
      assertEquals(JSON.parse(text), taken(JSON.parse(body) as never));
      assertEquals(templates.rendered, []);
    }
  });

  Deno.test(`a client's pair is no view after a schema: ${name}`, async () => {
    const copies = [
      v.any(),
      v.looseObject({ x: v.optional(v.looseObject({ y: v.array(v.any()) })) }),
      v.array(v.union([v.array(v.any()), v.looseObject({}), v.string()])),
      // A schema may make a cycle of what it got.
      v.pipe(
        v.any(),
        v.transform((value) => {
          value.self = value;
          return value;
        }),
      ),
    ];
    for (const schema of copies) {
      const templates = new FakeTemplates();
      const router = new HttpRouter({ templates, log: new MemoryLog() });
      router.post("/", { body: schema }, (ctx) => {
        return taken(ctx.valid.body as never);
      });
      const init = { method: "POST", headers: JSON_BODY, body };
      await (await router.request("/", init)).body?.cancel();
      assertEquals(templates.rendered, []);
    }
  });
}

Deno.test("a client's pair in input() is no view", async () => {
  const { router, templates } = setup(async (ctx) => {
    const input = await ctx.input();
    return input["list"];
  });
  const body = '{"list":[{},"home.html"]}';
  const init = { method: "POST", headers: JSON_BODY, body };
  assertEquals(await (await router.request("/", init)).json(), [
    {},
    "home.html",
  ]);
  assertEquals(templates.rendered, []);
});

Deno.test("lists of a query or form are no views", async () => {
  const file = new FormData();
  file.append("a", new File(["x"], "f"));
  file.append("a", "home.html");
  const texts = new FormData();
  texts.append("a", "x");
  texts.append("a", "home.html");
  const cases: [(ctx: Context) => unknown, BodyInit | null][] = [
    [(ctx) => ctx.queries("a"), null],
    [(ctx) => ctx.url.searchParams.getAll("a"), null],
    [(ctx) => Object.values(ctx.query), null],
    [(ctx) => [...ctx.url.searchParams.values()], null],
    [async (ctx) => (await ctx.multipart()).getAll("a"), texts],
    [async (ctx) => (await ctx.multipart()).getAll("a"), file],
    [
      async (ctx) => Object.values(await ctx.form()),
      new URLSearchParams("a=x&b=home.html"),
    ],
  ];
  for (const [handler, body] of cases) {
    const { router, templates } = setup(handler);
    const init = { method: "POST", body };
    const response = await router.request("/?a=x&a=home.html", init);
    assertEquals(response.headers.get("content-type"), "application/json");
    await response.body?.cancel();
    assertEquals(templates.rendered, []);
  }
});

Deno.test("a handler's own pair around a client's data is a view", async () => {
  const { router, templates } = setup(async (ctx) => {
    return [await ctx.json(), "home.html"];
  });
  const body = '[{},"evil.html"]';
  const init = { method: "POST", headers: JSON_BODY, body };
  const response = await router.request("/", init);
  assertEquals(response.headers.get("content-type"), HTML_TYPE);
  assertEquals(templates.rendered, [["home.html", [{}, "evil.html"]]]);
  await response.body?.cancel();
});

Deno.test("a template that fails, now or later, is a logged 500", async () => {
  for (const name of ["throws.html", "rejects.html"]) {
    for (
      const run of [
        () => [{}, name],
        async () => [{}, name],
        (ctx: Context) => ctx.view(name),
      ]
    ) {
      const { router, log } = setup(run);
      const response = await router.request("/");
      assertEquals(response.status, 500);
      assert(!(await response.text()).includes("template"));
      assert(loggedError(log).message.startsWith("template "));
    }
  }
});

Deno.test("ctx.view renders by name and refuses what is no template", async () => {
  const good = setup((ctx) => ctx.view("home.html", { a: 1 }));
  assertEquals(await summary(await good.router.request("/")), [
    200,
    HTML_TYPE,
    '<p>home.html {"a":1}</p>',
  ]);
  const none = setup((ctx) => ctx.view("no/such.html"));
  assertEquals((await none.router.request("/")).status, 500);
  assertEquals(
    loggedError(none.log).message,
    'Cannot render template "no/such.html": ' +
      "it is not in the folder of templates",
  );
  const log = new MemoryLog();
  const bare = new HttpRouter({ log }).get("/", (ctx) => ctx.view("a.html"));
  assertEquals((await bare.request("/")).status, 500);
  assertEquals(
    loggedError(log).message,
    'Cannot render template "a.html": the application has no templates',
  );
});
