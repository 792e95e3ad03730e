import { assert, assertEquals } from "@std/assert";
import { accessLog } from "@oresty/router/access-log";
import { compress } from "@oresty/router/compress";
import { cors } from "@oresty/router/cors";
import { csrf } from "@oresty/router/csrf";
import { etag } from "@oresty/router/etag";
import { rateLimit } from "@oresty/router/rate-limit";
import { requestId } from "@oresty/router/request-id";
import { secureHeaders } from "@oresty/router/secure-headers";
import { type Session, session } from "@oresty/router/session";
import { timeout } from "@oresty/router/timeout";
import { needs } from "../permissions.ts";
import { rawRequest, type RawResponse } from "../raw_http.ts";
import { around, SECRETS } from "./ask.ts";

/** All middlewares in the order of their README, over a real connection. */
async function withAll(
  run: (port: number, lines: Record<string, unknown>[]) => Promise<void>,
): Promise<void> {
  const lines: Record<string, unknown>[] = [];
  const router = around([
    requestId(),
    accessLog({ write: (line) => lines.push(JSON.parse(line)) }),
    secureHeaders(),
    cors({ origin: "https://*.example.com", credentials: true }),
    rateLimit({ limit: 100 }),
    csrf(),
    timeout({ after: "5s" }),
    compress(),
    etag(),
    session(),
  ], { secrets: SECRETS });
  router.get("/", () => "hello ".repeat(1000));
  router.post("/", () => "changed");
  router.get("/visit", (ctx) => {
    (ctx.state["session"] as Session).set("seen", true);
    return "seen";
  });
  router.get("/fails", () => {
    throw new Error("a fault");
  });
  router.get("/events", (ctx) =>
    ctx.sse(async (events) => {
      await events.send("first");
      await new Promise((resolve) =>
        events.signal.addEventListener("abort", resolve)
      );
    }));
  router.get("/socket", (ctx) => {
    const { socket, response } = ctx.upgrade();
    socket.onmessage = ({ data }) => socket.send(`you said ${data}`);
    return response;
  });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    router.fetch,
  );
  try {
    await run(server.addr.port, lines);
  } finally {
    await server.shutdown();
  }
}

function all(name: string, run: Parameters<typeof withAll>[0]): void {
  Deno.test(name, { ignore: !needs("net") }, () => withAll(run));
}

/** A line is written when its answer was sent, which is after its arrival. */
async function written(lines: unknown[], count: number): Promise<void> {
  for (let i = 0; i < 400 && lines.length < count; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const ORIGIN = "https://a.example.com";

function get(port: number, line: string, fields = ""): Promise<RawResponse> {
  return rawRequest(
    port,
    `${line} HTTP/1.1\r\nhost: a.example.com\r\norigin: ${ORIGIN}\r\n` +
      `accept-encoding: gzip\r\n${fields}connection: close\r\n\r\n`,
  );
}

all("all together answer, also with errors", async (port, lines) => {
  const cases: [line: string, status: number][] = [
    ["GET /", 200],
    ["HEAD /", 200],
    ["GET /visit", 200],
    ["GET /none", 404],
    ["POST /visit", 405],
    ["GET /fails", 500],
    ["GET /%zz", 400],
  ];
  for (const [line, status] of cases) {
    const answer = await get(port, line);
    const { headers } = answer;
    assertEquals(answer.status, status, line);
    assertEquals(headers.get("access-control-allow-origin"), ORIGIN, line);
    assertEquals(headers.get("x-frame-options"), "SAMEORIGIN", line);
    assert(headers.has("ratelimit"), line);
    assert(headers.get("vary")!.includes("origin"), line);
    const isSmall = status !== 200 || line === "GET /visit";
    assertEquals(headers.get("content-encoding"), isSmall ? null : "gzip");
    await written(lines, 1);
    const logged = lines.shift()!;
    assertEquals(logged["status"], status, line);
    assertEquals(logged["reqid"], headers.get("x-request-id"), line);
  }
});

all("all together confirm, refuse and keep", async (port) => {
  const first = await get(port, "GET /");
  const tag = first.headers.get("etag")!;
  assert(tag.startsWith(`W/"`), tag);
  const again = await get(port, "GET /", `if-none-match: ${tag}\r\n`);
  assertEquals([again.status, again.headers.get("etag")], [304, tag]);
  const hostile = await get(port, "POST /", "sec-fetch-site: cross-site\r\n");
  assertEquals(hostile.status, 403);
  const visit = await get(port, "GET /visit");
  const [cookie] = visit.headers.getSetCookie();
  assert(cookie!.startsWith("session="), cookie);
  const preflight = await get(
    port,
    "OPTIONS /",
    "access-control-request-method: POST\r\n",
  );
  assertEquals([preflight.status, preflight.text], [204, ""]);
});

all("all together let events flow and sockets open", async (port, lines) => {
  const events = await Deno.connect({ hostname: "127.0.0.1", port });
  await events.write(new TextEncoder().encode(
    "GET /events HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\n\r\n",
  ));
  let text = "";
  while (!text.includes("data: first\n\n")) {
    const buffer = new Uint8Array(10_000);
    const size = await events.read(buffer);
    assert(size !== null, text);
    text += new TextDecoder().decode(buffer.subarray(0, size));
  }
  events.close();
  assert(!text.includes("content-encoding"), text);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`);
  const said = await new Promise<string>((resolve) => {
    socket.onopen = () => socket.send("hello");
    socket.onmessage = ({ data }) => resolve(data);
    socket.onerror = () => resolve("an error");
  });
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  assertEquals(said, "you said hello");
  await written(lines, 2);
  const logged = lines.map(({ request_uri, status, aborted }) =>
    `${request_uri} ${status} ${aborted}`
  );
  assertEquals(logged.sort(), ["/events 200 true", "/socket 101 false"]);
});
