import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  bool,
  ConfigError,
  defineConfig,
  duration,
  int,
  list,
  number,
  oneOf,
  optional,
  secret,
  size,
  text,
  url,
} from "@oresty/config";
import * as v from "valibot";
import { needs } from "../permissions.ts";
import { TestFolder, variables } from "./folder.ts";

const ignore = !needs("read", "write");

function test(name: string, fn: () => Promise<void>) {
  Deno.test({ name: `config: ${name}`, ignore, fn });
}

const schema = {
  app: {
    name: text({ default: "none" }),
    port: int({ default: 1, env: "PORT", min: 0, max: 65535 }),
  },
};

test("layers win in their order", async () => {
  await using folder = await TestFolder.make({});
  const load = async (over: object = {}, env: Record<string, string> = {}) => {
    const config = await defineConfig({
      schema,
      dir: folder.path,
      environment: variables(env),
      ...over,
    });
    return config.value.app.port;
  };
  assertEquals(await load(), 1);
  await folder.write("config_default/app.json", `{"port": 2}`);
  assertEquals(await load(), 2);
  await folder.write("config_dev/app.toml", "port = 3\n");
  assertEquals(await load(), 3);
  const sources = [4, 5].map((port) => ({
    name: `source ${port}`,
    current: () => ({ app: { port } }),
  }));
  assertEquals(await load({ sources }), 5);
  await folder.write(".env", "PORT=6\n");
  assertEquals(await load({ sources }), 6);
  assertEquals(await load({ sources, envFile: false }), 5);
  assertEquals(await load({ sources }, { PORT: "7" }), 7);
  assertEquals(await load({ sources }, { PORT: "" }), 6);
  const overrides = { app: { port: 8 } };
  assertEquals(await load({ sources, overrides }, { PORT: "7" }), 8);
});

test("formats, parts, and what stands at the top", async () => {
  await using folder = await TestFolder.make({
    "config_dev/a.json": `{"x": 1}`,
    "config_dev/b.jsonc": `{ /* why */ "x": 2, }`,
    "config_dev/c.toml": `x = 3`,
    "config_dev/d.ts": `export default { x: 4 };`,
    "config_dev/config.json": `{"top": 5, "a": {"y": 6}}`,
    "config_dev/notes.md": "no configuration",
    "config_dev/.hidden.json": "{",
  });
  const part = { x: int() };
  const config = await defineConfig({
    schema: {
      a: { x: int(), y: int() },
      b: part,
      c: part,
      d: part,
      top: int(),
    },
    dir: folder.path,
    environment: variables(),
  });
  assertEquals(config.value, {
    a: { x: 1, y: 6 },
    b: { x: 2 },
    c: { x: 3 },
    d: { x: 4 },
    top: 5,
  });
});

test("the link says which environment, ORESTY_ENV wins over it", async () => {
  await using folder = await TestFolder.make({
    "config_dev/app.json": `{"name": "dev"}`,
    "config_prod/app.json": `{"name": "prod"}`,
    "config@": "config_prod",
  });
  const load = async (env: Record<string, string>, over: object = {}) => {
    const config = await defineConfig({
      schema,
      dir: folder.path,
      environment: variables(env),
      ...over,
    });
    return [config.env, config.value.app.name];
  };
  assertEquals(await load({}), ["prod", "prod"]);
  assertEquals(await load({ ORESTY_ENV: "dev" }), ["dev", "dev"]);
  assertEquals(await load({ ORESTY_ENV: "dev" }, { env: "prod" }), [
    "prod",
    "prod",
  ]);
  // As `ln -s config_dev config` does when the link is there already.
  await folder.link("config_prod/config_dev", "config_dev");
  await folder.link("config_dev/config_dev", "config_dev");
  assertEquals(await load({}), ["prod", "prod"]);
  for (const env of ["none", "../prod", "a b"]) {
    await assertRejects(() => load({ ORESTY_ENV: env }), ConfigError, env);
  }
  for (
    const [target, words] of [
      ["config", "is missing"],
      ["/etc", "expected one to config_<env>"],
      ["config_gone", "config_gone: is missing"],
    ] as const
  ) {
    await folder.link("config", target);
    const found = await load({}).catch((error) => error);
    assert(found instanceof ConfigError, target);
    if (target !== "config") assert(found.message.includes(words), target);
  }
});

test("a folder named config is an error, none at all are the defaults", async () => {
  await using folder = await TestFolder.make({});
  const load = () =>
    defineConfig({ schema, dir: folder.path, environment: variables() });
  assertEquals((await load()).value, { app: { name: "none", port: 1 } });
  await folder.write("config/app.json", "{}");
  await assertRejects(load, ConfigError, "expected a link to config_<env>");
});

test("everything that is wrong is said at once", async () => {
  await using folder = await TestFolder.make({
    "config_dev/app.json": `{"name": 7, "port": 70000, "prot": 1}`,
    "config_dev/redis.json": `"no object"`,
    "config_dev/broken.json": `{"password": "1234", `,
    "config_dev/proto.json": `{"a": {"__proto__": {"admin": true}}}`,
  });
  const error = await assertRejects(
    () =>
      defineConfig({
        schema: { ...schema, key: text(), redis: { port: int({ env: "RP" }) } },
        dir: folder.path,
        environment: variables(),
      }),
    ConfigError,
  );
  assertEquals(
    error.problems.map(({ path, message }) => `${path}: ${message}`),
    [
      "config_dev/broken.json: " +
      error.problems[0]!.message,
      `config_dev/proto.json: has a key "__proto__"`,
      "config_dev/redis.json: expected an object",
      `app.prot: is unknown, did you mean "port"?`,
      "app.name: 7 was given, expected a text",
      "app.port: 70000 was given, expected at most 65535",
      "key: is missing",
      "redis.port: is missing, and so is the environment variable RP",
    ],
  );
  assert(error.message.startsWith("Cannot use the configuration: 8 problems"));
  assert(!error.message.includes("1234"));
  assertEquals(({} as Record<string, unknown>)["admin"], undefined);
});

