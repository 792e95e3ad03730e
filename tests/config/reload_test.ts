import { assert, assertEquals, assertLess } from "@std/assert";
import { type ConfigError, defineConfig, int, text } from "@oresty/config";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { startServed } from "../served.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";
import { repository } from "../workspace.ts";
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

/** Gives the watcher its first look. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 80));

test("a changed file is a new version, told to who watches its part", async () => {
  await using folder = await TestFolder.make({
    "config_dev/app.json": `{"name": "a"}`,
  });
  await using config = await load(folder);
  const names: string[] = [];
  const ports: number[] = [];
  config.on(({ app }) => app.name, (name, old) => names.push(`${old}>${name}`));
  const end = config.on(({ app }) => app.port, (port) => ports.push(port));
  await settle();
  const before = config.value;
  await folder.write("config_dev/app.json", `{"name": "bb"}`);
  await until(() => config.version === 2);
  assertEquals(config.value.app.name, "bb");
  assertEquals(before.app.name, "a");
  await folder.write("config_dev/app.json", `{"name": "bb", "port": 2}`);
  await until(() => config.version === 3);
  end();
  await folder.write("config_dev/app.json", `{"name": "ccc", "port": 3}`);
  await until(() => config.version === 4);
  assertEquals([names, ports], [["a>bb", "bb>ccc"], [2]]);
});

test("a half-written file changes nothing until it is whole", async () => {
  await using folder = await TestFolder.make({
    "config_dev/app.json": `{"name": "a"}`,
  });
  await using config = await load(folder);
  const errors: ConfigError[] = [];
  config.onError((error) => errors.push(error));
  await settle();
  await folder.write("config_dev/app.json", `{"name": "`);
  await until(() => errors.length === 1);
  assertEquals([config.version, config.value.app.name], [1, "a"]);
  assertEquals(errors[0]!.problems[0]!.path, "config_dev/app.json");
  await folder.write("config_dev/app.json", `{"name": 7}`);
  await until(() => errors.length === 2);
  assertEquals(config.version, 1);
  await folder.write("config_dev/app.json", `{"name": "whole"}`);
  await until(() => config.version === 2);
  assertEquals(config.value.app.name, "whole");
});

test("an edit behind the link, and a swap of it, are seen", async () => {
  await using folder = await TestFolder.make({
    "config_dev/app.json": `{"name": "dev"}`,
    "config_prod/app.json": `{"name": "prod"}`,
    "config@": "config_dev",
  });
  await using config = await load(folder);
  await settle();
  await folder.write("config_dev/app.json", `{"name": "edited"}`);
  await until(() => config.value.app.name === "edited");
  await folder.link("config", "config_prod");
  await until(() => config.value.app.name === "prod");
});

test("a swap of the link under load is never a mix", async () => {
  const files: Record<string, string> = { "config@": "config_a" };
  for (const env of ["a", "b"]) {
    for (let i = 0; i < 5; i++) {
      files[`config_${env}/part${i}.json`] = `{"x": "${env}"}`;
    }
  }
  await using folder = await TestFolder.make(files);
  const part = { x: text() };
  await using config = await defineConfig({
    schema: { part0: part, part1: part, part2: part, part3: part, part4: part },
    dir: folder.path,
    environment: variables(),
  });
  const seen = new Set<string>();
  config.on((value) => value, (value) => {
    seen.add(Object.values(value).map(({ x }) => x).join(""));
  });
  for (let i = 0; i < 60; i++) {
    const reload = config.reload();
    await folder.link("config", i % 2 === 0 ? "config_b" : "config_a");
    await Promise.all([reload, config.reload()]);
  }
  assertEquals([...seen].sort(), ["aaaaa", "bbbbb"]);
});

test("a source's change is one reload, and ends with close", async () => {
  await using folder = await TestFolder.make({});
  let port = 1;
  let changed = () => {};
  let subscribed = true;
  const published: [number, unknown][] = [];
  const config = await load(folder, {
    watch: false,
    overrides: { app: { name: "n" } },
    sources: [{
      name: "test",
      current: () => Promise.resolve({ app: { port } }),
      subscribe: (fn: () => void) => {
        changed = fn;
        return () => subscribed = false;
      },
    }],
    publisher: {
      publish: (version: number, value: { app: { port: number } }) => {
        published.push([version, value.app.port]);
      },
    },
  });
  port = 2;
  changed();
  await until(() => config.version === 2);
  assertEquals(published, [[1, 1], [2, 2]]);
  await config.close();
  assert(!subscribed);
  port = 3;
  assertEquals(await config.reload(), false);
  assertEquals(config.value.app.port, 2);
});

Deno.test({
  name: "config: one that is wrong ends the process with 78, all said",
  ignore: !needs("read", "write", "run"),
  async fn() {
    await using folder = await TestFolder.make({});
    const code = `import { configOrExit, int, text } from "@oresty/config";
await configOrExit({ dir: "${folder.path}", schema: { a: int(), b: text({ env: "SOME_B" }) } });`;
    const { code: status, stderr } = await runDeno(["eval", code], {
      cwd: repository,
      timeout: 20,
    });
    assertEquals(status, 78, stderr);
    assertEquals(
      stderr.trim(),
      "Cannot use the configuration: 2 problems\n  a: is missing\n" +
        "  b: is missing, and so is the environment variable SOME_B",
    );
  },
});

Deno.test({
  name: "config: watching keeps no program alive, and TERM ends a server",
  ignore: !needs("read", "write", "run", "net"),
  async fn() {
    await using folder = await TestFolder.make({});
    const code = `import { defineConfig, int } from "@oresty/config";
await defineConfig({ dir: "${folder.path}", schema: { a: int({ default: 1 }) }, watch: true });`;
    const start = performance.now();
    const { code: status, stderr } = await runDeno(["eval", code], {
      cwd: repository,
      timeout: 20,
    });
    assertEquals(status, 0, stderr);
    assertLess(performance.now() - start, 5000);

    await using module = await TempModule.write(
      `${code}\nexport default { fetch: () => new Response("x") };`,
    );
    await using served = await startServed(
      [
        "serve",
        "-A",
        CONFIG_FLAG,
        "--host=127.0.0.1",
        "--port=0",
        module.path,
      ],
      { cwd: repository, timeout: 20 },
    );
    await (await fetch(served.url)).text();
    assertEquals((await served.stop("SIGTERM", 3)).code, 0);
  },
});

Deno.test({
  name: "config: the permission of the named variables is enough",
  ignore: !needs("read", "write", "run"),
  async fn() {
    await using folder = await TestFolder.make({
      "main.ts":
        `import { defineConfig, int } from "${repository}config/mod.ts";
const { value } = await defineConfig({ dir: ".", schema: { a: int({ default: 1, env: "SOME_A" }), b: int({ default: 2, env: "SOME_B" }) } });
console.log(JSON.stringify(value));`,
    });
    const { stdout, stderr } = await runDeno(
      [
        "run",
        "--no-prompt",
        "--config",
        `${repository}deno.json`,
        "--allow-read=.",
        "--allow-env=SOME_A",
        "main.ts",
      ],
      { cwd: folder.path, env: { SOME_A: "7", SOME_B: "8" }, timeout: 20 },
    );
    assertEquals(stdout.trim(), `{"a":7,"b":2}`, stderr);
  },
});
