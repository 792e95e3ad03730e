import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { cache, createApp, HttpError, stat } from "@oresty/oresty";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";

const ignore = !needs("net", "read");

Deno.test("stat: an app that is only tested counts nothing", async () => {
  const app = createApp();
  app.get("/", () => "x");
  assertEquals(await (await app.request("/")).text(), "x");
  assertEquals(stat.get_metrics(), []);
  await app.close();
});

Deno.test({
  name: "stat: requests are counted by method, route and status",
  ignore,
  async fn() {
    const app = createApp({ logLevel: "error" });
    app.get("/users/:id", (ctx) => ctx.params.id);
    app.get("/wait", async () => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return "done";
    });
    app.get("/gone", () => {
      throw new HttpError(410);
    });
    app.get("/broken", () => {
      throw new Error("broken");
    });
    app.get("/own", (ctx) => {
      ctx.app.stat.incr("orders", 2);
      return null;
    });
    app.get("/outer", async () => await app.request("/users/inner"));
    const { url } = app.listen({ port: 0, signals: false });
    const ask = async (path: string, init?: RequestInit) => {
      const response = await fetch(url + path, init);
      await response.body?.cancel();
    };
    for (let i = 0; i < 5; i++) await ask(`/users/${i}`);
    await ask("/wait");
    await ask("/gone");
    await ask("/broken");
    await ask("/nowhere");
    await ask("/users/7", { method: "BREW" });
    await ask("/own");
    await ask("/outer");
    const text = await stat.render();
    const value = (series: string) =>
      Number(
        text.split("\n").find((line) => line.startsWith(`${series} `))
          ?.split(" ")[1],
      );
    const count = (method: string, route: string, status: number) =>
      value(
        `http_request_duration_seconds_count{method="${method}",` +
          `route="${route}",status="${status}"}`,
      );
    assertEquals(count("GET", "/users/:id", 200), 5);
    assertEquals(count("GET", "/wait", 200), 1);
    assertEquals(count("GET", "/outer", 200), 1);
    assertEquals(count("GET", "/gone", 410), 1);
    assertEquals(count("GET", "/broken", 500), 1);
    assertEquals(count("GET", "none", 404), 1);
    assertEquals(count("OTHER", "none", 405), 1);
    assertEquals(value(`oresty_errors_total{kind="Error"}`), 1);
    assertEquals(value("http_requests_in_flight"), 0);
    assertEquals(value("orders"), 2);
    const sum = value(
      `http_request_duration_seconds_sum{method="GET",route="/wait",status="200"}`,
    );
    assert(sum >= 0.05 && sum < 2, `${sum}`);
    assert(value("process_resident_memory_bytes") > 1e6);
    assertEquals(value("oresty_isolates"), 1);
    await app.close();
  },
});

Deno.test({
  name: "stat: the admin port shows metrics, and no other port does",
  ignore,
  async fn() {
    const app = createApp({ logLevel: "error" });
    app.get("/", () => "x");
    const port = freePort();
    const { url } = app.listen({ port: 0, signals: false, admin: port });
    await (await fetch(url)).text();
    const text = await eventually(`http://127.0.0.1:${port}/metrics`);
    assert(text.includes(`route="/",status="200"`), text);
    const hidden = await fetch(`${url}/metrics`);
    await hidden.body?.cancel();
    assertEquals(hidden.status, 404);
    await app.close();
  },
});

Deno.test({
  name: "stat: hits of the app's cache are counted by tier",
  ignore,
  async fn() {
    await using store = await cache.open("stat_test", "stat_test");
    const app = createApp({ cache: store, logLevel: "error" });
    app.get(
      "/:key",
      (ctx) => ctx.app.cache.get(ctx.params.key, () => ctx.params.key),
    );
    const { url } = app.listen({ port: 0, signals: false });
    for (const key of ["a", "a", "a", "b"]) {
      assertEquals(await (await fetch(`${url}/${key}`)).text(), key);
    }
    const rows = stat.get_metrics().filter(({ metric }) =>
      metric.startsWith("oresty_cache_") && !metric.includes("_bucket")
    );
    const value = (metric: string, labels: string) =>
      rows.find((row) => row.metric === metric && row.labels === labels)?.value;
    assertEquals(
      value("oresty_cache_hits_total", '{cache="stat_test",tier="l1"}'),
      2,
    );
    assertEquals(
      value("oresty_cache_load_duration_seconds_count", '{cache="stat_test"}'),
      2,
    );
    await app.close();
  },
});

