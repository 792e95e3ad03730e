import { assert, assertEquals } from "@std/assert";
import {
  ERROR_GROUP_SIZE,
  type ErrorMemory,
  ErrorRing,
  readErrors,
} from "../../stat/status/_error_memory.ts";
import { LastErrors } from "../../stat/status/_last_errors.ts";
import { errorRing } from "../../stat/status/error_ring.ts";
import { Sampler } from "../../stat/status/_sampler.ts";
import { stop } from "../../stat/_lifecycle.ts";
import { isolateNumber } from "@oresty/shm";
import { until } from "./isolates.ts";
import { TestRegistry } from "./registries.ts";

function memory(): ErrorMemory {
  const buffer = new SharedArrayBuffer(ERROR_GROUP_SIZE);
  return {
    words: new Int32Array(buffer),
    bytes: new Uint8Array(buffer),
    doubles: new Float64Array(buffer),
  };
}

Deno.test("status: the same error is kept once, with how often it came", () => {
  const shared = memory();
  assertEquals(readErrors(shared), []);
  const ring = ErrorRing.own(shared);
  ring.add("RangeError", "too large", 1000);
  ring.add("TypeError", "no text", 2000);
  ring.add("RangeError", "too large", 3000);
  assertEquals(readErrors(shared), [
    { kind: "RangeError", message: "too large", time: 3000, times: 2 },
    { kind: "TypeError", message: "no text", time: 2000, times: 1 },
  ]);
});

Deno.test("status: of thousands of errors the last fifty are kept", () => {
  const shared = memory();
  const ring = ErrorRing.own(shared);
  for (let i = 0; i < 5000; i++) ring.add("Error", `number ${i}`, i);
  const kept = readErrors(shared);
  assertEquals(kept.length, 50);
  assertEquals(Math.min(...kept.map(({ time }) => time)), 4950);
});

Deno.test("status: a long text is cut between characters", () => {
  const shared = memory();
  const ring = ErrorRing.own(shared);
  ring.add("型".repeat(500), `a${"误".repeat(5000)}`, 1);
  ring.add("lone \ud800", "\udfff", 2);
  const [long, lone] = readErrors(shared);
  assert(/^型{1,66}$/.test(long!.kind), long!.kind);
  assert(/^a误{100,}$/.test(long!.message), long!.message);
  assertEquals(lone, {
    ...{ kind: "lone \ufffd", message: "\ufffd", time: 2, times: 1 },
  });
});

Deno.test("status: the next owner goes on where an isolate has ended", () => {
  const shared = memory();
  const first = ErrorRing.own(shared);
  for (let i = 0; i < 50; i++) first.add("Error", `old ${i}`, i + 1);
  // It ended while it wrote: the entry is odd.
  const words = shared.words;
  Atomics.add(words, 64 / 4, 1);
  assertEquals(readErrors(shared).length, 49);
  const second = ErrorRing.own(shared);
  second.add("Error", "new", 100);
  const kept = readErrors(shared);
  assertEquals(kept.length, 50);
  assertEquals(kept.find(({ time }) => time === 100)?.message, "new");
  assert(!kept.some(({ message }) => message === "old 0"));
});

Deno.test("status: what is thrown is kept, whatever it is, from the first on", async () => {
  using errors = await LastErrors.join();
  await using test = new TestRegistry();
  using sampler = new Sampler(test.registry);
  const last = () =>
    errors.look(sampler.look().minute)?.last
      .filter(({ isolate }) => isolate === isolateNumber()) ?? [];
  const keep = errorRing();
  const thrown = [
    new RangeError("too large"),
    "a text",
    undefined,
    Object.create(null),
    { toString: () => "an object" },
  ];
  // It has not joined yet: they wait.
  for (const error of thrown) keep(error);
  keep(new Error("of a kind"), "task");
  await until(5, () => last().length === 6);
  keep(new RangeError("too large"));
  assertEquals(
    last().map(({ kind, message, times }) => `${kind}: ${message} ${times}`)
      .sort(),
    [
      "RangeError: too large 2",
      "object: an object 1",
      "object: object 1",
      "string: a text 1",
      "task: of a kind 1",
      "undefined: undefined 1",
    ],
  );
  await stop();
  // It keeps on after a stop, and what was there is still read.
  keep("later");
  await until(5, () => last().some(({ message }) => message === "later"));
  await stop();
});
