import { assert, assertEquals, assertLess } from "@std/assert";
import { type ConfigError, defineConfig, int, text } from "@oresty/config";
import { needs } from "../permissions.ts";
import { TestFolder, until, variables } from "./folder.ts";

const ignore = !needs("read", "write");
const schema = { app: { name: text(), port: int({ default: 1 }) } };

function load(folder: TestFolder, over: object = {}) {
  return defineConfig({
    schema,
    dir: folder.path,
    environment: variables(),
    watch: 0.03,
    ...over,
  });
}

function test(name: string, fn: () => Promise<void>) {
  Deno.test({ name: `config: ${name}`, ignore, fn });
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("a listener or selector that throws stops nobody", async () => {
  await using folder = await TestFolder.make({
    "config_dev/app.json": `{"name": "a"}`,
  });
  const published: number[] = [];
  await using config = await load(folder, {
    watch: false,
    publisher: { publish: (version: number) => void published.push(version) },
  });
  const errors: string[] = [];
  const names: string[] = [];
  config.on(({ app }) => app.name, () => {
    throw new Error("at once");
  });
  config.on(({ app }) => app.name, () => Promise.reject(new Error("later")));
  config.on(() => {
    throw new Error("selecting");
  }, () => {});
  config.onError((error) => errors.push(error.problems[0]!.message));
  config.onError(() => {
    throw new Error("listening");
  });
  config.onError((error) => errors.push(error.name));
  config.on(({ app }) => app.name, (name) => names.push(name));
  const { error } = console;
  const printed: unknown[] = [];
  console.error = (what) => printed.push(what);
  try {
    await folder.write("config_dev/app.json", `{"name": "b"}`);
    assertEquals(await config.reload(), true);
    await until(() => errors.length === 6);
  } finally {
    console.error = error;
  }
  assertEquals(names, ["b"]);
  assertEquals(errors.toSorted(), [
    "ConfigError",
    "ConfigError",
    "ConfigError",
    "at once",
    "later",
    "selecting",
  ]);
  assertEquals(printed.length, 3);
  assertEquals([config.version, published], [2, [1, 2]]);
});

test("a publisher that fails or hangs later keeps nothing from going on", async () => {
  await using folder = await TestFolder.make({
    "config_dev/app.json": `{"name": "a"}`,
  });
  const hang = Promise.withResolvers<void>();
  const published: number[] = [];
  const config = await load(folder, {
    watch: false,
    publisher: {
      publish(version: number) {
        published.push(version);
        if (version === 2) return Promise.reject(new Error("no channel"));
        if (version === 3) return hang.promise;
        return Promise.resolve();
      },
    },
  });
  const errors: string[] = [];
  config.onError((error) => errors.push(error.message));
  for (const [i, name] of ["b", "c", "d"].entries()) {
    await folder.write("config_dev/app.json", `{"name": "${name}"}`);
    assertEquals(await config.reload(), true);
    assertEquals(config.version, i + 2);
  }
  await until(() => published.length === 3);
  assertEquals(published, [1, 2, 3]);
  assertEquals(errors.length, 1);
  assert(errors[0]!.includes("(publisher): no channel"));
  hang.resolve();
  await until(() => published.length === 4);
  await config.close();
});

test("a refused change that nobody listens to is printed", async () => {
  await using folder = await TestFolder.make({
    "config_dev/app.json": `{"name": "a"}`,
  });
  await using config = await load(folder, { watch: false });
  const { error } = console;
  const printed: string[] = [];
  console.error = (what) => printed.push(what);
  try {
    await folder.write("config_dev/app.json", `{"name": 7}`);
    assertEquals(await config.reload(), false);
  } finally {
    console.error = error;
  }
  assertEquals(printed, [
    "Cannot use the configuration: 1 problem\n" +
    "  app.name: 7 was given, expected a text",
  ]);
});

test("a watch outlives files and folders that come and go", async () => {
  await using folder = await TestFolder.make({
    "config_dev/app.json": `{"name": "a"}`,
    "config@": "config_dev",
  });
  await using config = await load(folder);
  const errors: ConfigError[] = [];
  config.onError((error) => errors.push(error));
  const file = `${folder.path}/config_dev/app.json`;
  const last = () => errors.at(-1)?.problems[0];

  await Deno.remove(file);
  await until(() => last()?.path === "app.name");
  await Deno.mkdir(file);
  await until(() => last()?.message === "expected a file");
  await Deno.remove(file);
  await Deno.rename(`${folder.path}/config_dev`, `${folder.path}/away`);
  await until(() => last()?.path === "config_dev");
  await Deno.rename(`${folder.path}/away`, `${folder.path}/config_dev`);
  await folder.link("config", "config");
  await until(() => last()?.path === "config");
  // Said once, not at every look.
  const count = errors.length;
  await sleep(200);
  assertEquals(errors.length, count);
  await folder.link("config", "config_dev");
  await folder.write("config_dev/app.json", `{"name": "`);
  await until(() => last()?.path === "config_dev/app.json");
  await folder.write("config_dev/app.json", `{"name": "${"b".repeat(2e6)}"}`);
  await until(() => last()?.message.startsWith("has 2000012 bytes") ?? false);
  await folder.write("config_dev/app.json", `{"__proto__": {"name": "c"}}`);
  await until(() => last()?.message.includes("__proto__") ?? false);
  assertEquals([config.version, config.value.app.name], [1, "a"]);
  await folder.write("config_dev/new.json", `{"name": "b"}`);
  await Deno.rename(`${folder.path}/config_dev/new.json`, file);
  await until(() => config.value.app.name === "b");
  assertEquals(config.version, 2);
});

test("files that lead through a link of a folder, as mounted maps do", async () => {
  const files: Record<string, string> = {
    "config_dev/..data@": "..a",
    "config@": "config_dev",
  };
  for (let i = 0; i < 5; i++) {
    files[`config_dev/part${i}.json@`] = `..data/part${i}.json`;
    for (const name of ["a", "b"]) {
      files[`config_dev/..${name}/part${i}.json`] = `{"x": "${name}"}`;
    }
  }
  await using folder = await TestFolder.make(files);
  const part = { x: text() };
  await using config = await load(folder, {
    schema: { part0: part, part1: part, part2: part, part3: part, part4: part },
  });
  const seen = new Set<string>();
  config.on((value) => value as object, (value) => {
    seen.add(Object.values(value).map(({ x }) => x).join(""));
  });
  for (let i = 0; i < 60; i++) {
    const reload = config.reload();
    await sleep(Math.random() * 2);
    await folder.link("config_dev/..data", i % 2 === 0 ? "..b" : "..a");
    await reload;
  }
  await folder.link("config_dev/..data", "..b");
  await until(() => JSON.stringify(config.value).includes(`"b"`));
  assertEquals([...seen].filter((x) => !/^(a{5}|b{5})$/.test(x)), []);
});

test("a change between the first read and the first look is seen", async () => {
  await using folder = await TestFolder.make({
    "config_dev/app.json": `{"name": "a"}`,
  });
  await using config = await load(folder, {
    sources: [{
      name: "slow",
      // The files have been read by now.
      async current() {
        await Deno.writeTextFile(
          `${folder.path}/config_dev/app.json`,
          `{"name": "changed"}`,
        );
        return {};
      },
    }],
  });
  await until(() => config.value.app.name === "changed");
});

test("a source that fails later keeps the values, and heals", async () => {
  await using folder = await TestFolder.make({
    "config_dev/app.json": `{"name": "a"}`,
  });
  let answer: () => unknown = () => ({ app: { port: 2 } });
  let changed = () => {};
  await using config = await load(folder, {
    watch: false,
    sourceTimeout: 0.05,
    sources: [{
      name: "remote",
      current: () => answer(),
      subscribe(fn: () => void) {
        changed = fn;
        return () => {};
      },
    }],
  });
  const errors: string[] = [];
  config.onError((error) => errors.push(error.problems[0]!.message));
  for (
    const bad of [
      () => Promise.reject(new Error("is down")),
      () => new Promise(() => {}),
      () => "text",
    ]
  ) {
    answer = bad;
    const before = errors.length;
    changed();
    await until(() => errors.length > before);
    assertEquals(config.value.app.port, 2);
  }
  assertEquals(errors, [
    "is down",
    "has not answered within 0.05 s",
    "expected an object",
  ]);
  answer = () => ({ app: { port: 3 } });
  const start = performance.now();
  for (let i = 0; i < 1000; i++) changed();
  await until(() => config.value.app.port === 3);
  await config.close();
  // A thousand calls are two reloads at most, not a thousand.
  assertEquals(config.version, 2);
  assertLess(performance.now() - start, 2000);
});

test("values that a schema makes anew are no change", async () => {
  await using folder = await TestFolder.make({});
  const make = () => ({
    url: new URL("http://h/"),
    at: new Date(0),
    list: [{ a: [1] }],
  });
  let value: ReturnType<typeof make> & { more?: number } = make();
  await using config = await load(folder, {
    watch: false,
    schema: {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => ({ value }),
      },
    },
  });
  value = make();
  assertEquals(await config.reload(), false);
  const seen: string[] = [];
  config.on((all) => (all as unknown as typeof value).url, () => {
    seen.push("url");
  });
  config.on((all) => [(all as unknown as typeof value).list], () => {
    seen.push("list");
  });
  value = { ...make(), more: 1 };
  assertEquals(await config.reload(), true);
  assertEquals(seen, []);
  value = { ...make(), url: new URL("http://other/") };
  assertEquals(await config.reload(), true);
  assertEquals(seen, ["url"]);
});
