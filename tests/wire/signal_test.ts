import { assert, assertEquals } from "@std/assert";
import { needs } from "../permissions.ts";
import { RawConnection } from "../raw_http.ts";
import { serve, sleep, until } from "./serve.ts";

const ignore = !needs("net");
const GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

Deno.test({
  name: "signal: fires when the client leaves a running handler",
  ignore,
  async fn() {
    let signal: AbortSignal | undefined;
    await using running = serve({}, (app) => {
      app.get("/", async (ctx) => {
        signal = ctx.signal;
        await sleep(300);
        return "late";
      });
    });
    const connection = await RawConnection.open(running.port);
    await connection.write(GET);
    await until(() => signal !== undefined, "the request");
    assert(!signal!.aborted);
    connection.close();
    await until(() => signal!.aborted, "the abort");
    assertEquals(signal!.reason.name, "AbortError");
    await sleep(350);
  },
});

Deno.test({
  name: "signal: does not fire when the answer was delivered",
  ignore,
  async fn() {
    const signals: AbortSignal[] = [];
    await using running = serve({}, (app) => {
      app.get("/", (ctx) => {
        signals.push(ctx.signal);
        return "ok";
      });
      app.get("/stream", (ctx) => {
        signals.push(ctx.signal);
        return ctx.stream(async (writer) => {
          await writer.write("a");
          await sleep(20);
          await writer.write("b");
        });
      });
    });
    for (const path of ["/", "/stream"]) {
      const response = await fetch(`http://127.0.0.1:${running.port}${path}`);
      await response.text();
    }
    await sleep(100);
    assertEquals(signals.map(({ aborted }) => aborted), [false, false]);
  },
});

Deno.test({
  name: "signal: fires when the client leaves in the middle of a stream",
  ignore,
  async fn() {
    let signal: AbortSignal | undefined;
    let cancelled = false;
    await using running = serve({}, (app) => {
      app.get("/", (ctx) => {
        signal = ctx.signal;
        return new ReadableStream({
          async pull(controller) {
            await sleep(10);
            controller.enqueue(new Uint8Array(1024));
          },
          cancel() {
            cancelled = true;
          },
        });
      });
    });
    const connection = await RawConnection.open(running.port);
    await connection.write(GET);
    await until(() => signal !== undefined, "the request");
    await sleep(50);
    connection.close();
    await until(() => signal!.aborted, "the abort");
    await until(() => cancelled, "the cancel");
  },
});

Deno.test({
  name: "stream: the writer's signal fires and writing ends when a client left",
  ignore,
  async fn() {
    let ended = false;
    await using running = serve({}, (app) => {
      app.get("/", (ctx) =>
        ctx.sse(async (events) => {
          try {
            while (true) {
              await events.send("x".repeat(1000));
              await sleep(5);
            }
          } finally {
            ended = events.signal.aborted;
          }
        }));
    });
    const connection = await RawConnection.open(running.port);
    await connection.write(GET);
    await sleep(50);
    connection.close();
    await until(() => ended, "the end of the writing");
    assertEquals(running.lines, []);
  },
});

Deno.test({
  name: "stream: a slow reader holds the writer back",
  ignore,
  async fn() {
    let written = 0;
    await using running = serve({}, (app) => {
      app.get("/", (ctx) =>
        ctx.stream(async (writer) => {
          while (written < 500) {
            await writer.write(new Uint8Array(1024 * 1024));
            written++;
          }
        }));
    });
    using connection = await RawConnection.open(running.port);
    await connection.write(GET);
    await sleep(400);
    assert(written < 100, `${written} MiB went out to who reads nothing`);
  },
});

Deno.test({
  name: "stream: an error cuts the body off and is logged",
  ignore,
  async fn() {
    await using running = serve({}, (app) => {
      app.get("/", (ctx) =>
        ctx.stream(async (writer) => {
          await writer.write("part");
          throw new Error("broken");
        }));
    });
    const response = await fetch(`http://127.0.0.1:${running.port}/`);
    let failed = false;
    await response.text().catch(() => failed = true);
    assert(failed, "a cut body must not look whole");
    assertEquals(running.lines[0]!["msg"], "stream failed");
  },
});

Deno.test({
  name: "timeout: a handler that hangs is 503 and the connection goes on",
  ignore,
  async fn() {
    await using running = serve({ timeout: 0.1 }, (app) => {
      app.get("/", () => new Promise(() => {}));
      app.get("/ok", () => "ok");
    });
    using connection = await RawConnection.open(running.port);
    await connection.write(GET);
    assertEquals((await connection.response()).status, 503);
    await connection.write("GET /ok HTTP/1.1\r\nHost: h\r\n\r\n");
    assertEquals((await connection.response()).text, "ok");
  },
});

Deno.test({
  name: "websocket: echoes, and 426 for who did not ask",
  ignore,
  async fn() {
    await using running = serve({}, (app) => {
      app.get("/", (ctx) => {
        const { socket, response } = ctx.upgrade();
        socket.onmessage = ({ data }) => socket.send(data);
        return response;
      });
    });
    const plain = await fetch(`http://127.0.0.1:${running.port}/`);
    assertEquals(plain.status, 426);
    await plain.text();
    const socket = new WebSocket(`ws://127.0.0.1:${running.port}/`);
    const echoed = await new Promise((resolve, reject) => {
      socket.onopen = () => socket.send("你好");
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = reject;
    });
    assertEquals(echoed, "你好");
    await new Promise((resolve) => {
      socket.onclose = resolve;
      socket.close();
    });
  },
});
