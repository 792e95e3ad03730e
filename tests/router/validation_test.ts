import { assert, assertEquals } from "@std/assert";
import { HttpRouter, type RouteOptions, type Schema } from "@oresty/router";
import * as v from "valibot";
import { MemoryLog } from "./http_fakes.ts";

const JSON_BODY = { "content-type": "application/json" };

/** A schema by hand: a whole number written as text or number. */
function wholeNumber(isAsync: boolean): Schema<{ n: number }> {
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate(value) {
        const n = Number((value as { n?: unknown }).n);
        const result = Number.isInteger(n)
          ? { value: { n } }
          : { issues: [{ message: "whole", path: ["n"] }] };
        return isAsync ? Promise.resolve(result) : result;
      },
    },
  };
}

async function post(
  router: HttpRouter,
  body: BodyInit | null,
  headers: Record<string, string> = JSON_BODY,
): Promise<[status: number, body: Record<string, unknown>]> {
  const response = await router.request("/", { method: "POST", body, headers });
  const text = await response.text();
  return [response.status, text === "" ? {} : JSON.parse(text)];
}

const User = v.object({
  name: v.pipe(v.string(), v.minLength(1)),
  tags: v.optional(v.array(v.string()), []),
});

Deno.test("params, query and body are validated and typed", async () => {
  const router = new HttpRouter();
  router.post("/:id", {
    params: v.object({ id: v.pipe(v.string(), v.transform(Number)) }),
    query: v.object({ page: v.optional(v.string(), "1") }),
    body: User,
  }, (ctx) => {
    const { params, query, body } = ctx.valid;
    const sum: number = params.id + 1;
    const tags: string[] = body.tags;
    return { sum, page: query.page, name: body.name, tags, raw: ctx.params.id };
  });
  const response = await router.request("/41", {
    method: "POST",
    headers: JSON_BODY,
    body: '{"name":"Ada"}',
  });
  assertEquals(await response.json(), {
    sum: 42,
    page: "1",
    name: "Ada",
    tags: [],
    raw: "41",
  });
});

Deno.test("what is not valid is answered with all issues", async () => {
  const router = new HttpRouter({ log: new MemoryLog() });
  router.post("/", { body: User }, () => "reached");
  const [status, body] = await post(router, '{"name":"","tags":["a",1]}');
  assertEquals(status, 422);
  assertEquals(body["err"], "The body is not valid");
  const issues = body["issues"] as { path: unknown; message: string }[];
  assertEquals(issues.map(({ path }) => path), [
    ["body", "name"],
    ["body", "tags", 1],
  ]);
  assert(issues.every(({ message }) => message.startsWith("Invalid")));
  const [, missing] = await post(router, "{}");
  assertEquals(
    (missing["issues"] as { path: unknown }[]).map(({ path }) => path),
    [["body", "name"]],
  );
});

Deno.test("params and query that are not valid are 400, the body is 422", async () => {
  const cases: [keyof RouteOptions, status: number][] = [
    ["params", 400],
    ["query", 400],
    ["body", 422],
  ];
  for (const isAsync of [false, true]) {
    for (const [part, status] of cases) {
      let reached = false;
      const router = new HttpRouter({ log: new MemoryLog() });
      router.post("/", { [part]: wholeNumber(isAsync) }, () => reached = true);
      const [got, body] = await post(router, '{"n":"x"}');
      assertEquals(got, status, part);
      assertEquals(body["err"], `The ${part} is not valid`);
      assertEquals(body["issues"], [{ path: [part, "n"], message: "whole" }]);
      assert(!reached);
    }
  }
});

Deno.test("a schema may be async, of any library", async () => {
  for (const isAsync of [false, true]) {
    const router = new HttpRouter();
    router.post("/", { body: wholeNumber(isAsync) }, (ctx) => ctx.valid.body);
    assertEquals(await post(router, '{"n":"7"}'), [200, { n: 7 }]);
  }
  const slow = v.pipeAsync(
    v.string(),
    v.checkAsync(async (text) => await Promise.resolve(text === "free")),
  );
  const router = new HttpRouter();
  const body = v.objectAsync({ name: slow });
  router.post("/", { body }, (ctx) => ({ taken: ctx.valid.body.name }));
  assertEquals(await post(router, '{"name":"free"}'), [200, { taken: "free" }]);
  const [status] = await post(router, '{"name":"used"}');
  assertEquals(status, 422);
});

Deno.test("the parts are checked in order, the first wrong one answers", async () => {
  const order: string[] = [];
  const spy = (name: string, isRight: boolean): Schema => ({
    "~standard": {
      version: 1,
      vendor: "test",
      validate(value) {
        order.push(name);
        return isRight ? { value } : { issues: [{ message: name }] };
      },
    },
  });
  const router = new HttpRouter();
  router.post("/", {
    body: spy("body", false),
    query: spy("query", false),
    params: spy("params", true),
  }, () => 1);
  const [status, body] = await post(router, "{}");
  assertEquals([status, order], [400, ["params", "query"]]);
  assertEquals(body["issues"], [{ path: ["query"], message: "query" }]);
});

