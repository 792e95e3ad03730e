import { assert, assertEquals, assertRejects } from "@std/assert";
import * as stat from "@oresty/stat";
import type { WindowLine } from "@oresty/stat";
import { runDeno } from "../deno_child.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";
import { needs } from "../permissions.ts";
import { until } from "./isolates.ts";

const ignore = !needs("run", "read", "write", "env");

/** Runs a program in a process of its own, and gives what it printed. */
async function run(code: string, ...flags: string[]): Promise<string> {
  await using module = await TempModule.write(code);
  const result = await runDeno(
    ["run", "--no-prompt", ...flags, CONFIG_FLAG, module.path],
    { cwd: module.folder, timeout: 30 },
  );
  assertEquals(result.code, 0, result.stderr);
  assertEquals(result.stderr, "");
  return result.stdout;
}

Deno.test({
  name: "the predecessor's sample prints its four lines, and ends",
  ignore,
  async fn() {
    const output = await run(`
import * as stat from "@oresty/stat";
stat.start();

const s = stat.new("label_name=label_value");
s.incr("key_name", 123);

const metrics = stat.get_metrics();
for (const m of metrics) {
  console.log(m.metric + (m.labels ?? "") + " " + m.value);
}
`);
    assertEquals(
      output,
      `key_name{label_name="label_value"} 123
key_name_count{label_name="label_value"} 1
key_name_delta{label_name="label_value"} 123
key_name_avg{label_name="label_value"} 123
`,
    );
  },
});

Deno.test({
  name: "one isolate of a process writes one line a window",
  ignore,
  async fn() {
    const output = await run(
      `
import * as stat from "@oresty/stat";
import { Worker, isMainThread } from "node:worker_threads";

stat.declare("h", { type: "histogram", buckets: [1] });
stat.declare("g", { type: "gauge" });
stat.declare("c", { type: "counter" });
let calls = 0;
await stat.start({
  project: "shop",
  log: true,
  window: 1,
  before: () => stat.create().gauge("g").set(++calls),
});
await stat.start({ project: "another", log: true, window: 30 });
const s = stat.create({ a: "b" });
s.incr("k", 2);
s.incr("c", 3);
s.histogram("h").observe(0.5);
if (isMainThread) {
  for (let i = 0; i < 2; i++) new Worker(new URL(import.meta.url)).unref();
  setTimeout(() => stat.stop(), 4200);
}
setTimeout(() => s.incr("k", 2), 700);
`,
      "--allow-sys=hostname",
      "--allow-read",
    );
    const lines = output.trim().split("\n").map((line) =>
      JSON.parse(line) as WindowLine
    );
    assert(lines.length >= 3 && lines.length <= 5, output);
    const times = lines.map(({ time }) => Date.parse(time));
    for (let i = 1; i < times.length; i++) {
      const apart = times[i]! - times[i - 1]!;
      assert(apart > 500 && apart < 1500, output); // one isolate writes
    }
    const last = lines.at(-1)!;
    assertEquals([last.project, last.host], ["shop", Deno.hostname()]);
    const { metrics } = last;
    assertEquals(
      [
        metrics['k{a="b"}'],
        metrics['k_count{a="b"}'],
        metrics['k_delta{a="b"}'],
        metrics['c_total{a="b"}'],
        metrics['h_sum{a="b"}'],
        metrics['h_count{a="b"}'],
      ],
      [12, 6, 0, 9, 1.5, 3],
    );
    assert(metrics.g! >= 1);
    const deltas = lines.map((line) => line.metrics['k_delta{a="b"}'] ?? 0);
    assert(deltas.some((delta) => delta > 0), output);
  },
});

Deno.test("a function gets the lines, and one that throws gets the next", async () => {
  const lines: WindowLine[] = [];
  const errors: unknown[] = [];
  const { error } = console;
  console.error = (...args: unknown[]) => errors.push(args);
  try {
    await stat.start({
      window: "1s",
      log: (line) => {
        lines.push(line);
        if (lines.length === 1) throw new Error("boo");
      },
    });
    stat.create({ of: "start_test" }).incr("start_test");
    // Another isolate of the tests may be the one that writes.
    await until(15, () => lines.length > 1);
  } finally {
    console.error = error;
    await stat.stop();
  }
  assertEquals(errors.length, 1);
  assertEquals(lines[1]!.project, "");
  assert(lines[1]!.metrics['start_test{of="start_test"}']! >= 1);
});

Deno.test("start refuses what it does not know, and can be called again", async () => {
  await assertRejects(
    () => stat.start({ projekt: "x" } as never),
    TypeError,
    'did you mean "project"',
  );
  for (
    const [options, type] of [
      [{ project: 1 }, TypeError],
      [{ log: "yes" }, TypeError],
      [{ before: true }, TypeError],
      [{ window: "5 minutes" }, TypeError],
      [{ window: null }, TypeError],
      [{ window: 0.5 }, RangeError],
      [{ window: NaN }, RangeError],
      [{ window: -1 }, RangeError],
      [{ window: "25h" }, RangeError],
    ] as const
  ) await assertRejects(() => stat.start(options as never), type, "Cannot");
  await stat.start();
  await stat.start();
  await stat.stop();
  await stat.stop();
});
