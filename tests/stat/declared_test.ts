import { assertEquals, assertThrows } from "@std/assert";
import { Isolate, isolateTest, until } from "./isolates.ts";
import { parseText, valueOf } from "./parse_text.ts";
import { TestRegistry } from "./registries.ts";
import type { Declaration } from "@oresty/stat";

/** Two isolates of one group, and what was warned of meanwhile. */
async function withTwo(
  run: (a: TestRegistry, b: TestRegistry) => void | Promise<void>,
): Promise<string[]> {
  let now = 1_700_000_000_000;
  await using a = new TestRegistry({ now: () => now++ });
  await using b = new TestRegistry({ now: () => now++, group: a.group });
  await a.registry.join();
  await b.registry.join();
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => warnings.push(text);
  try {
    await run(a, b);
  } finally {
    console.warn = warn;
  }
  return warnings;
}

Deno.test("who counts what another isolate declares a counter adds to it", async () => {
  for (const isDeclaredFirst of [true, false]) {
    const warnings = await withTwo((a, b) => {
      const declare = () => a.declare("jobs", { type: "counter", help: "x" });
      if (isDeclaredFirst) declare();
      b.create({ x: 1 }).incr("jobs", 5);
      if (!isDeclaredFirst) {
        assertEquals(a.lines().length, 4); // nobody has declared it yet
        declare();
      }
      a.create({ x: 1 }).incr("jobs", 2);
      for (const test of [a, b]) {
        assertEquals(test.lines(), ['jobs_total{x="1"} 7']);
        assertEquals(test.families()[0]!.help, "x");
      }
    });
    assertEquals(warnings, []);
  }
});

Deno.test("histograms with other buckets add up: count and sum are exact", async () => {
  const warnings = await withTwo((a, b) => {
    const old = a.create().histogram("h", [1, 2, 4]);
    for (const value of [0.5, 1.5, 3, 9]) old.observe(value);
    assertEquals(valueOf(a.families(), "h_bucket", { le: "1" }), 1);
    const newer = b.create().histogram("h", [2, 3, 5]);
    for (const value of [0.5, 2.5, 100]) newer.observe(value);
    for (const test of [a, b]) {
      const families = test.families();
      assertEquals(
        ["2", "3", "5", "+Inf"].map((le) =>
          valueOf(families, "h_bucket", { le })
        ),
        // Of the old ones 3 is in (2, 4]: all that is known is that it is
        // not over 5.
        [3, 4, 5, 7],
      );
      assertEquals(valueOf(families, "h_sum"), 117);
    }
    b.registry.flush();
    old.observe(4);
    assertEquals(valueOf(b.families(), "h_bucket", { le: "5" }), 1);
    assertEquals(valueOf(b.families(), "h_count"), 1);
  });
  assertEquals(warnings, []);
});

Deno.test("gauges that are aggregated in two ways are so in the newer one", async () => {
  await withTwo((a, b) => {
    a.declare("g", { type: "gauge", aggregate: "sum" });
    a.create().gauge("g").set(3);
    assertEquals(b.lines(), ["g 3"]);
    b.declare("g", { type: "gauge", aggregate: "max" });
    b.create().gauge("g").set(2);
    assertEquals([a.lines(), b.lines()], [["g 3"], ["g 3"]]);
  });
});

Deno.test("of two kinds both are shown: the newer one has the name", async () => {
  const warnings = await withTwo((a, b) => {
    a.declare("k", { type: "counter" });
    a.create({ x: 1 }).incr("k", 3);
    assertEquals(a.lines(), ['k_total{x="1"} 3']);
    b.declare("k", { type: "gauge" });
    b.create({ x: 1 }).gauge("k").set(4);
    for (let i = 0; i < 2; i++) {
      assertEquals(a.lines(), ['k{x="1"} 4', 'k_as_counter_total{x="1"} 3']);
    }
    a.families("openmetrics");
    // A line of one is a line of another.
    a.create().incr("line", 7);
    b.create().incr("line_count", 8);
    const families = a.families();
    assertEquals(valueOf(families, "line"), 7);
    assertEquals(valueOf(families, "line_count"), 1);
    assertEquals(valueOf(families, "line_count_as_untyped"), 8);
    // And in an isolate itself it is refused.
    assertThrows(() => b.create().incr("k"), TypeError, "KEY_FORMAT_ERR");
  });
  assertEquals(warnings, [
    'oresty: metric "k" is something else in other isolates: the counter is ' +
    'shown as "k_as_counter"',
    'oresty: metric "line_count" is something else in other isolates: the ' +
    'untyped is shown as "line_count_as_untyped"',
  ]);
});

isolateTest(
  "two threads that declare one name differently lose nothing",
  async () => {
    await using test = new TestRegistry();
    await test.registry.join();
    await using a = await Isolate.start();
    await using b = await Isolate.start();
    await Promise.all([a.run("open", test.group), b.run("open", test.group)]);
    const declarations: [Declaration, Declaration] = [
      { type: "histogram", buckets: [1] },
      { type: "histogram", buckets: [2] },
    ];
    await a.run("declare", "h", declarations[0]);
    await b.run("declare", "h", declarations[1]);
    await Promise.all([
      a.run("observe", "h", 1, 500),
      b.run("observe", "h", 2, 700),
    ]);
    await until(3, () => test.registry.group!.segments.length === 3);
    for (
      const text of [test.text(), await a.run("text"), await b.run("text")]
    ) {
      const families = parseText(text);
      assertEquals(valueOf(families, "h_count"), 1200);
      assertEquals(valueOf(families, "h_sum"), 1900);
    }
  },
);