Deno.test("issues have paths of names and numbers", async () => {
  const symbol = Symbol("s");
  const schema: Schema = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: () => ({
        issues: [
          { message: "a", path: [{ key: "x" }, { key: 0 }, "y", 1] },
          { message: "b", path: [symbol] },
          { message: "c", path: undefined },
          { message: "d" },
        ],
      }),
    },
  };
  const router = new HttpRouter().post("/", { query: schema }, () => 1);
  const [, body] = await post(router, null);
  assertEquals(body["issues"], [
    { path: ["query", "x", 0, "y", 1], message: "a" },
    { path: ["query", "Symbol(s)"], message: "b" },
    { path: ["query"], message: "c" },
    { path: ["query"], message: "d" },
  ]);
});

Deno.test("a body is validated from JSON and from both kinds of form", async () => {
  const router = new HttpRouter();
  router.post("/", { body: v.object({ a: v.string() }) }, (ctx) => {
    return ctx.valid.body;
  });
  const form = new URLSearchParams({ a: "1" });
  assertEquals(await post(router, form, {}), [200, { a: "1" }]);
  const multipart = new FormData();
  multipart.append("a", "1");
  assertEquals(await post(router, multipart, {}), [200, { a: "1" }]);
  assertEquals(await post(router, '{"a":"1"}'), [200, { a: "1" }]);
  const problem = { "content-type": "application/vnd.api+json" };
  assertEquals(await post(router, '{"a":"1"}', problem), [200, { a: "1" }]);
});

Deno.test("a body that cannot be read is no matter of the schema", async () => {
  const router = new HttpRouter({ bodyLimit: 20 });
  router.post("/", { body: v.any() }, () => "reached");
  const cases: [BodyInit | null, Record<string, string>, number][] = [
    ["{", JSON_BODY, 400],
    ["", JSON_BODY, 400],
    [null, {}, 415],
    ["a", { "content-type": "text/plain" }, 415],
    [JSON.stringify("x".repeat(30)), JSON_BODY, 413],
  ];
  for (const [body, headers, status] of cases) {
    const [got, answer] = await post(router, body, headers);
    assertEquals(got, status);
    assertEquals(answer["issues"], undefined);
  }
});

Deno.test("a schema that throws is a 500", async () => {
  const failures: Schema["~standard"]["validate"][] = [
    () => {
      throw new Error("schema");
    },
    () => Promise.reject(new Error("schema")),
  ];
  for (const validate of failures) {
    const log = new MemoryLog();
    const router = new HttpRouter({ log });
    const schema = {
      "~standard": { version: 1, vendor: "t", validate },
    } as const;
    router.post("/", { query: schema }, () => 1);
    assertEquals((await post(router, null))[0], 500);
    assertEquals(log.lines[0]?.message, "schema");
  }
});

Deno.test("a validated body is read again without being gone", async () => {
  const router = new HttpRouter();
  router.post("/", { body: v.any() }, async (ctx) => ({
    text: await ctx.text(),
    json: await ctx.json(),
    input: await ctx.input(),
  }));
  assertEquals(await post(router, '{"a":1}'), [
    200,
    { text: '{"a":1}', json: { a: 1 }, input: { a: 1 } },
  ]);
});

Deno.test("prototype keys reach a schema as names and nothing else", async () => {
  const seen: object[] = [];
  const spy: Schema = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate(value) {
        seen.push(value as object);
        return { value };
      },
    },
  };
  const router = new HttpRouter();
  router.post("/", { query: spy, body: spy }, () => null);
  const bodies: [BodyInit, Record<string, string>][] = [
    ['{"__proto__":{"admin":true}}', JSON_BODY],
    [new URLSearchParams("__proto__=x&constructor=y"), {}],
  ];
  for (const [body, headers] of bodies) {
    await router.request("/?__proto__=q&constructor=q", {
      method: "POST",
      headers,
      body,
    });
  }
  assertEquals(seen.length, 4);
  for (const value of seen) {
    assert(Object.getPrototypeOf(value) === Object.prototype);
    assert(Object.hasOwn(value, "__proto__"));
    assert(!("admin" in value));
  }
  assert(!("admin" in {}));
});

Deno.test("without schemas ctx.valid is undefined", async () => {
  const router = new HttpRouter();
  router.get("/", (ctx) => ({ none: ctx.valid === undefined }));
  assertEquals(await (await router.request("/")).json(), { none: true });
});
