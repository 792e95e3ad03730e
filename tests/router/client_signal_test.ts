import { assert, assertEquals } from "@std/assert";
import { type Context, HttpRouter } from "@oresty/router";
import { MemoryLog } from "./http_fakes.ts";

/** A request whose client can leave. */
function requestOf(): { request: Request; leave: () => void } {
  const controller = new AbortController();
  const { signal } = controller;
  return {
    request: new Request("http://a/", { signal }),
    leave: () => controller.abort(new Error("gone")),
  };
}

function routerOf(handler: (ctx: Context) => unknown): HttpRouter {
  return new HttpRouter({ log: new MemoryLog() })
    .get("/", handler as never) as HttpRouter;
}

Deno.test("ctx.signal aborts when the client leaves a running handler", async () => {
  const { request, leave } = requestOf();
  let seen: unknown;
  const router = routerOf(async (ctx) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    assert(!ctx.signal.aborted);
    ctx.signal.addEventListener("abort", () => resolve());
    leave();
    await promise;
    seen = ctx.signal.reason;
    return null;
  });
  await router.fetch(request);
  assert(seen instanceof DOMException);
  assertEquals([seen.name, seen.message], ["AbortError", "The client left"]);
});

Deno.test("ctx.signal stays quiet after an answer without a stream", async () => {
  const handlers: ((ctx: Context) => unknown)[] = [
    () => null,
    () => new Response(null, { status: 204 }),
    () => new Response("x", { headers: { "content-length": "1" } }),
    () => {
      throw new Error("x");
    },
  ];
  for (const handler of handlers) {
    const { request, leave } = requestOf();
    let signal: AbortSignal | undefined;
    const router = routerOf((ctx) => {
      signal = ctx.signal;
      return handler(ctx);
    });
    await (await router.fetch(request)).body?.pipeTo(new WritableStream());
    // Without "no-legacy-abort" the runtime's signal aborts here too.
    leave();
    assert(!signal!.aborted);
  }
});

Deno.test("ctx.signal aborts in the middle of a stream, and not after it", async () => {
  for (const isRead of [false, true]) {
    const { request, leave } = requestOf();
    let signal: AbortSignal | undefined;
    const router = routerOf((ctx) => {
      signal = ctx.signal;
      return ctx.stream(async (writer) => {
        await writer.write("a");
        await writer.write("b");
      });
    });
    const response = await router.fetch(request);
    if (isRead) assertEquals(await response.text(), "ab");
    leave();
    assertEquals(signal!.aborted, !isRead);
    if (!isRead) await response.body?.cancel();
  }
});

Deno.test("ctx.signal aborts when the body is cancelled", async () => {
  const { request } = requestOf();
  let signal: AbortSignal | undefined;
  const router = routerOf((ctx) => {
    signal = ctx.signal;
    return ctx.stream(async (writer) => {
      for (let i = 0; i < 1000; i++) await writer.write("x");
    });
  });
  const response = await router.fetch(request);
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel("enough");
  assert(signal!.aborted);
});

Deno.test("a watched body comes through whole, and its error too", async () => {
  const router = routerOf((ctx) => {
    void ctx.signal;
    return ctx.stream(async (writer) => {
      for (let i = 0; i < 100; i++) await writer.write(`${i},`);
    });
  });
  const response = await router.request("/");
  const expected = Array.from({ length: 100 }, (_, i) => `${i},`).join("");
  assertEquals(await response.text(), expected);
  const broken = routerOf((ctx) => {
    void ctx.signal;
    return ctx.stream(() => {
      throw new Error("in the stream");
    });
  });
  let message = "";
  try {
    await (await broken.request("/")).text();
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "in the stream");
});

Deno.test("a client that left before it was asked is known to have left", async () => {
  const { request, leave } = requestOf();
  leave();
  const router = routerOf((ctx) => ({ aborted: ctx.signal.aborted }));
  const response = await router.fetch(request);
  assertEquals(await response.json(), { aborted: true });
});

Deno.test("a watched answer keeps status and headers", async () => {
  const router = routerOf((ctx) => {
    void ctx.signal;
    ctx.status(201).header("x-a", "1");
    return { a: 1 };
  });
  const response = await router.request("/");
  assertEquals([response.status, response.headers.get("x-a")], [201, "1"]);
  assertEquals(response.headers.get("content-type"), "application/json");
  assertEquals(await response.json(), { a: 1 });
});