test("a secret is in no error, no JSON and no inspection", async () => {
  await using folder = await TestFolder.make({
    "config_dev/config.json": `{"password": 123456, "keys": ["abcdef", 9]}`,
  });
  const load = (env: Record<string, string>) =>
    defineConfig({
      schema: {
        password: secret({ env: "PASSWORD" }),
        keys: list(secret(), { env: "KEYS" }),
      },
      dir: folder.path,
      environment: variables(env),
    });
  const error = await assertRejects(() => load({}), ConfigError);
  assertEquals(error.problems.length, 2);
  assert(!/123456|abcdef/.test(error.message + error.stack));
  const { value } = await load({ PASSWORD: "s3cret", KEYS: "k1x, k2x" });
  const shown = JSON.stringify(value) + Deno.inspect(value) +
    `${value.password}${value.keys}`;
  assert(!/s3cret|k1x|k2x/.test(shown), shown);
  assertEquals(value.password.reveal(), "s3cret");
  assertEquals(value.keys.map((key) => key.reveal()), ["k1x", "k2x"]);
});

test("a file of 10 MB is an error", async () => {
  await using folder = await TestFolder.make({
    "config_dev/app.json": `{"name": "${"a".repeat(10_000_000)}"}`,
  });
  const load = (over: object) =>
    defineConfig({
      schema,
      dir: folder.path,
      environment: variables(),
      ...over,
    });
  await assertRejects(
    () => load({}),
    ConfigError,
    "config_dev/app.json: has 10000012 bytes, expected at most 1048576",
  );
  assertEquals(
    (await load({ fileLimit: "20m" })).value.app.name.length,
    10_000_000,
  );
});

test("deep files, and values are frozen", async () => {
  await using folder = await TestFolder.make({
    "config_dev/deep.json": `{"a":`.repeat(5000) + "1" + "}".repeat(5000),
  });
  await assertRejects(
    () => defineConfig({ schema, dir: folder.path, environment: variables() }),
    ConfigError,
    "is nested over 64 levels",
  );
  await using plain = await TestFolder.make({});
  const config = await defineConfig({
    schema: { hosts: list(text(), { default: ["a"] }) },
    dir: plain.path,
    environment: variables(),
  });
  assertThrows(
    () => (config.value.hosts as string[]).push("b"),
    TypeError,
  );
});

test("any Standard Schema, with variables by path", async () => {
  await using folder = await TestFolder.make({
    "config_dev/redis.json": `{"host": "h", "port": 1}`,
  });
  const load = (env: Record<string, string>) =>
    defineConfig({
      schema: v.object({
        redis: v.object({
          host: v.string(),
          port: v.pipe(v.unknown(), v.transform(Number), v.integer()),
        }),
      }),
      variables: { REDIS_PORT: "redis.port" },
      dir: folder.path,
      environment: variables(env),
    });
  const { value } = await load({ REDIS_PORT: "6379" });
  const port: number = value.redis.port;
  assertEquals([value.redis.host, port], ["h", 6379]);
  const error = await assertRejects(
    () => load({ REDIS_PORT: "x" }),
    ConfigError,
  );
  assertEquals(error.problems[0]!.path, "redis.port");
});

test("unknown options and folders that are not local", async () => {
  await assertRejects(
    () => defineConfig({ schema, dri: "." } as never),
    TypeError,
    `did you mean "dir"?`,
  );
  await assertRejects(
    () => defineConfig({ schema, dir: new URL("https://example.com/") }),
    TypeError,
    "local folder",
  );
});

const READERS: [
  name: string,
  reader: { read(value: unknown): unknown },
  good: [unknown, unknown][],
  bad: unknown[],
][] = [
  ["int", int({ min: 1, max: 9 }), [[1, 1], ["9", 9]], [
    0,
    10,
    1.5,
    "",
    "x",
    true,
    null,
    NaN,
    2 ** 53,
  ]],
  ["number", number(), [[1.5, 1.5], ["-2e3", -2000]], [
    "",
    " ",
    Infinity,
    "1,5",
    {},
  ]],
  ["bool", bool(), [[true, true], ["false", false], ["1", true]], [
    "yes",
    "TRUE",
    1,
    0,
    "",
  ]],
  ["text", text(), [["", ""]], [1, null, []]],
  ["oneOf", oneOf(["a", "b"]), [["a", "a"]], ["c", "A", 1]],
  ["url", url(), [["redis://h:1/0", "redis://h:1/0"]], [
    "http://",
    "x y",
    "/path",
    1,
  ]],
  ["duration", duration(), [["5m", 300], [0.5, 0.5]], ["soon", -1, null]],
  ["size", size(), [["100m", 104_857_600]], ["big", -1, 1.5]],
  ["list", list(int()), [[[1, "2"], [1, 2]], ["3, 4", [3, 4]]], [1, ["x"], {}]],
  ["optional", optional(int()), [[undefined, undefined], [1, 1]], ["x"]],
];

for (const [name, reader, good, bad] of READERS) {
  Deno.test(`config: reader ${name}`, () => {
    for (const [given, expected] of good) {
      assertEquals(reader.read(given), expected, Deno.inspect(given));
    }
    for (const given of bad) {
      assertThrows(
        () => reader.read(given),
        Error,
        "expected",
        Deno.inspect(given),
      );
    }
  });
}
