import { assert, assertEquals, assertThrows } from "@std/assert";
import { accessLog, type AccessLogOptions } from "@oresty/router/access-log";
import { requestId } from "@oresty/router/request-id";
import { needs } from "../permissions.ts";
import { rawRequest } from "../raw_http.ts";
import { around, ask } from "./ask.ts";

type Line = Record<string, unknown>;

function app(options: AccessLogOptions = {}) {
  const lines: Line[] = [];
  const write = (line: string) => lines.push(JSON.parse(line));
  const router = around(accessLog({ write, ...options }));
  router.get("/users/:id", (ctx) => `user ${ctx.params.id}`);
  router.post("/users", async (ctx) => await ctx.json());
  router.get("/fails", () => {
    throw new Error("secret detail");
  });
  let streams = 0;
  router.get("/stream", (ctx) =>
    ctx.stream(async (writer) => {
      streams++;
      try {
        for (let i = 0; i < 5; i++) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          await writer.write("0123456789");
        }
      } finally {
        streams--;
      }
    }));
  /** Resolves when no stream is written any more, also of clients that left. */
  const idle = async () => {
    while (streams > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { router, lines, idle };
}

/** The next line, which is written when the answer was sent. */
async function lineOf(lines: Line[]): Promise<Line> {
  for (let i = 0; i < 200 && lines.length === 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return lines.shift()!;
}

Deno.test("accessLog writes what nginx would", async () => {
  const { router, lines } = app();
  await ask(router, "/users/7?page=2", {
    host: "api.example",
    "user-agent": "test/1",
    referer: "https://a.example/x?token=t0p",
    "x-forwarded-for": "1.2.3.4",
    "x-request-id": "r-1",
  });
  const { time, request_time, handler_time, curl, ...rest } = await lineOf(
    lines,
  );
  assert(!Number.isNaN(Date.parse(time as string)));
  assert(request_time as number >= (handler_time as number));
  assertEquals(rest, {
    reqid: "r-1",
    status: 200,
    body_bytes_sent: 6,
    request_length: null,
    remote_addr: "",
    client_addr: "",
    http_x_forwarded_for: "1.2.3.4",
    request_method: "GET",
    request_uri: "/users/7?page=2",
    route: "/users/:id",
    host: "api.example",
    http_referer: "https://a.example/x?token=[redacted]",
    http_user_agent: "test/1",
    aborted: false,
  });
  assert((curl as string).startsWith("curl --globoff 'http"), curl as string);
});

Deno.test("accessLog has a line also for errors, streams and no route", async () => {
  const { router, lines, idle } = app();
  await ask(router, "/fails");
  assertEquals((await lineOf(lines))["status"], 500);
  await ask(router, "/none");
  const none = await lineOf(lines);
  assertEquals([none["status"], none["route"]], [404, null]);
  const stream = await ask(router, "/stream");
  assertEquals(stream.text.length, 50);
  const line = await lineOf(lines);
  assertEquals([line["body_bytes_sent"], line["aborted"]], [50, false]);
  assert(line["request_time"] as number > 0);
  const response = await router.request("/stream");
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  const cut = await lineOf(lines);
  assertEquals([cut["body_bytes_sent"], cut["aborted"]], [10, true]);
  await ask(router, "/users/7", {}, { method: "HEAD" });
  assertEquals((await lineOf(lines))["body_bytes_sent"], 0);
  await idle();
});

Deno.test("accessLog keeps secrets out of every field", async () => {
  const { router, lines } = app({ secrets: ["x-tenant", "pet"] });
  const secret = "s3cr3t";
  await ask(
    router,
    `/users/7?access_token=${secret}&a=1&api-key=${secret}&pet=${secret}` +
      `&pass%77ord=${secret}&code=${secret}`,
    {
      authorization: `Bearer ${secret}`,
      cookie: `session=${secret}`,
      "proxy-authorization": `Basic ${secret}`,
      "x-api-key": secret,
      "x-auth-token": secret,
      "x-csrf-token": secret,
      "x-tenant": secret,
      referer: `https://u:${secret}@a.example/?sig=${secret}`,
    },
  );
  const line = await lineOf(lines);
  const text = JSON.stringify(line);
  assert(!text.includes(secret), text);
  assert(text.includes("authorization: Bearer [redacted]"), text);
  assert(text.includes("a=1"), text);
});

Deno.test("the curl command is one a shell takes literally", {
  ignore: !needs("run"),
}, async () => {
  const { router, lines } = app();
  const hostile = `a'; touch /tmp/evil; '$(id)\`id\`"\\ {x,y}[1-2]`;
  await ask(router, `/users/'%27$(id)?q={a,b}[1-3]'`, {
    "x-hostile": hostile,
    "x-empty": "",
    "accept-encoding": "gzip",
  }, { method: "POST", body: "text" });
  const { curl } = await lineOf(lines);
  // The shell says what words it made of it.
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `curl() { printf '%s\\n' "$@"; }; ${curl}`],
  }).output();
  const words = new TextDecoder().decode(stdout).split("\n");
  assert(words.includes(`x-hostile: ${hostile}`), curl as string);
  assert(words.includes("x-empty;"), curl as string);
  assert(words.some((word) => /^http:.*q=\{a,b\}\[1-3\]'?/.test(word)));
  assertEquals(words.slice(0, 3), ["-X", "POST", "--globoff"]);
  assert(words.includes("--compressed"));
});

Deno.test("accessLog writes JSON whatever comes, and not without end", async () => {
  const { router, lines } = app();
  await ask(router, `/users/"%00\\${"x".repeat(5000)}`, {
    "user-agent": `"\\\t${"y".repeat(9000)}`,
  });
  const line = await lineOf(lines);
  assert(JSON.stringify(line).length < 8192);
  assertEquals(line["curl"], undefined);
  assertEquals((line["http_user_agent"] as string).length, 2049);
});

Deno.test("accessLog skips, adds fields, and leaves the command out", async () => {
  const { router, lines } = app({
    skip: (ctx) => ctx.path === "/healthz",
    fields: (_ctx, response) => ({
      type: response.headers.get("content-type"),
    }),
    curl: false,
  });
  await ask(router, "/healthz");
  await ask(router, "/users/1");
  const line = await lineOf(lines);
  assertEquals([lines.length, line["curl"]], [0, undefined]);
  assertEquals(line["type"], "text/plain; charset=utf-8");
});

Deno.test("a log that cannot be written hurts no request", async () => {
  const { router } = app({
    write: () => {
      throw new Error("the disk is full");
    },
  });
  assertEquals((await ask(router, "/users/1")).text, "user 1");
});

Deno.test("accessLog tells addresses and times of real connections", {
  ignore: !needs("net"),
}, async () => {
  const { router, lines } = app();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    router.fetch,
  );
  try {
    const { port } = server.addr;
    await rawRequest(
      port,
      "POST /users HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n" +
        `content-length: 7\r\nconnection: close\r\n\r\n{"a":1}`,
    );
    const line = await lineOf(lines);
    assertEquals([line["remote_addr"], line["client_addr"]], [
      "127.0.0.1",
      "127.0.0.1",
    ]);
    assertEquals([line["request_length"], line["body_bytes_sent"]], [7, 7]);
    assert((line["curl"] as string).endsWith("--data-binary @-"));
  } finally {
    await server.shutdown();
  }
});

