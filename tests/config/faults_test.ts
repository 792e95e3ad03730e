import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  ConfigError,
  defineConfig,
  duration,
  int,
  list,
  secret,
  type Shape,
  size,
  text,
  url,
} from "@oresty/config";
import * as v from "valibot";
import { needs } from "../permissions.ts";
import { TestFolder, variables } from "./folder.ts";

const ignore = !needs("read", "write");

/** Takes everything as it is. */
const anything = {
  "~standard": {
    version: 1 as const,
    vendor: "test",
    validate: (value: unknown) => ({ value }),
  },
};

function test(name: string, fn: () => Promise<void>) {
  Deno.test({ name: `config: ${name}`, ignore, fn });
}

async function load(files: Record<string, string>, over: object = {}) {
  await using folder = await TestFolder.make(files);
  const config = await defineConfig({
    schema: anything,
    dir: folder.path,
    environment: variables(),
    ...over,
  });
  return config.value;
}

async function problemsOf(
  files: Record<string, string>,
  over: object = {},
): Promise<string[]> {
  const error = await assertRejects(() => load(files, over), ConfigError);
  assert(!/s3cret/.test(error.message + error.stack), error.message);
  return error.problems.map(({ path, message }) => `${path}: ${message}`);
}

const MARK = "\uFEFF";

test("a mark before the text is no part of it", async () => {
  assertEquals(
    await load({
      "config_dev/a.json": `${MARK}{"x": 1}`,
      "config_dev/b.jsonc": `${MARK}{"x": 2}`,
      "config_dev/c.toml": `${MARK}x = 3`,
      ".env": `${MARK}D=4`,
    }, { variables: { D: "d" } }),
    { a: { x: 1 }, b: { x: 2 }, c: { x: 3 }, d: "4" },
  );
});

test(".env: quotes, lines, comments, export, CRLF, empty", async () => {
  const names = ["A", "B", "C", "D", "E", "F", "G", "H"];
  assertEquals(
    await load({
      ".env":
        `# first\r\nA=1\r\nexport B="two words" # why\r\nC='# no comment'\r\n` +
        `D="two\nlines"\r\nE=\r\nF = a=b \r\nG=plain # why\r\nnonsense\r\n`,
    }, {
      variables: Object.fromEntries(names.map((n) => [n, `of.${n}`])),
    }),
    {
      of: {
        A: "1",
        B: "two words",
        C: "# no comment",
        D: "two\nlines",
        F: "a=b",
        G: "plain",
      },
    },
  );
});

test("a broken file is told with its line, not with its text", async () => {
  assertEquals(
    await problemsOf({
      "config_dev/a.json": `{\n  "password": "s3cret"\n  "b": 1\n}`,
      "config_dev/b.json": `{\n  "password": "s3cret`,
      "config_dev/c.jsonc": `{\n  // why\n  "password": s3cret\n}`,
      "config_dev/d.toml": `x = 1\npassword = "s3cret\n`,
      "config_dev/e.ts": `export default {\n  password: "s3cret" port };`,
      "config_dev/f.json": ``,
      "config_dev/g.json": `{"a": 1} // no comments here`,
      "config_dev/h.ts": `throw new Error("redis://u:s3cret@h is down");`,
      "config_dev/i.ts": `export const port = 1;`,
    }),
    [
      "config_dev/a.json: is malformed, line 3",
      "config_dev/b.json: is malformed, line 2",
      "config_dev/c.jsonc: is malformed, line 3",
      "config_dev/d.toml: is malformed, line 2",
      "config_dev/e.ts: is malformed, line 2",
      "config_dev/f.json: is malformed, line 1",
      "config_dev/g.json: is malformed, line 1",
      "config_dev/h.ts: redis://[secret]@h is down",
      "config_dev/i.ts: expected an object",
    ],
  );
});

test("what stands where a file or folder should be", async () => {
  assertEquals(
    await problemsOf({
      "config_dev/a.json/x.txt": "a folder",
      "config_dev/b.json@": "nowhere",
      "config_dev/c.json@": "c.json",
      ".env/bin": "a folder",
    }),
    [
      "config_dev/a.json: expected a file",
      "config_dev/b.json: is missing",
      "config_dev/c.json: is a link that leads to itself",
      ".env: expected a file",
    ],
  );
  assertEquals(
    await problemsOf({ ".env": "A=".padEnd(2_000_000, "1") }),
    [".env: has 2000000 bytes, expected at most 1048576"],
  );
  const [file] = await problemsOf({ "config_dev": "a file" });
  assert(file?.endsWith("/config_dev: is a file, expected a folder"), file);
  assertEquals(await problemsOf({}, { dir: "/nowhere" }), [
    "/nowhere: is missing",
  ]);
  assertEquals(await load({ "config_dev/json": "no ending" }), {});
});

