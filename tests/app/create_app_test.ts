import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type AppOptions, createApp } from "@oresty/oresty";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";
import { repository } from "../workspace.ts";

Deno.test("createApp: unknown options name the nearest right one", () => {
  const cases: [object, string][] = [
    [{ templtes: "x" }, `did you mean "templates"?`],
    [{ body_limit: 1 }, `did you mean "bodyLimit"?`],
    [{ zzzzzzzz: 1 }, "expected one of"],
  ];
  for (const [options, words] of cases) {
    assertThrows(() => createApp(options as AppOptions), TypeError, words);
  }
});

Deno.test("createApp: options of a wrong kind are refused", () => {
  const cases: [object, ErrorConstructor, string][] = [
    [{ bodyLimit: "much" }, TypeError, `"much"`],
    [{ bodyLimit: -1 }, RangeError, `"-1"`],
    [{ timeout: "soon" }, TypeError, `"soon"`],
    [{ trustProxy: ["10.0.0.0/33"] }, TypeError, `"10.0.0.0/33"`],
    [{ secrets: ["short"] }, TypeError, "16 characters"],
    [{ logLevel: "loud" }, TypeError, `"loud"`],
    [{ trailingSlash: "maybe" }, TypeError, `"maybe"`],
  ];
  for (const [options, kind, words] of cases) {
    assertThrows(() => createApp(options as AppOptions), kind, words);
  }
  const error = assertThrows(
    () => createApp({ secrets: ["short"] }),
    TypeError,
  );
  assertEquals(error.message.includes('short"'), false);
});

Deno.test("createApp: health routes, and without them", async () => {
  const app = createApp();
  for (const path of ["/healthz", "/readyz"]) {
    const response = await app.request(path);
    assertEquals(await response.text(), "ok");
    assertEquals(response.headers.get("cache-control"), "no-store");
  }
  await app.close();
  assertEquals((await app.request("/readyz")).status, 503);
  assertEquals((await app.request("/healthz")).status, 200);
  const bare = createApp({ health: false });
  assertEquals((await bare.request("/healthz")).status, 404);
});

Deno.test("createApp: close runs hooks in reverse, all of them, once", async () => {
  const order: number[] = [];
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const { JsonLogger } = await import("@oresty/router");
  const app = createApp({ log: new JsonLogger({ write }) });
  app.onClose(() => order.push(1));
  app.onClose(() => Promise.reject(new Error("hook")));
  app.onClose(() => order.push(3));
  await Promise.all([app.close(), app.close()]);
  assertEquals(order, [3, 1]);
  assertStringIncludes(lines.join(), "close hook failed");
});

Deno.test({
  name: "createApp: needs no permission, and lets the process end",
  ignore: !needs("run", "read"),
  async fn() {
    const code = `import { createApp } from "@oresty/oresty";
const app = createApp();
app.get("/:x", (ctx) => ctx.params.x);
console.log(await (await app.request("/hello")).text());`;
    const { code: status, stdout, stderr } = await runDeno(
      ["eval", code],
      { cwd: repository, timeout: 20 },
    );
    assertEquals([status, stdout.trim()], [0, "hello"], stderr);
  },
});

Deno.test({
  name: "createApp: dev is what ORESTY_ENV says where it may be read",
  ignore: !needs("run", "read"),
  async fn() {
    await using module = await TempModule.write(
      `import { createApp } from "@oresty/oresty";
const app = createApp({ log: { debug() {}, info() {}, warn() {}, error() {} } });
app.get("/", () => { throw new Error("inside"); });
console.log("message" in await (await app.request("/")).json());`,
    );
    for (
      const [env, flags, dev] of [
        ["dev", ["--allow-env=ORESTY_ENV"], "true"],
        ["prod", ["--allow-env=ORESTY_ENV"], "false"],
        ["dev", [], "false"],
      ] as const
    ) {
      const { stdout, stderr } = await runDeno(
        ["run", "--no-prompt", CONFIG_FLAG, ...flags, module.path],
        { cwd: repository, env: { ORESTY_ENV: env }, timeout: 20 },
      );
      assertEquals(stdout.trim(), dev, stderr);
    }
  },
});
