import { assertEquals, assertStringIncludes } from "@std/assert";
import { type EventWriter, HttpRouter, type ServerEvent } from "@oresty/router";
import { MemoryLog } from "./http_fakes.ts";

async function eventsOf(
  run: (events: EventWriter) => Promise<void> | void,
): Promise<string> {
  const router = new HttpRouter({ log: new MemoryLog() });
  router.get("/", (ctx) => ctx.sse(run, { keepAlive: 0 }));
  return await (await router.request("/")).text();
}

Deno.test("events are framed line by line", async () => {
  const cases: [ServerEvent | string, string][] = [
    ["hello", "data: hello\n\n"],
    ["", "data: \n\n"],
    ["a\nb", "data: a\ndata: b\n\n"],
    ["a\r\nb\rc\n", "data: a\ndata: b\ndata: c\ndata: \n\n"],
    ["\n\nevent: forged", "data: \ndata: \ndata: event: forged\n\n"],
    [" spaces ", "data:  spaces \n\n"],
    [{ data: "x" }, "data: x\n\n"],
    [{ data: { a: "b\nc" } }, 'data: {"a":"b\\nc"}\n\n'],
    [{ data: [1, null] }, "data: [1,null]\n\n"],
    [{ data: 0 }, "data: 0\n\n"],
    [{ data: null }, "data: null\n\n"],
    [{ data: undefined }, "data: \n\n"],
    [
      { data: "x", event: "tick", id: "7", retry: 1.5 },
      "event: tick\nid: 7\nretry: 1500\ndata: x\n\n",
    ],
    [{ data: "x", retry: "500ms" }, "retry: 500\ndata: x\n\n"],
    [{ data: "x", retry: 0 }, "retry: 0\ndata: x\n\n"],
    [{ data: "x", id: "" }, "id: \ndata: x\n\n"],
    [{ data: "中 😀" }, "data: 中 😀\n\n"],
  ];
  for (const [event, text] of cases) {
    assertEquals(
      await eventsOf(async (events) => await events.send(event)),
      text,
    );
  }
});

Deno.test("comments are framed line by line", async () => {
  const text = await eventsOf(async (events) => {
    await events.comment();
    await events.comment("a\nb\r\nc");
    await events.comment("\rdata: forged");
  });
  assertEquals(text, ": \n\n: a\n: b\n: c\n\n: \n: data: forged\n\n");
});

Deno.test("an event or id of several lines is refused, before anything is sent", async () => {
  const bad: ServerEvent[] = [
    { data: "x", id: "a\nb" },
    { data: "x", id: "a\rdata: forged" },
    { data: "x", id: "a\0" },
    { data: "x", event: "a\nb" },
    { data: "x", event: "\r" },
    { data: "x", retry: NaN },
    { data: "x", retry: -1 },
    { data: "x", retry: Infinity },
    { data: "x", retry: "1\n" as string, id: "\n" },
  ];
  for (const event of bad) {
    const errors: unknown[] = [];
    const text = await eventsOf(async (events) => {
      await events.send(event).catch((error) => errors.push(error));
      await events.send("next");
    });
    assertEquals(text, "data: next\n\n");
    const [error] = errors;
    assertEquals(
      error instanceof TypeError || error instanceof RangeError,
      true,
    );
  }
});

Deno.test("the answer tells caches and proxies to let events through", async () => {
  const router = new HttpRouter().get("/", (ctx) => ctx.sse(() => {}));
  const { headers, body } = await router.request("/");
  assertEquals(headers.get("content-type"), "text/event-stream; charset=utf-8");
  assertEquals(headers.get("cache-control"), "no-cache");
  assertEquals(headers.get("x-accel-buffering"), "no");
  await body?.pipeTo(new WritableStream());
});

Deno.test("a comment keeps the connection, until the stream ends", async () => {
  const router = new HttpRouter({ log: new MemoryLog() });
  router.get("/", (ctx) =>
    ctx.sse(async (events) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      await events.send("end");
    }, { keepAlive: "20ms" }));
  const text = await (await router.request("/")).text();
  assertStringIncludes(text, ": keep-alive\n\n");
  assertEquals(text.endsWith("data: end\n\n"), true);
});

Deno.test("keepAlive takes a length of time alone", async () => {
  for (const keepAlive of [-1, NaN, "soon"]) {
    const router = new HttpRouter({ log: new MemoryLog() });
    router.get("/", (ctx) => ctx.sse(() => {}, { keepAlive }));
    assertEquals((await router.request("/")).status, 500);
  }
});

Deno.test("a client that leaves ends the events", async () => {
  const router = new HttpRouter({ log: new MemoryLog() });
  const ended = Promise.withResolvers<string>();
  router.get("/", (ctx) =>
    ctx.sse(async (events) => {
      try {
        for (let i = 0; i < 10_000; i++) await events.send(`${i}`);
        ended.resolve("sent all");
      } catch (error) {
        ended.resolve(`${(error as Error).name} ${events.signal.aborted}`);
      }
    }));
  const reader = (await router.request("/")).body!.getReader();
  await reader.read();
  await reader.cancel();
  assertEquals(await ended.promise, "AbortError true");
});
