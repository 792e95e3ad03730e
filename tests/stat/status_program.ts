/**
 * A program whose status page is looked at:
 * `deno run -A tests/stat/status_program.ts <scenario> [token]`. It prints where
 * the page is, and then where the app is.
 */
import { cache, createApp, stat } from "@oresty/oresty";
import { SharedDict } from "@oresty/shm";
import { freePort } from "../services.ts";

/** Label values that someone else has sent. */
const HOSTILE: readonly string[] = [
  `<img src=x onerror="globalThis.hit=1">`,
  `"><script>globalThis.hit=2</script>`,
  `</table></main><h1>taken over</h1>`,
  "first line\nsecond line\r\nthird",
  `'"\`\${globalThis.hit=3}\\`,
  "javascript:globalThis.hit=4",
  "\u202egnp.exe\u0000\u0007",
  "&lt;b&gt;&amp;",
  "long ".repeat(200),
  "x".repeat(1000),
];

const keep = stat.errorRing();
const scenarios: Record<string, () => void | Promise<void>> = {
  empty() {},

  /** An app with a cache; the test sends it requests. */
  async app() {
    const memory = await SharedDict.open("status", { size: "1m" });
    const users = await cache.open("users", memory, {
      ttl: 2,
      metrics: stat.metricsSink(),
    });
    const app = createApp({ logLevel: "error", cache: users });
    app.get("/users/:id", (ctx) => users.get(ctx.params.id, () => "x"));
    app.get("/slow", async () => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      return "slow";
    });
    app.get("/broken", () => {
      throw new RangeError("out of stock");
    });
    app.get("/overflow", () => {
      for (let i = 0; i < 1200; i++) stat.create({ i: `${i}` }).incr("many");
      return "done";
    });
    app.get("/block/:ms", (ctx) => {
      const word = new Int32Array(new SharedArrayBuffer(4));
      Atomics.wait(word, 0, 0, Number(ctx.params.ms));
      return "done";
    });
    const { url } = app.listen({ port: 0 });
    console.log(`app ${url}`);
  },

  hostile() {
    stat.collectProcess({ version: HOSTILE[0]! });
    const requests = declareAll();
    for (const text of HOSTILE) {
      requests(text, text, text).observe(0.01);
      stat.create({ cache: text, tier: text }).counter(
        "oresty_cache_hits_total",
      ).incr();
      stat.create({ task: text, result: text }).counter("oresty_tasks_total")
        .incr();
      stat.create({ host: text, method: "GET", status: text })
        .histogram("oresty_client_request_duration_seconds").observe(0.1);
      stat.create({ kind: text }).counter("oresty_errors_total").incr();
      stat.create({ isolate: text }).gauge("deno_eventloop_lag_seconds")
        .set(0.001);
      keep(new Error(text), text);
    }
  },

  overload() {
    stat.collectProcess();
    const requests = declareAll();
    for (let i = 0; i < 5000; i++) {
      requests("GET", `/shop/category/${i}/products/:id`, "200")
        .observe(0.01 * (i % 30));
      stat.create({ cache: `cache ${i}`, tier: "l1" })
        .counter("oresty_cache_hits_total").incr(i);
      stat.create({ task: `task ${i}`, result: "done" })
        .counter("oresty_tasks_total").incr();
      stat.create({ host: `host-${i}.example`, method: "GET", status: "200" })
        .histogram("oresty_client_request_duration_seconds").observe(0.1);
      stat.create({ kind: `kind ${i}` }).counter("oresty_errors_total").incr();
      keep(new Error(`the ${i}th error of all those that there were`));
      if (i < 300) {
        stat.create({ isolate: `isolate ${i}` })
          .gauge("deno_eventloop_lag_seconds").set(0.001 * i);
      }
    }
  },
};

if (import.meta.main) await main();

async function main() {
  const [scenario = "", token] = Deno.args;
  const access = token === undefined ? {} : { token };
  if (scenario === "admin") {
    const app = createApp({ logLevel: "error" });
    app.get("/", () => "x");
    const port = freePort();
    const { url } = app.listen({ port: 0, admin: { port, ...access } });
    console.log(`status http://127.0.0.1:${port}`);
    console.log(`app ${url}`);
  } else {
    const listener = await stat.serve({ port: 0, ...access });
    console.log(`status ${listener.url}`);
    await scenarios[scenario]!();
    // Nothing else keeps it alive; the test ends it.
    setInterval(() => {}, 1000);
  }
}

function declareAll() {
  const counters = ["cache_hits", "cache_misses", "tasks", "errors"];
  for (const name of counters) {
    stat.declare(`oresty_${name}_total`, { type: "counter" });
  }
  const histograms = ["http_request", "oresty_client_request"];
  for (const name of histograms) {
    stat.declare(`${name}_duration_seconds`, { type: "histogram" });
  }
  stat.declare("oresty_task_queue_depth", { type: "gauge" });
  stat.create().gauge("oresty_task_queue_depth").set(12_345);
  return (method: string, route: string, status: string) =>
    stat.create({ method, route, status })
      .histogram("http_request_duration_seconds");
}
