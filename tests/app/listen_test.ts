import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { createApp } from "@oresty/oresty";
import { runDeno } from "../deno_child.ts";
import { isStrict, needs } from "../permissions.ts";
import { RawConnection } from "../raw_http.ts";
import { type Served, startServed } from "../served.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";
import { sleep } from "../wire/serve.ts";
import { repository } from "../workspace.ts";

const local = { port: 0, signals: false } as const;
const ignoreNet = !needs("net");
const ignoreRun = !needs("run", "net", "read", "write");

/** Starts a program that listens with these options. */
async function program(options: string, fill: string): Promise<Served> {
  await using module = await TempModule.write(
    `import { createApp } from "@oresty/oresty";
const app = createApp();
${fill}
app.listen({ port: 0, ...${options} });`,
  );
  return await startServed(
    ["run", "--no-prompt", CONFIG_FLAG, "-A", module.path],
    { cwd: repository, timeout: 20 },
  );
}

Deno.test({
  name: "listen: a free port, and closed again",
  ignore: ignoreNet,
  async fn() {
    const app = createApp({ logLevel: "error" });
    app.get("/", () => "here");
    const listener = app.listen(local);
    assertEquals(listener.hostname, "127.0.0.1");
    assertEquals(listener.url, `http://127.0.0.1:${listener.port}`);
    assertEquals(await (await fetch(listener.url)).text(), "here");
    await app.close();
    await app.close();
    await listener.finished;
    await assertRejects(() => fetch(listener.url));
  },
});

Deno.test({
  name: "listen: a port in use is thrown without signals",
  ignore: ignoreNet,
  async fn() {
    const app = createApp({ logLevel: "error" });
    const { port } = app.listen(local);
    assertThrows(
      () => createApp().listen({ port, signals: false }),
      Deno.errors.AddrInUse,
      `127.0.0.1:${port}`,
    );
    await app.close();
  },
});

Deno.test("listen: bad options", () => {
  const app = createApp();
  const cases: [object, ErrorConstructor, string][] = [
    [{ port: 70_000 }, RangeError, `"70000"`],
    [{ port: -1 }, RangeError, `"-1"`],
    [{ port: "80" }, RangeError, `"80"`],
    [{ port: NaN }, RangeError, `"NaN"`],
    [{ prot: 80 }, TypeError, `did you mean "port"?`],
    [{ tls: { cert: "x" } }, TypeError, "cert and key"],
    [{ drain: "long" }, TypeError, `"long"`],
  ];
  for (const [options, kind, words] of cases) {
    assertThrows(
      () => app.listen({ signals: false, ...options } as object),
      kind,
      words,
    );
  }
});

Deno.test({
  name: "listen: https with a certificate of our own",
  ignore: !needs("net", "run", "read", "write") || !hasOpenssl(),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const { success } = await new Deno.Command("openssl", {
        args: [
          ..."req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
            .split(" "),
          ..."-addext subjectAltName=DNS:localhost,IP:127.0.0.1".split(" "),
          ..."-addext basicConstraints=critical,CA:FALSE".split(" "),
          "-keyout",
          `${folder}/key.pem`,
          "-out",
          `${folder}/cert.pem`,
        ],
        stderr: "null",
      }).output();
      assert(success);
      const cert = await Deno.readTextFile(`${folder}/cert.pem`);
      const key = await Deno.readTextFile(`${folder}/key.pem`);
      const app = createApp({ logLevel: "error" });
      app.get("/", (ctx) => ctx.url.protocol);
      const { url } = app.listen({ ...local, tls: { cert, key } });
      assertMatch(url, /^https:/);
      using client = Deno.createHttpClient({ caCerts: [cert] });
      const response = await fetch(url, { client });
      assertEquals(await response.text(), "https:");
      await app.close();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "listen: a port in use ends the process with 75 and a sentence",
  ignore: ignoreRun,
  async fn() {
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    try {
      const { code, stderr } = await runDeno(
        ["eval", listenCode(taken.addr.port)],
        { cwd: repository, timeout: 20 },
      );
      assertEquals(code, 75, stderr);
      assertStringIncludes(stderr, "the port is in use by another program");
      assertStringIncludes(stderr, `127.0.0.1:${taken.addr.port}`);
    } finally {
      taken.close();
    }
  },
});

