import { assert, assertEquals, assertRejects } from "@std/assert";
import * as stat from "@oresty/stat";
import { Worker } from "node:worker_threads";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { type Served, startServed } from "../served.ts";
import { freePort } from "../services.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";
import { sleep, until } from "./isolates.ts";
import { parseText, valueOf } from "./parse_text.ts";

const ignore = !needs("run", "net", "read", "write", "env");

async function scrape(url: string, key: string): Promise<number> {
  const response = await fetch(`${url}/metrics`, {
    signal: AbortSignal.timeout(5000),
  });
  assertEquals(response.status, 200);
  return valueOf(parseText(await response.text()), key);
}

/** Runs a module until it prints its address. */
async function startModule({ path, folder }: TempModule): Promise<Served> {
  const flags = ["--no-prompt", "--allow-net", "--allow-read", CONFIG_FLAG];
  return await startServed(["run", ...flags, path], {
    cwd: folder,
    timeout: 30,
  });
}

Deno.test({
  name: "serve answers scrapes from a worker of its own",
  ignore,
  async fn() {
    await using listener = await stat.serve({ port: 0 });
    const { url } = listener;
    assert(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/.test(`${url}`), url);
    stat.create().incr("serve_test_a", 3);
    assertEquals(await scrape(url!, "serve_test_a"), 3);
    const get = async (path: string, method = "GET") => {
      const response = await fetch(url + path, { method });
      await response.body?.cancel();
      return response;
    };
    const health = await fetch(`${url}/healthz`);
    assertEquals(await health.json(), { status: "ok", pid: Deno.pid });
    assertEquals((await get("/")).status, 404);
    assertEquals((await get("/metrics/")).status, 404);
    assertEquals((await get("/metrics", "POST")).status, 405);
    assertEquals((await get("/healthz", "DELETE")).status, 405);
    assertEquals((await get("/metrics?x=1")).status, 200);
    // The same once more is the same listener.
    assertEquals(await stat.serve({ port: 0 }), listener);
    await listener.close();
    await listener.close();
    assertEquals(listener.url, undefined);
    await assertRejects(() => fetch(`${url}/healthz`), TypeError);
    await stat.stop();
  },
});

Deno.test({
  name: "an IPv6 address may stand in brackets",
  ignore,
  async fn() {
    try {
      Deno.listen({ hostname: "::1", port: 0 }).close();
    } catch {
      return; // this machine has no IPv6
    }
    await using listener = await stat.serve({ port: 0, hostname: "[::1]" });
    assert(/^http:\/\/\[::1\]:\d+$/.test(`${listener.url}`), listener.url);
    await listener.close();
    await stat.stop();
  },
});

Deno.test({
  name: "serve refuses what it cannot",
  ignore,
  async fn() {
    for (const port of [-1, 65536, 1.5, NaN, "9464", null]) {
      await assertRejects(
        () => stat.serve({ port: port as number }),
        RangeError,
        "expected 0 to 65535",
      );
    }
    for (const hostname of ["", 1, null]) {
      await assertRejects(
        () => stat.serve({ hostname: hostname as string }),
        TypeError,
        "Cannot",
      );
    }
    await assertRejects(
      () => stat.serve({ prot: 1 } as never),
      TypeError,
      'did you mean "port"',
    );
    await assertRejects(
      () => stat.serve({ port: 0, hostname: "256.0.0.1" }),
      Error,
      "Cannot serve metrics",
    );
    await stat.stop();
    await using module = await TempModule.write(`
import * as stat from "@oresty/stat";
try {
  await stat.serve();
} catch (error) {
  console.log(String(error));
}
`);
    const { code, stdout, stderr } = await runDeno(
      ["run", "--no-prompt", CONFIG_FLAG, module.path],
      { cwd: module.folder, timeout: 30 },
    );
    assertEquals([code, stderr], [0, ""]);
    assert(stdout.includes("--allow-net=127.0.0.1:9464"), stdout);
  },
});

