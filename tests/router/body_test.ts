import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  type Context,
  HttpError,
  HttpRouter,
  type HttpRouterOptions,
} from "@oresty/router";
import { MemoryLog } from "./http_fakes.ts";

const JSON_BODY = { "content-type": "application/json" };
const FORM_BODY = { "content-type": "application/x-www-form-urlencoded" };

/** Chunks of a body whose length nobody knows. */
function streamOf(...chunks: (string | Uint8Array)[]): ReadableStream {
  const encoder = new TextEncoder();
  return ReadableStream.from(
    chunks.map((chunk) =>
      typeof chunk === "string" ? encoder.encode(chunk) : chunk
    ),
  );
}

/** What a reader gives, or the status and message of its refusal. */
async function read(
  reader: (ctx: Context) => unknown,
  body: BodyInit | null,
  headers: Record<string, string> = {},
  options: HttpRouterOptions = {},
): Promise<unknown> {
  const router = new HttpRouter({ log: new MemoryLog(), ...options });
  let result: unknown;
  router.post("/", async (ctx) => {
    try {
      result = await reader(ctx as Context);
    } catch (error) {
      assert(error instanceof HttpError, String(error));
      result = `${error.status} ${error.message}`;
    }
    return null;
  });
  await router.request("/", { method: "POST", body, headers });
  return result;
}

const json = (ctx: Context) => ctx.json();
const form = (ctx: Context) => ctx.form();
const text = (ctx: Context) => ctx.text();

Deno.test("text() and bytes() read a body of any type", async () => {
  const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0xff, 0x41);
  assertEquals(await read((ctx) => ctx.bytes(), bytes), bytes);
  assertEquals(await read(text, bytes), "\ufffdA");
  assertEquals(await read(text, "ä中😀", JSON_BODY), "ä中😀");
  assertEquals(await read(text, null), "");
  assertEquals(await read((ctx) => ctx.bytes(), null), new Uint8Array());
  assertEquals(await read(text, streamOf("a", "", "b")), "ab");
  // A character cut in two by the chunks.
  const [first, second] = [Uint8Array.of(0xe4), Uint8Array.of(0xb8, 0xad)];
  assertEquals(await read(text, streamOf(first, second)), "中");
});

Deno.test("json() reads JSON of every type that is JSON", async () => {
  const types = [
    "application/json",
    "APPLICATION/JSON",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8;x=y",
    " application/json ",
    "application/vnd.api+json",
    "application/problem+json; charset=utf-8",
    "text/x+json",
  ];
  for (const type of types) {
    const value = await read(json, '{"a":[1,"ä"]}', { "content-type": type });
    assertEquals(value, { a: [1, "ä"] }, type);
  }
  for (const value of [0, "", null, false, [], {}, "x", -1.5]) {
    assertEquals(await read(json, JSON.stringify(value), JSON_BODY), value);
  }
  assertEquals(await read(json, "\ufeff{}", JSON_BODY), {}, "byte order mark");
  assertEquals(await read(json, " \n\t1\r ", JSON_BODY), 1);
});

Deno.test("json() and form() refuse another type with 415 and Accept", async () => {
  const types = [
    "text/plain",
    "text/json",
    "application/jsonx",
    "application/+json",
    "+json",
    "x/ +json",
    "multipart/form-data; boundary=x",
    "",
  ];
  for (const type of types) {
    const headers: Record<string, string> = type === ""
      ? {}
      : { "content-type": type };
    const body = new TextEncoder().encode("{}");
    const refused = await read(json, body, headers);
    assert(String(refused).startsWith("415 "), `${type}: ${refused}`);
    assert(String(await read(form, body, headers)).startsWith("415 "), type);
  }
  const router = new HttpRouter().post("/", (ctx) => ctx.json());
  const response = await router.request("/", { method: "POST", body: "{}" });
  assertEquals(response.status, 415);
  assertEquals(response.headers.get("accept"), "application/json");
  await response.body?.cancel();
});

Deno.test("json() refuses what is no JSON with 400, without quoting it", async () => {
  const bad = [
    "",
    " ",
    "{",
    '{"password":hunter2}',
    "[1,]",
    "{'a':1}",
    "NaN",
    "undefined",
    '"\n"',
    "1 2",
    "\0",
    "tru",
    '"\\x"',
  ];
  for (const body of bad) {
    const refused = String(await read(json, body, JSON_BODY));
    assert(refused.startsWith("400 The body is no JSON: "), refused);
    assert(!refused.includes("hunter2"), refused);
  }
  assertEquals(
    await read(json, '{"a":1,\n oops}', JSON_BODY),
    "400 The body is no JSON: unexpected text at position 9 (line 2 column 2)",
  );
  // The engine names no place for these, but quotes the body.
  assertEquals(
    await read(json, "[hunter2]", JSON_BODY),
    "400 The body is no JSON: unexpected text",
  );
  assertEquals(
    await read(json, '{"a":', JSON_BODY),
    "400 The body is no JSON: it ends early",
  );
});