Deno.test({
  name: "listen: a missing permission ends the process with 78 and its name",
  ignore: ignoreRun,
  async fn() {
    await using module = await TempModule.write(listenCode(2299));
    const { code, stderr } = await runDeno(
      ["run", "--no-prompt", CONFIG_FLAG, module.path],
      { cwd: repository, timeout: 20 },
    );
    assertEquals(code, 78, stderr);
    assertStringIncludes(stderr, "--allow-net=127.0.0.1:2299");
  },
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test({
    name: `listen: ${signal} ends a program without traffic within 1 s`,
    ignore: ignoreRun,
    async fn() {
      await using served = await program("{}", `app.get("/", () => "x");`);
      await (await fetch(served.url)).text();
      const start = performance.now();
      const { code } = await served.stop(signal, 5);
      assertEquals(code, 0, served.output);
      assertLess(performance.now() - start, 1000);
    },
  });
}

Deno.test({
  name: "listen: a request in flight is answered after SIGTERM",
  ignore: ignoreRun,
  async fn() {
    await using served = await program(
      "{}",
      `app.get("/", async () => {
  console.log("in flight");
  await new Promise((resolve) => setTimeout(resolve, 600));
  return "done";
});`,
    );
    const answer = fetch(served.url).then((response) => response.text());
    await printed(served, "in flight");
    const { code } = await served.stop("SIGTERM", 5);
    assertEquals(await answer, "done");
    assertEquals(code, 0);
  },
});

Deno.test({
  name: "listen: /readyz is 503 while the port is still open",
  ignore: ignoreRun,
  async fn() {
    await using served = await program("{ readyDelay: 0.6 }", "");
    const port = Number(new URL(served.url).port);
    const ended = served.stop("SIGTERM", 5);
    await printed(served, `"closing"`);
    using connection = await RawConnection.open(port);
    await connection.write("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n");
    assertEquals((await connection.response()).status, 503);
    assertEquals((await ended).code, 0);
  },
});

Deno.test({
  name: "listen: a request that hangs is cut off at the drain deadline",
  ignore: ignoreRun,
  async fn() {
    await using served = await program(
      "{ drain: 0.5 }",
      `app.get("/", () => {
  console.log("in flight");
  return new Promise(() => {});
});`,
    );
    const answer = fetch(served.url).then((r) => r.text()).catch(() => "cut");
    await printed(served, "in flight");
    const start = performance.now();
    const { code } = await served.stop("SIGTERM", 5);
    assertEquals([code, await answer], [0, "cut"]);
    assertLess(performance.now() - start, 2000);
    assertStringIncludes(served.output, "drain deadline");
  },
});

Deno.test({
  name: "listen: open event streams and WebSockets end with the process",
  ignore: ignoreRun,
  async fn() {
    await using served = await program(
      "{ drain: 0.5 }",
      `app.get("/sse", (ctx) => ctx.sse(async (events) => {
  while (true) {
    await events.send("x");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}));
app.get("/ws", (ctx) => ctx.upgrade().response);`,
    );
    const socket = new WebSocket(served.url.replace("http", "ws") + "/ws");
    await new Promise((resolve) => socket.onopen = resolve);
    const closed = new Promise((resolve) => socket.onclose = resolve);
    const stream = await fetch(`${served.url}/sse`);
    const { code } = await served.stop("SIGTERM", 5);
    assertEquals(code, 0);
    await stream.text().catch(() => "");
    await closed;
  },
});

Deno.test({
  name: "listen: a second signal does not wait",
  ignore: ignoreRun,
  async fn() {
    await using served = await program(
      "{ drain: 30 }",
      `app.get("/", () => {
  console.log("in flight");
  return new Promise(() => {});
});`,
    );
    const answer = fetch(served.url).then((r) => r.text()).catch(() => "cut");
    await printed(served, "in flight");
    const ended = served.stop("SIGTERM", 5);
    await printed(served, `"closing"`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    served.kill("SIGTERM");
    assertEquals((await ended).code, 0);
    assertEquals(await answer, "cut");
  },
});

Deno.test({
  name: "listen: a Ctrl-C that a task hands on a second time is one",
  ignore: ignoreRun,
  async fn() {
    await using served = await program(
      "{}",
      `app.get("/", async () => {
  console.log("in flight");
  await new Promise((resolve) => setTimeout(resolve, 600));
  return "done";
});`,
    );
    const answer = fetch(served.url).then((response) => response.text());
    await printed(served, "in flight");
    const ended = served.stop("SIGINT", 5);
    await printed(served, `"closing"`);
    served.kill("SIGINT");
    assertEquals(await answer, "done");
    assertEquals((await ended).code, 0);
  },
});

for (const flags of [[], ["--parallel"]]) {
  Deno.test({
    name: `deno serve ${flags.join(" ")}: answers and ends on SIGTERM`,
    ignore: ignoreRun,
    async fn() {
      await using module = await TempModule.write(
        `import { createApp } from "@oresty/oresty";
const app = createApp();
app.get("/:x", (ctx) => ({ x: ctx.params.x }));
export default app;`,
      );
      await using served = await startServed(
        [
          "serve",
          CONFIG_FLAG,
          "--host=127.0.0.1",
          `--port=${freePort()}`,
          ...flags,
          module.path,
        ],
        { cwd: repository, timeout: 20, env: { DENO_JOBS: "2" } },
      );
      const response = await fetch(`${served.url}/7`);
      assertEquals(await response.json(), { x: "7" });
      // A TERM while the second thread is still starting is lost by the
      // runtime, with any program.
      await sleep(400);
      const { code } = await served.stop("SIGTERM", 5);
      assertEquals(code, 0, served.output);
    },
  });
}

Deno.test({
  name: "signal: without no-legacy-abort it does not fire on success either",
  ignore: ignoreRun,
  async fn() {
    await using module = await TempModule.write(
      `import { createApp } from "@oresty/oresty";
const app = createApp({ logLevel: "error" });
const signals = [];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
app.get("/ok", (ctx) => { signals.push(ctx.signal); return "ok"; });
app.get("/stream", (ctx) => {
  signals.push(ctx.signal);
  return new Response(ReadableStream.from([new Uint8Array(3)]));
});
app.get("/left", async (ctx) => { signals.push(ctx.signal); await sleep(300); });
const { url } = app.listen({ port: 0, signals: false });
await (await fetch(url + "/ok")).text();
await (await fetch(url + "/stream")).arrayBuffer();
await fetch(url + "/left", { signal: AbortSignal.timeout(100) }).catch(() => {});
await sleep(400);
console.log(JSON.stringify(signals.map(({ aborted }) => aborted)));
await app.close();`,
    );
    const config = `${module.folder}/deno.json`;
    const names = ["core", "router"].map((name) =>
      [`@oresty/${name}`, `${repository}${name}/mod.ts`] as const
    );
    await Deno.writeTextFile(
      config,
      JSON.stringify({
        imports: {
          ...Object.fromEntries(names),
          "cookie": "npm:cookie@^2.0.2",
          "eta/core": "npm:eta@^4.6.0/core",
        },
      }),
    );
    const { stdout, stderr } = await runDeno(
      [
        "run",
        "-A",
        "--no-lock",
        "--no-check",
        `--config=${config}`,
        module.path,
      ],
      { cwd: repository, timeout: 20 },
    );
    assertEquals(stdout.trim(), "[false,false,true]", stderr);
  },
});

/** With port 0 each thread of `deno serve --parallel` takes one of its own. */
function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

function listenCode(port: number): string {
  return `import { createApp } from "${repository}app/mod.ts";
createApp().listen({ port: ${port} });`;
}

function hasOpenssl(): boolean {
  try {
    return new Deno.Command("openssl", { args: ["version"] }).outputSync()
      .success;
  } catch {
    if (isStrict()) throw new Error("openssl is not installed");
    console.log("ignored: https, openssl is not installed");
    return false;
  }
}

async function printed(served: Served, text: string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (served.output.includes(text)) return;
    await sleep(10);
  }
  throw new Error(`"${text}" was not printed\n${served.output}`);
}
