import { assert, assertEquals } from "@std/assert";
import { SharedDict } from "@oresty/shm";
import { needs } from "../permissions.ts";
import { awake, Isolate } from "./isolates.ts";
import { COUNTERS } from "./random_work.ts";

/** Seconds; the long form is a minute and more. */
function soakSeconds(): number {
  const { state } = Deno.permissions.querySync({
    name: "env",
    variable: "ORESTY_SOAK_SECONDS",
  });
  const text = state === "granted"
    ? Deno.env.get("ORESTY_SOAK_SECONDS")
    : undefined;
  const seconds = Number(text ?? 5);
  if (!(seconds > 0)) {
    throw new RangeError(
      `Cannot soak for "${text}": expected seconds in ORESTY_SOAK_SECONDS`,
    );
  }
  return seconds;
}

for (const size of ["512k", "64m"]) {
  Deno.test({
    name: `four isolates in random operations on ${size} agree with a model`,
    ignore: !needs("read"),
    async fn() {
      using _awake = awake();
      const name = `soak_test ${size}`;
      using dict = await SharedDict.open(name, { size });
      await using isolates = await Isolate.startAll(
        ["web", "thread", "web", "thread"],
        soakSeconds() + 60,
      );
      for (let i = 0; i < COUNTERS; i++) dict.set(`counter ${i}`, 0);
      const done = await Promise.all(
        isolates.map((isolate, i) =>
          isolate.run("work", name, i, soakSeconds() / 2)
        ),
      );
      const { steals, wipes, evictions } = dict.stats();
      assertEquals([steals, wipes], [0, 0]);
      assertEquals(evictions > 0, size === "512k");
      for (let i = 0; i < COUNTERS; i++) {
        const sum = done.reduce((all, { added }) => all + added[i]!, 0);
        assertEquals(dict.get(`counter ${i}`), sum, `counter ${i}`);
      }
      if (size === "64m") {
        const elements = done.reduce((all, part) => all + part.elements, 0);
        assertEquals(dict.llen("list"), elements);
      }
      assert(done.every(({ hits }) => hits > 100), JSON.stringify(done));
      assertEquals(dict.check(), []);
    },
  });
}