Deno.test("stat: false counts nothing, and wrong options are refused", async () => {
  const app = createApp({ stat: false });
  assertThrows(() => app.stat, TypeError, "false");
  assertThrows(() => createApp({ stat: 7 as never }), TypeError, '"7"');
  const other = createApp();
  assertThrows(
    () => other.listen({ admin: "9464" as never, signals: false }),
    TypeError,
    '"admin"',
  );
  for (const admin of [-1, 65536, 1.5, NaN]) {
    assertThrows(
      () => other.listen({ admin, signals: false }),
      RangeError,
      "expected 0 to 65535",
    );
  }
  await app.close();
  await other.close();
});

Deno.test({
  name: "stat: a name that the program has for something else costs no request",
  ignore,
  async fn() {
    for (
      const name of [
        ...["http_request_duration_seconds", "http_requests_in_flight"],
        ...["oresty_errors_total", "oresty_isolates"],
      ]
    ) {
      await using module = await TempModule.write(`
import { createApp, stat } from "@oresty/oresty";
stat.create().incr(${JSON.stringify(name)});
const errors = [];
const log = { debug() {}, info() {}, warn() {},
  error: (text, { error }) => errors.push(text + ": " + error.message),
  child: () => log };
const app = createApp({ log });
app.get("/", () => "x");
const { url } = app.listen({ port: 0, signals: false });
for (let i = 0; i < 3; i++) console.log(await (await fetch(url)).text());
console.log(errors.join("\\n"));
await app.close();
`);
      const { stdout, stderr } = await runDeno(
        ["run", "--no-prompt", "-A", CONFIG_FLAG, module.path],
        { cwd: module.folder, timeout: 30 },
      );
      assertEquals(stderr, "");
      const [one, two, three, ...errors] = stdout.trim().split("\n");
      assertEquals([one, two, three], ["x", "x", "x"]);
      assertEquals(errors.length, 1, stdout);
      assertStringIncludes(errors[0]!, `some metrics are not counted`);
      assertStringIncludes(errors[0]!, name);
    }
  },
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function eventually(url: string): Promise<string> {
  for (let i = 0; i < 100; i++) {
    try {
      const response = await fetch(url);
      const text = await response.text();
      if (text.includes("http_request")) return text;
    } catch {
      // It does not listen yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Cannot read ${url}: nothing within 5 s`);
}

Deno.test({
  name: "stat: the runtime's own spans get the route of a request",
  ignore: !needs("run", "net", "read", "write", "env"),
  async fn() {
    await using module = await TempModule.write(`
import { createApp } from "@oresty/oresty";
const app = createApp({ logLevel: "error" });
app.get("/users/:id", async (ctx) => {
  await 0;
  return ctx.params.id;
});
app.get("/sync/:id", (ctx) => ctx.params.id);
const { url } = app.listen({ port: 0, signals: false });
for (const path of ["/users/7", "/sync/7"]) {
  await (await fetch(url + path)).text();
}
await app.close();
`);
    const { code, stdout, stderr } = await runDeno(
      ["run", "--no-prompt", "-A", CONFIG_FLAG, module.path],
      {
        cwd: module.folder,
        timeout: 30,
        env: { OTEL_DENO: "true", OTEL_EXPORTER_OTLP_PROTOCOL: "console" },
      },
    );
    assertEquals(code, 0, stderr);
    for (const route of ["/users/:id", "/sync/:id"]) {
      assertStringIncludes(stdout + stderr, `GET ${route}`);
    }
  },
});
