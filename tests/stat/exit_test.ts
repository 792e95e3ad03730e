import { assert, assertEquals } from "@std/assert";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { freePort } from "../services.ts";
import { startServed } from "../served.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";
import { repository } from "../workspace.ts";
import { until } from "./isolates.ts";
import { parseText, type TextFamily, valueOf } from "./parse_text.ts";

const ignore = !needs("run", "net", "read", "write", "env");

/** Everything that can be open, at once. */
function allOpen(port: number): string {
  return `
import * as stat from "@oresty/stat";
import * as prom from "${repository}stat/prom.ts";

stat.declare("seconds", { type: "histogram", buckets: [1, 2] });
const theirs = prom.registry;
await stat.start({ project: "exit", log: () => {}, window: 1, before() {} });
await stat.serve({ port: ${port} });
stat.collectProcess();
const requests = stat.create({ a: "b" }).counter("requests");
const seconds = stat.create().histogram("seconds");
const position = prom.counter("position", "x", ["k"]);
const count = () => {
  requests.incr(2);
  seconds.observe(1.5);
  position.inc(1, ["v"]);
  stat.errorCounter()(new Error("x"));
};
await theirs.metrics();
stat.sample(() => stat.create().gauge("one").set(1));
`;
}

async function scrape(port: number): Promise<TextFamily[]> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
    signal: AbortSignal.timeout(5000),
  });
  return parseText(await response.text());
}

/** Waits until so many threads have everything on. */
async function allThere(port: number, threads: number): Promise<void> {
  await until(15, async () => {
    try {
      return valueOf(await scrape(port), "one") === threads;
    } catch (error) {
      if (error instanceof TypeError) return false; // nobody listens yet
      throw error;
    }
  });
}

for (const isParallel of [false, true]) {
  Deno.test({
    name: `deno serve${
      isParallel ? " --parallel" : ""
    } counts exactly, and ends within a second by TERM with everything on`,
    ignore,
    async fn() {
      const admin = freePort();
      await using module = await TempModule.write(`${allOpen(admin)}
export default {
  fetch(request) {
    count();
    return new Response(String(request.url.length));
  },
};
`);
      await using served = await startServed(
        [
          "serve",
          ...isParallel ? ["--parallel"] : [],
          "--allow-net=127.0.0.1",
          `--allow-read=${repository}`,
          "--host=127.0.0.1",
          "--port=0",
          CONFIG_FLAG,
          module.path,
        ],
        { cwd: module.folder, env: { DENO_JOBS: "4" } },
      );
      const threads = isParallel ? 4 : 1;
      // The first connections may be there before all threads are.
      await allThere(admin, threads);
      const times = 400;
      for (let i = 0; i < times / 20; i++) {
        await Promise.all(Array.from({ length: 20 }, async () => {
          const headers = { connection: "close" };
          const response = await fetch(served.url, { headers });
          await response.text();
        }));
      }
      const families = await scrape(admin);
      const of = (name: string, labels = {}) => valueOf(families, name, labels);
      assertEquals(
        [
          of("requests", { a: "b" }),
          of("requests_count", { a: "b" }),
          of("seconds_count"),
          of("seconds_sum"),
          of("position_total", { k: "v" }),
          of("oresty_errors_total", { kind: "Error" }),
          of("oresty_isolates"),
        ],
        [2 * times, times, times, 1.5 * times, times, times, threads + 1],
      );
      const start = performance.now();
      const { code } = await served.stop("SIGTERM", 5);
      const took = performance.now() - start;
      assertEquals(code, 0, served.output);
      assert(took < 1000, `${took}`);
      assertEquals(served.output.includes("oresty:"), false, served.output);
    },
  });
}

Deno.test({
  name: "deno serve --parallel ends by TERM in the middle of load and scrapes",
  ignore,
  async fn() {
    const admin = freePort();
    await using module = await TempModule.write(`${allOpen(admin)}
export default { fetch: () => (count(), new Response("x")) };
`);
    await using served = await startServed(
      [
        ...["serve", "--parallel", "-A", "--host=127.0.0.1", "--port=0"],
        ...[CONFIG_FLAG, module.path],
      ],
      { cwd: module.folder, env: { DENO_JOBS: "4" } },
    );
    let isOver = false;
    let answers = 0;
    const load = Array.from({ length: 8 }, async (_, i) => {
      const url = i === 0 ? `http://127.0.0.1:${admin}/metrics` : served.url;
      while (!isOver) {
        try {
          await (await fetch(url, { signal: AbortSignal.timeout(3000) }))
            .text();
          answers++;
        } catch {
          // It has ended, or is about to.
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }
    });
    try {
      // The runtime's threads that begin to listen after the signal miss it.
      await allThere(admin, 4);
      const before = answers + 1000;
      await until(15, () => answers > before);
      const start = performance.now();
      await served.stop("SIGTERM", 10);
      assert(performance.now() - start < 5000);
    } finally {
      isOver = true;
      await Promise.all(load);
    }
  },
});

Deno.test({
  name: "deno run ends by itself with everything on",
  ignore,
  async fn() {
    await using module = await TempModule.write(
      `${allOpen(freePort())}\ncount();\nconsole.log("open");`,
    );
    const start = performance.now();
    const { code, stdout, stderr } = await runDeno(
      ["run", "-A", CONFIG_FLAG, module.path],
      { cwd: module.folder, timeout: 30 },
    );
    assertEquals([code, stdout, stderr], [0, "open\n", ""]);
    assert(performance.now() - start < 10_000);
  },
});

Deno.test({
  name: "counting needs no permission, and keeps no process alive",
  ignore,
  async fn() {
    await using module = await TempModule.write(`
import * as stat from "@oresty/stat";
const s = stat.create();
s.incr("k");
s.gauge("g").set(1);
s.timer("t").start().stop();
await stat.start({ log: true, project: "x" });
stat.collectProcess();
stat.errorCounter()(new Error("x"));
console.log((await stat.render()).includes("\\nk 1\\n"));
`);
    const { code, stdout, stderr } = await runDeno(
      ["run", "--no-prompt", CONFIG_FLAG, module.path],
      { cwd: module.folder, timeout: 30 },
    );
    assertEquals([code, stdout, stderr], [0, "true\n", ""]);
  },
});

Deno.test({
  name: "deno run ends within a second by TERM with everything on",
  ignore,
  async fn() {
    await using module = await TempModule.write(`${allOpen(freePort())}
setInterval(count, 10);
console.log("http://127.0.0.1:1/");
`);
    await using served = await startServed(
      ["run", "-A", CONFIG_FLAG, module.path],
      { cwd: module.folder, timeout: 30 },
    );
    const start = performance.now();
    const { signal } = await served.stop("SIGTERM", 5);
    assertEquals(signal, "SIGTERM");
    assert(performance.now() - start < 1000);
  },
});