test("an environment that is misspelled is told with the nearest", async () => {
  const files = { "config_prod/a.json": "{}", "config_test/a.json": "{}" };
  assertEquals(await problemsOf(files, { env: "prd" }), [
    `config_prd: is missing, did you mean "config_prod"?`,
  ]);
});

test("parts win over config.json, whatever their names", async () => {
  assertEquals(
    await load({
      "config_dev/config.json": `{"app": {"x": 1}, "redis": {"x": 1}}`,
      "config_dev/app.json": `{"x": 2}`,
      "config_dev/redis.json": `{"x": 2}`,
    }),
    { app: { x: 2 }, redis: { x: 2 } },
  );
});

test("__proto__ is refused as a name of a file and of a variable's path", async () => {
  assertEquals(
    await problemsOf({
      "config_dev/__proto__.json": `{"admin": true}`,
      "config_dev/b.jsonc": `{"__proto__": {"admin": true}}`,
      "config_dev/c.toml": `[__proto__]\nadmin = true`,
    }, {
      variables: { A: "__proto__.admin" },
      environment: variables({ A: "1" }),
    }),
    [
      `config_dev/__proto__.json: has a key "__proto__"`,
      `config_dev/b.jsonc: has a key "__proto__"`,
      `config_dev/c.toml: has a key "__proto__"`,
      `environment: has a key "__proto__"`,
    ],
  );
  const value = await load({
    "config_dev/a.json": `{"constructor": {"prototype": {"admin": true}}}`,
  });
  assertEquals(Object.keys(value as object), ["a"]);
  assertEquals(({} as Record<string, unknown>)["admin"], undefined);
});

test("variables whose paths cross are told", async () => {
  const environment = variables({ A: "1", B: "2" });
  for (const [a, b] of [["x", "x.y"], ["x.y", "x"]]) {
    const [problem] = await problemsOf({}, {
      variables: { A: a, B: b },
      environment,
    });
    assert(problem?.startsWith(`environment: B sets "${b}"`), problem);
  }
});

test("credentials of a URL and what is inside of an object are in no error", async () => {
  const bad: unknown[] = [
    "redis://user:s3cret@host name/0",
    "redis://user:s3 cret-s3cret@ho st",
    `redis://user:s3cret"s3cret@ho st`,
    `redis://user:${"s3cret".repeat(50)}@host name`,
    "1user:s3cret@host",
    "/user:s3cret@host",
    { password: "s3cret" },
    [["s3cret"]],
  ];
  for (const value of bad) {
    for (const reader of [url(), int(), size(), list(int())]) {
      const error = await assertRejects(
        () => load({}, { schema: { x: reader }, overrides: { x: value } }),
        ConfigError,
      );
      assert(!/s3cret|s3 cret/.test(error.message), error.message);
    }
  }
});

test("a schema of another library shows no secret either", async () => {
  const schema = v.object({
    redis: v.object({ password: v.string(), url: v.pipe(v.string(), v.url()) }),
    apiKey: v.string(),
    tokens: v.array(v.string()),
    secret: v.string(),
  });
  assertEquals(
    await problemsOf({
      "config_dev/config.json": `{
        "redis": { "password": 731973, "url": "redis://u:s3cret@ho st" },
        "apiKey": 731973,
        "tokens": [731973]
      }`,
    }, { schema }),
    [
      "redis.password: is not what was expected (a secret, not shown)",
      `redis.url: Invalid URL: Received "redis://[secret]@ho st"`,
      "apiKey: is not what was expected (a secret, not shown)",
      "tokens.0: is not what was expected (a secret, not shown)",
      `secret: Invalid key: Expected "secret" but received undefined`,
    ],
  );
});

test("a schema that answers later, or throws", async () => {
  const later = v.objectAsync({
    a: v.pipeAsync(v.number(), v.checkAsync(async (n) => n > 1, "too small")),
  });
  assertEquals(await load({}, { schema: later, overrides: { a: 2 } }), {
    a: 2,
  });
  assertEquals(
    await problemsOf({}, { schema: later, overrides: { a: 1 } }),
    ["a: too small"],
  );
  const broken = {
    "~standard": {
      ...anything["~standard"],
      validate: () => {
        throw new Error("is broken");
      },
    },
  };
  assertEquals(await problemsOf({}, { schema: broken }), ["schema: is broken"]);
});

