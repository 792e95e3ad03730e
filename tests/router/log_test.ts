import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { HttpRouter, JsonLogger, type LogLevel } from "@oresty/router";
import { MemoryLog } from "./http_fakes.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function idOf(sent: string | null): Promise<string> {
  const router = new HttpRouter();
  router.get("/", (ctx) => [ctx.requestId, ctx.requestId]);
  const headers: Record<string, string> = sent === null
    ? {}
    : { "x-request-id": sent };
  const [first, second] = await (await router.request("/", { headers })).json();
  assertEquals(first, second);
  return first;
}

Deno.test("a harmless request id is taken", async () => {
  for (const id of ["a", "7", "A-b_c.d:e", "x".repeat(128)]) {
    assertEquals(await idOf(id), id);
  }
});

Deno.test("another request id is made anew", async () => {
  const bad = [
    null,
    "",
    "x".repeat(129),
    "a b",
    'a"b',
    "a,b",
    "<script>",
    "a/b",
    "a\u00e4",
    "{}",
    "a%0d",
  ];
  for (const id of bad) assertMatch(await idOf(id), UUID, `${id}`);
  const ids = new Set([await idOf(null), await idOf(null)]);
  assertEquals(ids.size, 2);
});

Deno.test("lines of ctx.log carry the request id, whatever the logger", async () => {
  const memory = new MemoryLog();
  const lines: string[] = [];
  const json = new JsonLogger({
    level: "debug",
    write: (line) => lines.push(line),
  });
  for (const log of [memory, json]) {
    const router = new HttpRouter({ log });
    router.get("/", (ctx) => {
      ctx.log.debug("d");
      ctx.log.info("i", { a: 1 });
      ctx.log.warn("w", { a: 1 });
      ctx.log.error("e", { a: 1 });
      return null;
    });
    await router.request("/", { headers: { "x-request-id": "id-7" } });
  }
  assertEquals(memory.lines, [
    { level: "debug", message: "d", fields: { reqid: "id-7" } },
    { level: "info", message: "i", fields: { reqid: "id-7", a: 1 } },
    { level: "warn", message: "w", fields: { reqid: "id-7", a: 1 } },
    { level: "error", message: "e", fields: { reqid: "id-7", a: 1 } },
  ]);
  const parsed = lines.map((line) => JSON.parse(line));
  assertEquals(parsed.map(({ level, msg }) => [level, msg]), [
    ["debug", "d"],
    ["info", "i"],
    ["warn", "w"],
    ["error", "e"],
  ]);
  assert(parsed.every(({ reqid }) => reqid === "id-7"));
});

/** The lines that a logger of a level writes. */
function written(level: LogLevel | undefined): [LogLevel, unknown][] {
  const lines: [LogLevel, unknown][] = [];
  const log = new JsonLogger({
    level,
    write: (line, level) => lines.push([level, JSON.parse(line).msg]),
  });
  log.debug("d");
  log.info("i");
  log.warn("w");
  log.error("e");
  return lines;
}

Deno.test("JsonLogger writes from its level on", () => {
  const all: [LogLevel, string][] = [
    ["debug", "d"],
    ["info", "i"],
    ["warn", "w"],
    ["error", "e"],
  ];
  assertEquals(written("debug"), all);
  assertEquals(written("info"), all.slice(1));
  assertEquals(written(undefined), all.slice(1));
  assertEquals(written("warn"), all.slice(2));
  assertEquals(written("error"), all.slice(3));
  assertThrows(
    () => new JsonLogger({ level: "loud" as LogLevel }),
    TypeError,
    'Cannot log at level "loud"',
  );
});

Deno.test("JsonLogger writes one line, whatever is in it", () => {
  const lines: string[] = [];
  const log = new JsonLogger({ write: (line) => lines.push(line) });
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const selfCaused = new Error("self");
  selfCaused.cause = selfCaused;
  const fields: Record<string, unknown>[] = [
    { text: 'a\r\n"b"\u2028' },
    { big: 10n },
    { error: new TypeError("t", { cause: new Error("c") }) },
    { none: undefined, nothing: null },
    { cyclic },
    { error: selfCaused },
    {
      get bad() {
        throw new Error("getter");
      },
    },
    { date: new Date(NaN) },
    { symbol: Symbol("s"), call: () => 1 },
  ];
  for (const field of fields) {
    try {
      log.error("m\n", field);
    } catch (error) {
      // A getter that throws is met before the logger has the fields.
      assert((error as Error).message === "getter");
    }
  }
  assert(lines.length >= fields.length - 1);
  for (const line of lines) {
    assert(!/[\r\n]/.test(line), line);
    const { time, level, msg } = JSON.parse(line);
    assertMatch(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assertEquals([level, msg], ["error", "m\n"]);
  }
  const { error } = JSON.parse(lines[2]!);
  assertEquals([error.name, error.message], ["TypeError", "t"]);
  assertEquals(error.cause.message, "c");
  assert(error.stack.includes("log_test.ts"));
});

Deno.test("with() adds fields and leaves the logger as it was", () => {
  const lines: Record<string, unknown>[] = [];
  const log = new JsonLogger({
    write: (line) => lines.push(JSON.parse(line)),
    fields: { app: "x" },
  });
  log.with({ a: 1 }).with({ b: 2 }).info("inner", { c: 3 });
  log.info("outer");
  const [inner, outer] = lines;
  assertEquals([inner!["app"], inner!["a"], inner!["b"], inner!["c"]], [
    "x",
    1,
    2,
    3,
  ]);
  assertEquals(Object.keys(outer!), ["time", "level", "msg", "app"]);
});