Deno.test("JSON over 512 levels is 400, at once", async () => {
  const nested = (open: string, close: string, levels: number) =>
    open.repeat(levels) + "1" + close.repeat(levels);
  const tooDeep = "400 The JSON is nested over 512 levels";
  for (const [open, close] of [["[", "]"], ['{"a":', "}"], ['[{"a":', "}]"]]) {
    const step = open!.match(/[[{]/g)!.length;
    const most = Math.floor(512 / step);
    assert(
      typeof await read(json, nested(open!, close!, most), JSON_BODY) ===
        "object",
    );
    assertEquals(
      await read(json, nested(open!, close!, most + 1), JSON_BODY),
      tooDeep,
    );
    const start = performance.now();
    for (
      const body of [nested(open!, close!, 100_000), open!.repeat(100_000)]
    ) {
      assertEquals(await read(json, body, JSON_BODY), tooDeep);
    }
    assert(performance.now() - start < 500);
  }
  // Brackets in texts are no levels, nor are neighbours.
  const brackets = JSON.stringify({ a: '["{'.repeat(2000), b: "\\" });
  assertEquals(await read(json, brackets, JSON_BODY), JSON.parse(brackets));
  const wide = JSON.stringify(Array.from({ length: 5000 }, () => [{}]));
  assertEquals(await read(json, wide, JSON_BODY), JSON.parse(wide));
});

Deno.test("prototype keys are names like any other", async () => {
  const keys = '{"__proto__":{"admin":true},"constructor":{"prototype":{}}}';
  const value = await read(json, keys, JSON_BODY) as Record<string, unknown>;
  assert(Object.hasOwn(value, "__proto__"));
  assert(!("admin" in value) && !("admin" in {}));
  const fields = await read(
    form,
    "__proto__=1&constructor=2&toString=3&__proto__[admin]=4",
    FORM_BODY,
  ) as Record<string, string>;
  assertStrictEquals(Object.getPrototypeOf(fields), null);
  assertEquals(Object.keys(fields), [
    "__proto__",
    "constructor",
    "toString",
    "__proto__[admin]",
  ]);
  assertEquals(fields["__proto__"], "1");
});

Deno.test("form() reads urlencoded fields, the last of a name counts", async () => {
  const cases: [string, Record<string, string>][] = [
    ["", {}],
    ["a=1&b=2", { a: "1", b: "2" }],
    ["a=1&a=2", { a: "2" }],
    ["a", { a: "" }],
    ["a=&=b", { a: "", "": "b" }],
    ["&&a=1&&", { a: "1" }],
    ["a=b=c", { a: "b=c" }],
    ["a+b=c+d", { "a b": "c d" }],
    ["a=%E4%B8%AD%26&%3D=x", { a: "中&", "=": "x" }],
    ["a=%zz&b=%", { a: "%zz", b: "%" }],
    ["a=%FF", { a: "\ufffd" }],
    ["a[]=1&a[]=2", { "a[]": "2" }],
  ];
  for (const [body, fields] of cases) {
    assertEquals(await read(form, body, FORM_BODY), fields, body);
  }
  const charset = "application/x-www-form-urlencoded; charset=UTF-8";
  assertEquals(await read(form, "a=ä", { "content-type": charset }), {
    a: "ä",
  });
});

Deno.test("multipart() reads parts and files", async () => {
  const data = new FormData();
  data.append("a", "1");
  data.append("a", "2");
  data.append("f", new File(["content"], "ä.txt", { type: "text/css" }));
  const got = await read((ctx) => ctx.multipart(), data) as FormData;
  assertEquals(got.getAll("a"), ["1", "2"]);
  const file = got.get("f") as File;
  assertEquals([file.name, file.type], ["ä.txt", "text/css"]);
  assertEquals(await file.text(), "content");
});

Deno.test("multipart() refuses what is cut off or malformed with 400", async () => {
  const type = "multipart/form-data; boundary=B";
  const bad: [body: string, type: string][] = [
    ["", type],
    ["--B", type],
    ['--B\r\ncontent-disposition: form-data; name="a"\r\n\r\n1', type],
    ['--B\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--B', type],
    ["no boundary at all", type],
    ["--B--", "multipart/form-data"],
    ["--B--", "multipart/form-data; boundary="],
  ];
  for (const [body, contentType] of bad) {
    const bytes = new TextEncoder().encode(body);
    const headers = { "content-type": contentType };
    assertEquals(
      await read((ctx) => ctx.multipart(), bytes, headers),
      "400 The multipart body is malformed",
      JSON.stringify(body),
    );
  }
});

Deno.test("a body over the limit is 413, with a length and without", async () => {
  const options = { bodyLimit: 10 };
  const over = "413 The body is over 10 bytes";
  assertEquals(await read(text, "x".repeat(10), {}, options), "x".repeat(10));
  assertEquals(await read(text, "x".repeat(11), {}, options), over);
  // Bytes, not characters.
  assertEquals(await read(text, "中".repeat(4), {}, options), over);
  const chunks = Array.from({ length: 11 }, () => "x");
  assertEquals(await read(text, streamOf(...chunks), {}, options), over);
  assertEquals(
    await read(text, streamOf(...chunks.slice(1)), {}, options),
    "x".repeat(10),
  );
  for (const length of ["11", "1e9", "99999999999999999999"]) {
    const headers = { "content-length": length };
    assertEquals(await read(text, "x", headers, options), over, length);
  }
  // A length that is too small, or none, is not believed.
  for (const length of ["5", "0", "-1", "x"]) {
    const headers = { "content-length": length };
    assertEquals(await read(text, "x".repeat(11), headers, options), over);
  }
  assertEquals(
    await read(text, "x", {}, { bodyLimit: 0 }),
    "413 The body is over 0 bytes",
  );
  assertEquals(await read(text, "", {}, { bodyLimit: 0 }), "");
});

Deno.test("a body without end is stopped at the limit", async () => {
  let pulled = 0;
  let cancelled = false;
  const endless = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(1000));
    },
    cancel() {
      cancelled = true;
    },
  });
  const options = { bodyLimit: "10k" };
  assertEquals(
    await read(text, endless, {}, options),
    "413 The body is over 10240 bytes",
  );
  assert(cancelled);
  assert(pulled < 20, `${pulled} chunks`);
});