test("what is no schema is refused", async () => {
  for (
    const [schema, words] of [
      [undefined, "expected an object of readers"],
      [int(), "expected an object of readers"],
      [{ a: { b: 1 } }, `Cannot use "a.b" of the schema`],
      [{ a: v.object({}) }, `Cannot use "a" of the schema`],
    ] as const
  ) {
    await assertRejects(() => load({}, { schema }), TypeError, words);
  }
  const around: Record<string, unknown> = {};
  around["x"] = around;
  await assertRejects(() => load({}, { schema: around as Shape }), TypeError);
});

test("sources that fail, hang or give no object are problems, all at once", async () => {
  const start = performance.now();
  const source = (name: string, current: () => unknown) => ({ name, current });
  assertEquals(
    await problemsOf({ "config_dev/a.json": "[]" }, {
      sourceTimeout: 0.05,
      sources: [
        source("one", () => {
          throw new Error("http://u:s3cret@h refused");
        }),
        source("two", () => Promise.reject(new Error("gone\nat s3cret"))),
        source("three", () => new Promise(() => {})),
        source("four", () => null),
        source("five", () => ["a"]),
        source("six", () => JSON.parse(`{"__proto__": {"admin": true}}`)),
      ],
      overrides: [1],
    }),
    [
      "config_dev/a.json: expected an object",
      "one: http://[secret]@h refused",
      "two: gone",
      "three: has not answered within 0.05 s",
      "four: expected an object",
      "five: expected an object",
      `six: has a key "__proto__"`,
      "overrides: expected an object",
    ],
  );
  assert(performance.now() - start < 3000);
});

test("a subscription or publisher that fails at the start ends the others", async () => {
  let subscribed = 0;
  const source = {
    name: "one",
    current: () => ({}),
    subscribe: () => (subscribed++, () => subscribed--),
  };
  const bad = {
    ...source,
    name: "two",
    subscribe: () => Promise.reject(new Error("no watch")),
  };
  assertEquals(await problemsOf({}, { sources: [source, bad] }), [
    "two: no watch",
  ]);
  assertEquals(subscribed, 0);
  const publisher = { publish: () => Promise.reject(new Error("no channel")) };
  assertEquals(await problemsOf({}, { publisher }), ["publisher: no channel"]);
});

test("lists of layers are copied, and everything is frozen", async () => {
  const inner = { hosts: ["a"] };
  const list = [inner];
  const value = await load({}, {
    overrides: Object.freeze({ list, set: Object.freeze([{ a: 1 }]) }),
  }) as { list: { hosts: string[] }[]; set: { a: number }[] };
  inner.hosts.push("mine");
  assertEquals(value.list[0]!.hosts, ["a"]);
  assertThrows(() => value.list[0]!.hosts.push("b"), TypeError);
  assertThrows(() => value.set[0]!.a = 2, TypeError);
});

test("times between looks are between 10 ms and a day", async () => {
  for (const watch of [0, 0.001, 90_000, "2d"]) {
    await assertRejects(() => load({}, { watch }), RangeError, "watch");
  }
  await assertRejects(() => load({}, { watch: "soon" }), TypeError, "watch");
  await assertRejects(() => load({}, { sourceTimeout: 0 }), RangeError);
});

Deno.test("config: defaults with a unit, and a secret's as a text", () => {
  assertEquals(duration({ default: "500ms" }).read(undefined), 0.5);
  assertEquals(size({ default: "1m" }).read(undefined), 1_048_576);
  assertThrows(() => duration({ default: "soon" }), TypeError, "default");
  assertThrows(() => size({ default: -1 }), RangeError, "default");
  const reader = secret({ default: "guest", env: "SOME" });
  assertEquals(reader.env, "SOME");
  assertEquals(reader.read(undefined).reveal(), "guest");
  assertEquals(`${reader.read(undefined)}`, "[secret]");
});

Deno.test("config: a list of no text is empty, a host and port are no URL", () => {
  assertEquals(list(text()).read(" "), []);
  assertThrows(() => url().read("localhost:8080/x"), Error, "an absolute URL");
  assertEquals(url().read("unix:/run/x.sock"), "unix:/run/x.sock");
});
