import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpRouter } from "@oresty/router";
import { MemoryLog } from "./http_fakes.ts";

Deno.test("a stream is written piece by piece", async () => {
  const router = new HttpRouter();
  router.get("/", (ctx) =>
    ctx.stream(async (writer) => {
      await writer.write("ä");
      await writer.write("");
      await writer.write(Uint8Array.of(98, 99));
      await writer.write(new Uint8Array());
    }, "text/plain"));
  const response = await router.request("/");
  assertEquals(response.headers.get("content-type"), "text/plain");
  assertEquals(await response.text(), "äbc");
});

Deno.test("a stream may be written without waiting", async () => {
  const router = new HttpRouter();
  router.get("/", (ctx) =>
    ctx.stream(async (writer) => {
      await Promise.all(["a", "b", "c"].map((text) => writer.write(text)));
    }));
  assertEquals(await (await router.request("/")).text(), "abc");
});

Deno.test("an empty stream is an empty body", async () => {
  const router = new HttpRouter().get("/", (ctx) => ctx.stream(() => {}));
  assertEquals(await (await router.request("/")).text(), "");
});

Deno.test("a stream waits for its reader", async () => {
  let written = 0;
  const router = new HttpRouter({ log: new MemoryLog() });
  router.get("/", (ctx) =>
    ctx.stream(async (writer) => {
      for (let i = 0; i < 1000; i++) {
        await writer.write(new Uint8Array(1000));
        written++;
      }
    }));
  const reader = (await router.request("/")).body!.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert(written < 10, `${written} pieces ahead of the reader`);
  await reader.cancel();
});

Deno.test("an error cuts the stream off and is logged", async () => {
  for (const isLate of [false, true]) {
    const log = new MemoryLog();
    const router = new HttpRouter({ log });
    router.get("/", (ctx) =>
      ctx.stream(async (writer) => {
        if (isLate) await writer.write("a");
        throw new Error("in the stream");
      }));
    const response = await router.request("/");
    assertEquals(response.status, 200);
    await assertRejects(() => response.text(), Error, "in the stream");
    assertEquals(log.lines.map(({ message }) => message), ["stream failed"]);
    assert(log.lines[0]?.fields["error"] instanceof Error);
  }
});

Deno.test("a client that leaves is no error of the stream's", async () => {
  const log = new MemoryLog();
  const router = new HttpRouter({ log });
  const ended = Promise.withResolvers<boolean>();
  router.get("/", (ctx) =>
    ctx.stream(async (writer) => {
      try {
        while (true) await writer.write("x");
      } finally {
        ended.resolve(writer.signal.aborted);
      }
    }));
  const reader = (await router.request("/")).body!.getReader();
  await reader.read();
  await reader.cancel();
  assert(await ended.promise);
  assertEquals(log.lines, []);
});

Deno.test("an async iterable is streamed, and its error logged", async () => {
  const log = new MemoryLog();
  const router = new HttpRouter({ log });
  router.get("/", async function* () {
    yield "a";
    throw new Error("in the iterable");
  });
  const response = await router.request("/");
  await assertRejects(() => response.text(), Error, "in the iterable");
  assertEquals(log.lines[0]?.message, "stream failed");
});

Deno.test("an async iterable is ended when the client leaves", async () => {
  const router = new HttpRouter({ log: new MemoryLog() });
  const ended = Promise.withResolvers<void>();
  router.get("/", async function* () {
    try {
      while (true) yield "x";
    } finally {
      ended.resolve();
    }
  });
  const reader = (await router.request("/")).body!.getReader();
  await reader.read();
  await reader.cancel();
  await ended.promise;
});

Deno.test("upgrade refuses who asked for no WebSocket with 426", async () => {
  const router = new HttpRouter({ log: new MemoryLog() });
  router.get("/", (ctx) => ctx.upgrade().response);
  const plain = await router.request("/");
  assertEquals([plain.status, plain.headers.get("upgrade")], [
    426,
    "websocket",
  ]);
  await plain.body?.cancel();
  const headers = { upgrade: "websocket" };
  const malformed = await router.request("/", { headers });
  assertEquals(malformed.status, 400);
  await malformed.body?.cancel();
});