Deno.test("a body that stalls is 408", async () => {
  const stalled = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("a"));
    },
  });
  assertEquals(
    await read(text, stalled, {}, { bodyTimeout: "10ms" }),
    "408 The body was not here within 0.01 seconds",
  );
});

Deno.test("a body that breaks is 400", async () => {
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("a"));
    },
    pull(controller) {
      controller.error(new Error("connection reset"));
    },
  });
  assertEquals(await read(text, broken), "400 The body ended early");
});

Deno.test("a body is read once and given as often as one likes", async () => {
  const result = await read(
    async (ctx) => {
      const first = await ctx.json();
      return [
        first === await ctx.json(),
        await ctx.text(),
        (await ctx.bytes()).length,
        await ctx.input(),
        await Promise.all([ctx.text(), ctx.text()]),
      ];
    },
    '{"a":1}',
    JSON_BODY,
  );
  assertEquals(result, [
    true,
    '{"a":1}',
    7,
    { a: 1 },
    ['{"a":1}', '{"a":1}'],
  ]);
});

Deno.test("a refusal stays the same however often one asks", async () => {
  const result = await read(
    async (ctx) => {
      const statuses = [];
      for (const reader of [text, text, (ctx: Context) => ctx.bytes()]) {
        statuses.push(
          await reader(ctx).then(() => 200, (error: HttpError) => error.status),
        );
      }
      return statuses;
    },
    "x".repeat(20),
    {},
    { bodyLimit: 10 },
  );
  assertEquals(result, [413, 413, 413]);
});

Deno.test("a body that somebody else has read is an error that says so", async () => {
  const log = new MemoryLog();
  const router = new HttpRouter({ log });
  router.post("/", async (ctx) => {
    await ctx.request.text();
    return await ctx.text();
  });
  const response = await router.request("/", { method: "POST", body: "x" });
  assertEquals(response.status, 500);
  assert(log.lines[0]?.message.startsWith("Cannot read the body: it was read"));
});

Deno.test("a route's limit holds for its middleware as well", async () => {
  const router = new HttpRouter({ bodyLimit: 10 });
  router.use(async (ctx, next) => {
    await ctx.text();
    return await next();
  });
  router.post("/more", { bodyLimit: 100 }, async (ctx) => await ctx.text());
  router.post("/less", { bodyLimit: 5 }, async (ctx) => await ctx.text());
  router.post("/same", async (ctx) => await ctx.text());
  const cases: [path: string, size: number, status: number][] = [
    ["/more", 100, 200],
    ["/more", 101, 413],
    ["/less", 5, 200],
    ["/less", 6, 413],
    ["/same", 10, 200],
    ["/same", 11, 413],
  ];
  for (const [path, size, status] of cases) {
    const body = "x".repeat(size);
    const response = await router.request(path, { method: "POST", body });
    assertEquals(response.status, status, `${path} ${size}`);
    await response.body?.cancel();
  }
});
