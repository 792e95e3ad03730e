import { assert, assertEquals } from "@std/assert";
import { valueOf } from "./parse_text.ts";
import { promtoolClean } from "./promtool.ts";
import { TestRegistry } from "./registries.ts";

const MOST = 1000;

Deno.test("20,000 label sets become 1,000 and one that keeps the total", async () => {
  await using test = new TestRegistry();
  await test.registry.join();
  const s = test.create();
  for (let i = 0; i < 20_000; i++) {
    const child = s.with({ id: i });
    child.incr("k", 2);
    child.histogram("h", [1]).observe(0.5);
  }
  const families = test.families();
  const of = (name: string) =>
    families.find((family) => family.name === name)!.samples;
  assertEquals(of("k").length, MOST + 1);
  assertEquals(of("k").reduce((sum, { value }) => sum + value, 0), 40_000);
  assertEquals(valueOf(families, "k", { overflow: "true" }), 38_000);
  assertEquals(valueOf(families, "h_count", { overflow: "true" }), 19_000);
  assertEquals(valueOf(families, "oresty_stat_overflow_total"), 38_000);
  assert(test.registry.group!.owned.length <= 2);
  // Those that were there go on.
  s.with({ id: 7 }).incr("k");
  assertEquals(valueOf(test.families(), "k", { id: "7" }), 3);
  await promtoolClean(test.text());
});

Deno.test("the cap holds for what isolates have together", async () => {
  const most = 20;
  await using a = new TestRegistry({ most });
  await using b = new TestRegistry({ most, group: a.group });
  await a.registry.join();
  await b.registry.join();
  for (let i = 0; i < 15; i++) {
    a.create({ of: "a", id: i }).incr("k");
    b.create({ of: "b", id: i }).incr("k", 10);
    a.create({ id: i }).gauge("g").set(1);
  }
  for (const test of [a, b]) {
    const { samples } = test.families().find(({ name }) => name === "k")!;
    assertEquals(samples.length, most + 1);
    assertEquals(samples.reduce((sum, { value }) => sum + value, 0), 165);
    assertEquals(test.registry.mergedOverflow, 10);
  }
});

Deno.test("the cap counts what isolates before have left", async () => {
  const most = 20;
  await using keeper = new TestRegistry({ most });
  await keeper.registry.join();
  for (let round = 0; round < 10; round++) {
    const test = new TestRegistry({ most, group: keeper.group });
    await test.registry.join();
    for (let i = 0; i < 15; i++) test.create({ round, i }).incr("k");
    await test.registry.stop();
  }
  const { segments } = keeper.registry.group!;
  assertEquals(segments.length, 2);
  const k = keeper.families().find(({ name }) => name === "k")!;
  assertEquals(k.samples.length, most + 1);
  assertEquals(k.samples.reduce((sum, { value }) => sum + value, 0), 150);
});

Deno.test("more series than a segment holds take further ones", async () => {
  await using test = new TestRegistry({ size: 16 * 1024 });
  for (let i = 0; i < 300; i++) {
    if (i === 150) await test.registry.join();
    test.create().incr(`key_${i}`, i);
  }
  assert(test.registry.group!.owned.length > 2);
  const families = test.families();
  for (let i = 0; i < 300; i++) assertEquals(valueOf(families, `key_${i}`), i);
  // Another isolate goes on with all of them.
  const count = test.registry.group!.owned.length;
  await using keeper = new TestRegistry({ group: test.group, size: 16384 });
  await keeper.registry.join();
  await test.registry.stop();
  await using next = new TestRegistry({ group: test.group, size: 16384 });
  for (let i = 0; i < 300; i++) next.create().incr(`key_${i}`);
  await next.registry.join();
  assertEquals(valueOf(next.families(), "key_299"), 300);
  assertEquals(next.registry.group!.segments.length, count + 1);
});
