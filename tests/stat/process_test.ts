import { assert, assertEquals, assertThrows } from "@std/assert";
import * as stat from "@oresty/stat";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";
import { parseText, valueOf } from "./parse_text.ts";
import { promtoolClean } from "./promtool.ts";

Deno.test({
  name: "a process and its isolates are measured, the process once",
  ignore: !needs("run", "read", "write"),
  async fn() {
    await using module = await TempModule.write(`
import * as stat from "@oresty/stat";
import { isMainThread, Worker } from "node:worker_threads";

stat.collectProcess({ version: "1.2.0" });
stat.collectProcess({ version: "ignored" });
if (isMainThread) {
  const workers = [0, 1].map(() => new Worker(new URL(import.meta.url)));
  for (const worker of workers) {
    await new Promise((resolve) => worker.once("message", resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const end = performance.now() + 800;
  while (performance.now() < end); // the event loop waits
  await new Promise((resolve) => setTimeout(resolve, 1600));
  console.log(JSON.stringify([process.cpuUsage(), Deno.memoryUsage().rss]));
  console.log(await stat.render());
  await stat.stop();
  for (const worker of workers) await worker.terminate();
} else {
  const { parentPort } = await import("node:worker_threads");
  parentPort.postMessage("up");
  parentPort.on("message", () => {});
}
`);
    const run = (flag: string) =>
      runDeno(["run", "--no-prompt", flag, CONFIG_FLAG, module.path], {
        cwd: module.folder,
        timeout: 60,
      });
    // Without all permissions all is there but the number of open files.
    const { code, stdout, stderr } = await run("--allow-read");
    assertEquals(code, 0, stderr);
    assert(!stdout.includes("process_open_fds"));
    assert((await run("--allow-all")).stdout.includes("\nprocess_open_fds "));
    const [first, ...rest] = stdout.split("\n");
    const [{ user, system }, rss] = JSON.parse(first!);
    const text = rest.join("\n").trimEnd() + "\n";
    const families = parseText(text);
    const cpu = (user + system) / 1e6;
    const counted = valueOf(families, "process_cpu_seconds_total");
    assert(counted <= cpu && counted > cpu - 1.5, `${counted} ${cpu}`);
    const memory = valueOf(families, "process_resident_memory_bytes");
    assert(memory > rss / 2 && memory < rss * 2, `${memory} ${rss}`);
    const start = valueOf(families, "process_start_time_seconds");
    assert(Math.abs(start - Date.now() / 1000) < 60, `${start}`);
    assertEquals(valueOf(families, "oresty_isolates"), 3);
    assertEquals(
      valueOf(families, "oresty_build_info", {
        version: "1.2.0",
        deno: Deno.version.deno,
      }),
      1,
    );
    const of = (name: string) =>
      families.find((family) => family.name === name)?.samples ?? [];
    assertEquals(of("deno_heap_used_bytes").length, 3);
    const lags = of("deno_eventloop_lag_seconds").map(({ value }) => value);
    assertEquals(lags.length, 3);
    await promtoolClean(text);
  },
});

Deno.test("the lag of an event loop is how late its timers come", async () => {
  stat.collectProcess();
  await new Promise((resolve) => setTimeout(resolve, 300));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
  // Looked at twice within the next second at most.
  let worst = 0;
  for (let i = 0; i < 30; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const { metric, value } of stat.get_metrics()) {
      if (metric === "deno_eventloop_lag_seconds") {
        worst = Math.max(worst, value);
      }
    }
  }
  assert(worst > 0.4, `${worst}`);
  assertThrows(
    () => stat.collectProcess({ verson: "x" } as never),
    TypeError,
    'did you mean "version"',
  );
  assertThrows(
    () => stat.collectProcess({ version: {} as never }),
    TypeError,
    "expected a text",
  );
  await stat.stop();
});

Deno.test("a sampler is called at once and each second, until it throws", async () => {
  const gauge = stat.create().gauge("process_test_depth");
  let calls = 0;
  const end = stat.sample(() => gauge.set(++calls));
  assertEquals(calls, 1);
  let failures = 0;
  const errors: unknown[] = [];
  const { error } = console;
  // Said, but not thrown: nobody would catch it, and the process would end.
  console.error = (...args: unknown[]) => errors.push(args);
  try {
    stat.sample(() => {
      if (++failures === 2) throw new Error("boo");
    });
    await new Promise((resolve) => setTimeout(resolve, 3300));
  } finally {
    console.error = error;
  }
  assert(calls >= 3 && calls <= 5, `${calls}`);
  assertEquals([failures, errors.length], [2, 1]);
  end();
  const before = calls;
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assertEquals(calls, before);
  await stat.stop();
});

Deno.test("what is set once is there again after a flush", async () => {
  stat.collectProcess({ version: "1" });
  stat.flush();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const names = stat.get_metrics().map(({ metric }) => metric);
  assert(names.includes("oresty_build_info"), names.join());
  assert(names.includes("process_start_time_seconds"), names.join());
  await stat.stop();
});