/** Serves on a port of its own while something runs. */
async function serving(
  router: ReturnType<typeof app>["router"],
  run: (port: number) => Promise<void>,
): Promise<void> {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    router.fetch,
  );
  try {
    await run(server.addr.port);
  } finally {
    await server.shutdown();
  }
}

Deno.test(
  "accessLog counts what a client that left was sent, also of a known length",
  {
    ignore: !needs("net"),
  },
  async () => {
    const { router, lines } = app();
    const size = 50_000_000;
    router.get("/large", () => {
      let left = size / 50_000;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 0));
          if (left-- > 0) controller.enqueue(new Uint8Array(50_000));
          else controller.close();
        },
      }, { highWaterMark: 0 });
      return new Response(body, { headers: { "content-length": `${size}` } });
    });
    await serving(router, async (port) => {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(
        new TextEncoder().encode("GET /large HTTP/1.1\r\nhost: x\r\n\r\n"),
      );
      await connection.read(new Uint8Array(1000));
      connection.close();
      const line = await lineOf(lines);
      assertEquals([line["status"], line["aborted"]], [200, true]);
      assert(line["body_bytes_sent"] as number < size, `${line}`);
    });
  },
);

Deno.test("accessLog sends no body of HEAD, and calls none cut", {
  ignore: !needs("net"),
}, async () => {
  const { router, lines, idle } = app();
  await serving(router, async (port) => {
    for (const path of ["/stream", "/users/7"]) {
      await rawRequest(
        port,
        `HEAD ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
      );
      const line = await lineOf(lines);
      assertEquals([line["body_bytes_sent"], line["aborted"]], [0, false]);
    }
  });
  await idle();
});

Deno.test("accessLog lets a WebSocket be one", {
  ignore: !needs("net"),
}, async () => {
  const { router, lines } = app();
  router.get("/socket", (ctx) => {
    const { socket, response } = ctx.upgrade();
    socket.onmessage = ({ data }) => socket.send(`you said ${data}`);
    return response;
  });
  await serving(router, async (port) => {
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
    const line = await lineOf(lines);
    assertEquals([line["status"], line["request_uri"]], [101, "/socket"]);
  });
});

Deno.test("fields of the log that cannot be had hurt no request", async () => {
  const { router, lines } = app({
    fields: () => {
      throw new Error("none");
    },
  });
  assertEquals((await ask(router, "/users/1")).text, "user 1");
  assertEquals((await lineOf(lines))["status"], 200);
});

Deno.test("accessLog takes the id that something inside gave", async () => {
  const { router, lines } = app();
  router.use(requestId({ trust: false, generate: () => "own-1" }));
  await ask(router, "/users/1", { "x-request-id": "r-1" });
  assertEquals((await lineOf(lines))["reqid"], "own-1");
});

Deno.test("accessLog knows secrets by their names", async () => {
  const { router, lines } = app();
  const secret = "s3cr3t";
  const names = [
    ..."pass passphrase jwt accessKey access_key private_key sid key code"
      .split(
        " ",
      ),
    ..."PHPSESSID client_assertion SAMLResponse ticket bearer _csrf otp".split(
      " ",
    ),
    "user[pass]",
    "X-Amz-Signature",
  ];
  const query = names.map((name) => `${name}=${secret}`).join("&");
  await ask(router, `/users/7?${query}`, {
    referer: `https://a.example/#access_token=${secret}`,
    "x-original-url": `/?token=${secret}`,
    "x-jwt-assertion": secret,
  });
  const text = JSON.stringify(await lineOf(lines));
  assert(!text.includes(secret), text);
  // What only looks like one is no secret.
  await ask(router, "/users/7?author=a&monkey=b&zipcode=c&compass=d&page=e");
  const { request_uri } = await lineOf(lines);
  assertEquals(
    request_uri,
    "/users/7?author=a&monkey=b&zipcode=c&compass=d&page=e",
  );
});

Deno.test("accessLog refuses options that cannot be meant", () => {
  assertThrows(() => accessLog({ write: 1 as never }), TypeError, `"write"`);
  assertThrows(() => accessLog({ secret: [] } as never), TypeError, "secrets");
  assertThrows(() => accessLog({ secrets: "x" as never }), TypeError, `"x"`);
});