Deno.test({
  name: "a taken port is one warning, and is taken over once it is free",
  ignore,
  async fn() {
    const port = freePort();
    const taken = Deno.serve(
      { port, hostname: "127.0.0.1", onListen() {} },
      () => new Response("not ours"),
    );
    const warnings: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => warnings.push(text);
    try {
      await using listener = await stat.serve({ port });
      assertEquals(listener.url, undefined);
      await sleep(1500); // it was tried again
      assertEquals(warnings.length, 1);
      assert(warnings[0]!.includes(`127.0.0.1:${port}`), warnings[0]);
      await taken.shutdown();
      await until(10, () => listener.url !== undefined);
      assertEquals(listener.url, `http://127.0.0.1:${port}`);
      await (await fetch(`${listener.url}/metrics`)).text();
    } finally {
      console.warn = warn;
      await taken.shutdown();
    }
    await stat.stop();
  },
});

Deno.test({
  name: "a worker that dies is started again, and nothing is lost",
  ignore,
  async fn() {
    const port = freePort();
    // The worker is core's: it is caught where it begins to be listened to.
    const started: Worker[] = [];
    const { on } = Worker.prototype;
    Worker.prototype.on = function (...args: unknown[]) {
      if (!started.includes(this)) started.push(this);
      return Reflect.apply(on, this, args);
    };
    try {
      await using listener = await stat.serve({ port });
      stat.create().incr("serve_test_restart", 5);
      const url = `http://127.0.0.1:${port}`;
      assertEquals(await scrape(url, "serve_test_restart"), 5);
      assertEquals(started.length, 1);
      await started[0]!.terminate();
      await until(2, () => listener.url === undefined);
      await until(10, () => listener.url === url);
      assertEquals(await scrape(url, "serve_test_restart"), 5);
      assertEquals(started.length, 2);
    } finally {
      Worker.prototype.on = on;
    }
    await stat.stop();
  },
});

Deno.test({
  name: "a blocked main thread and an endless loop do not delay a scrape",
  ignore,
  async fn() {
    await using module = await TempModule.write(`
import * as stat from "@oresty/stat";
import { isMainThread, Worker } from "node:worker_threads";
const s = stat.create();
if (!isMainThread) {
  await stat.start();
  const counter = s.counter("loop");
  for (;;) counter.incr();
}
s.incr("before", 7);
const { url } = await stat.serve({ port: 0 });
new Worker(new URL(import.meta.url));
await new Promise((resolve) => setTimeout(resolve, 1000));
console.log(url + "/");
await new Promise((resolve) => setTimeout(resolve, 100));
s.incr("blocked", 1);
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
s.incr("blocked", 1);
setInterval(() => {}, 1000);
`);
    await using served = await startModule(module);
    const { url } = served;
    await until(5, async () => await scrape(url, "blocked") === 1);
    const began = performance.now();
    let [reads, longest, last] = [0, 0, 0];
    while (performance.now() - began < 2500) {
      const start = performance.now();
      const loop = await scrape(url, "loop");
      longest = Math.max(longest, performance.now() - start);
      assert(loop > last, `${loop} ${last}`);
      last = loop;
      reads++;
      await sleep(50);
    }
    assertEquals(await scrape(url, "blocked"), 1, "it was blocked meanwhile");
    assertEquals(await scrape(url, "before"), 7);
    assert(reads > 10 && longest < 1000, `${reads} ${longest}`);
    await until(5, async () => await scrape(url, "blocked") === 2);
    const { signal } = await served.stop("SIGTERM", 5);
    assertEquals(signal, "SIGTERM");
  },
});

Deno.test({
  name: "of several isolates one serves, and another takes over from it",
  ignore,
  async fn() {
    const port = freePort();
    await using module = await TempModule.write(`
import * as stat from "@oresty/stat";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
await stat.serve({ port: ${port} });
stat.create().incr("isolates");
if (isMainThread) {
  const start = () => new Promise((resolve) => {
    const worker = new Worker(new URL(import.meta.url));
    worker.once("message", () => resolve(worker));
  });
  const workers = [await start(), await start()];
  console.log("http://127.0.0.1:${port}/");
  await new Promise((resolve) => setTimeout(resolve, 500));
  await stat.stop(); // it is the one that serves
  stat.create().incr("isolates");
  setInterval(() => {}, 1000);
} else {
  parentPort.on("message", () => {});
  parentPort.postMessage("up");
}
`);
    await using served = await startModule(module);
    assertEquals(await scrape(served.url, "isolates"), 3);
    await sleep(700);
    await until(15, async () => {
      try {
        return await scrape(served.url, "isolates") === 4;
      } catch (error) {
        if (error instanceof TypeError) return false; // nobody listens now
        throw error;
      }
    });
    assertEquals(served.output.includes("oresty"), false, served.output);
  },
});
