import { assert, assertEquals } from "@std/assert";
import * as stat from "@oresty/stat";
import type { ErrorLine } from "@oresty/stat";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";

function countOf(kind: string): number | undefined {
  return stat.get_metrics().find(({ metric, labels }) =>
    metric === "oresty_errors_total" && labels === `{kind="${kind}"}`
  )?.value;
}

/** What is thrown may be anything. */
const odd: unknown[] = [
  ...[undefined, null, 0, "", "text", Symbol("s"), {}, Object.create(null)],
  Object.assign(new Error("x"), { name: 7, message: { a: 1 }, stack: 5 }),
  {
    toString(): never {
      throw new Error("no text");
    },
  },
];

Deno.test("errors are counted by kind", async () => {
  const count = stat.errorCounter();
  stat.errorCounter(); // the same once more
  class SinksTestError extends Error {
    override name = "SinksTestError";
  }
  for (let i = 0; i < 3; i++) count(new SinksTestError("x"));
  count("text", "sinks_test");
  for (const error of odd) count(error);
  count(new Error(), "k".repeat(5000));
  assertEquals([countOf("SinksTestError"), countOf("sinks_test")], [3, 1]);
  assertEquals(countOf("k".repeat(100)), 1);
  await stat.stop();
});

Deno.test("errors are written as lines of JSON", () => {
  const lines: ErrorLine[] = [];
  const log = stat.errorLog((line) => lines.push(line));
  log(new RangeError("too\nlarge"));
  log("text", "task");
  for (const error of odd) log(error);
  assertEquals(lines.length, 2 + odd.length);
  const [first, second] = lines.map((line) => JSON.parse(JSON.stringify(line)));
  assertEquals(
    [first.level, first.kind, first.message],
    ["error", "RangeError", "too\nlarge"],
  );
  assert(first.stack.includes("sinks_test.ts"));
  assert(Math.abs(Date.parse(first.time) - Date.now()) < 60_000);
  assertEquals([second.kind, second.message, second.stack], [
    "task",
    "text",
    undefined,
  ]);
});

Deno.test({
  name: "a line of an error is one line on standard error",
  ignore: !needs("run", "read", "write"),
  async fn() {
    await using module = await TempModule.write(`
import * as stat from "@oresty/stat";
stat.errorLog()(new Error("two\\nlines"));
`);
    const { code, stdout, stderr } = await runDeno(
      ["run", "--no-prompt", CONFIG_FLAG, module.path],
      { cwd: module.folder, timeout: 30 },
    );
    assertEquals([code, stdout], [0, ""]);
    const lines = stderr.trim().split("\n");
    assertEquals(lines.length, 1);
    assertEquals(JSON.parse(lines[0]!).message, "two\nlines");
  },
});

Deno.test({
  name: "the runtime's own spans and request metrics get the route",
  ignore: !needs("run", "net", "read", "write", "env"),
  async fn() {
    await using module = await TempModule.write(`
import { nameSpan } from "@oresty/stat";
const done = Promise.withResolvers();
const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async () => {
  await 0;
  const named = nameSpan("GET", "/users/:id");
  console.log("named", named);
  return new Response("x");
});
await (await fetch("http://127.0.0.1:" + server.addr.port + "/users/7")).text();
await server.shutdown();
`);
    const run = (env: Record<string, string>) =>
      runDeno(
        [
          "run",
          "--no-prompt",
          "--allow-net=127.0.0.1",
          CONFIG_FLAG,
          module.path,
        ],
        { cwd: module.folder, timeout: 30, env },
      );
    const on = await run({
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "console",
    });
    const output = on.stdout + on.stderr;
    assert(output.includes("named true"), output);
    assert(output.includes("GET /users/:id"), output);
    assert(/http\.route\W+(\w+\W+)?\/users\/:id/.test(output), output);
    const off = await run({});
    assertEquals([off.code, off.stdout], [0, "named false\n"], off.stderr);
  },
});
