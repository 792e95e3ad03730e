import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  adoptMemories,
  heldMemories,
  isolateNumber,
  keepMemories,
  SegmentGroup,
} from "@oresty/shm";
import { webLocks } from "@oresty/core";
import { Isolate, isolateTest, sleep, until } from "./isolates.ts";

let count = 0;
const nameOf = () => `segment_group_test ${count++}`;

function sumOf({ segments }: SegmentGroup): number {
  return segments.reduce((sum, { doubles }) => sum + doubles[0]!, 0);
}

isolateTest("all see the segments of all, and each has its own", async () => {
  await using isolates = await Isolate.startAll([
    "web",
    "thread",
    "web",
    "thread",
  ]);
  const name = nameOf();
  const ids = await Promise.all(
    isolates.map((isolate) => isolate.run("join", name, "64k")),
  );
  assertEquals(new Set(ids).size, 4);
  await Promise.all(
    isolates.map((isolate, i) => isolate.run("count", name, 10 ** i)),
  );
  using group = await SegmentGroup.join(name, { size: "64k" });
  await until(3, () => sumOf(group) === 1111);
  for (const isolate of isolates) {
    await until(3, async () => {
      const [sum, segments] = await isolate.run("sum", name);
      return sum === 1111 && segments === 5;
    });
  }
});

isolateTest("a busy isolate is read, and asks nobody to wait", async () => {
  await using isolates = await Isolate.startAll(["web", "thread"]);
  const [busy, other] = isolates;
  const name = nameOf();
  await busy.run("join", name);
  await busy.run("count", name, 5);
  await other.run("join", name);
  const blocked = busy.run("block", 1000);
  const start = performance.now();
  using group = await SegmentGroup.join(name);
  assertEquals(sumOf(group), 5);
  assert(performance.now() - start < 900);
  await blocked;
});

isolateTest("what an isolate counted stays when it is gone", async () => {
  const name = nameOf();
  using group = await SegmentGroup.join(name);
  const isolate = await Isolate.start("web");
  const id = await isolate.run("join", name);
  await isolate.run("count", name, 7);
  await until(3, () => sumOf(group) === 7);
  await isolate[Symbol.asyncDispose]();
  await sleep(50);
  assertEquals(sumOf(group), 7);
  // Ended without a word: it may still write, and nobody goes on with it.
  assertEquals(group.segments.find((s) => s.id === id)!.state, "live");
  using other = await SegmentGroup.join(name);
  assert(other.own.id !== id);
});

isolateTest(
  "there are as many segments as ever were isolates at once",
  async () => {
    const name = nameOf();
    using group = await SegmentGroup.join(name);
    for (let round = 0; round < 6; round++) {
      const isolate = await Isolate.start(round % 2 === 0 ? "web" : "thread");
      await isolate.run("join", name);
      await isolate.run("count", name, 1);
      await isolate.run("leaveGroup", name);
      await isolate[Symbol.asyncDispose]();
      assertEquals(group.segments.length, 2, `round ${round}`);
    }
    assertEquals(sumOf(group), 6);
    assertEquals(group.segments.map(({ reuses }) => reuses).toSorted(), [0, 5]);
  },
);

isolateTest(
  "a pool that saw the end of an isolate releases its segments",
  async () => {
    const name = nameOf();
    using group = await SegmentGroup.join(name);
    const dead = await Isolate.start("thread");
    const id = await dead.run("join", name);
    await dead.run("count", name, 3);
    const number = await dead.run("isolate");
    assert(number !== isolateNumber());
    await dead.thread!.stop();
    await until(3, () => group.segments.length === 2);
    assertEquals(group.release(number), 1);
    assertEquals(group.release(number), 0);
    assertEquals(group.release(12345), 0);
    assertEquals(group.segments.find((s) => s.id === id)!.state, "released");
    const next = await Isolate.start("thread");
    assertEquals(await next.run("join", name), id);
    await next.run("count", name, 4);
    assertEquals([sumOf(group), group.segments.length], [7, 2]);
    // What is retired is read, and nobody goes on with it.
    assertEquals(group.retire(await next.run("isolate")), 1);
    await next[Symbol.asyncDispose]();
    using other = await SegmentGroup.join(name);
    assertEquals([other.own.id === id, sumOf(other)], [false, 7]);
  },
);

isolateTest(
  "segments that are handed over are kept by who never joined",
  async () => {
    const name = nameOf();
    const first = await SegmentGroup.join(name);
    first.own.doubles[0]! += 9;
    const { id } = first.own;
    await using isolates = await Isolate.startAll(["thread", "web"]);
    const [holder, keeper] = isolates;
    await holder.run(
      "adopt",
      heldMemories().filter((memory) => memory.name === name),
    );
    await keeper.run("keep");
    first.close();
    using second = await SegmentGroup.join(name);
    assertEquals([second.own.id, sumOf(second)], [id, 9]);
  },
);

Deno.test("who keeps memories keeps segments of groups that come later", async () => {
  const name = nameOf();
  using _keeper = await keepMemories();
  const first = await SegmentGroup.join(name, { size: "64k" });
  first.own.doubles[0]! += 2;
  first.close();
  using second = await SegmentGroup.join(name, { size: "64k" });
  assertEquals([sumOf(second), second.own.reuses], [2, 1]);
});

Deno.test("one isolate that joins twice writes two segments", async () => {
  const name = nameOf();
  using a = await SegmentGroup.join(name, { size: "64k" });
  using b = await SegmentGroup.join(name, { size: "64k" });
  assert(a.own.id !== b.own.id);
  a.own.doubles[0]! += 1;
  b.own.doubles[0]! += 2;
  assertEquals([sumOf(a), sumOf(b)], [3, 3]);
});

Deno.test("a group is extended, by what was released when it is large enough", async () => {
  const name = nameOf();
  using keeper = await SegmentGroup.join(name, { size: "64k" });
  const small = await SegmentGroup.join(name, { size: "1k" });
  const large = await SegmentGroup.join(name, { size: "128k" });
  const ids = [small.own.id, large.own.id];
  assertEquals(small.own.bytes.length, 1024);
  small.close();
  large.close();
  const { segments } = keeper;
  assertEquals(keeper.extend().id, ids[1]);
  assertEquals(keeper.segments, segments);
  const fresh = keeper.extend();
  assert(!ids.includes(fresh.id));
  assert(keeper.segments !== segments);
  assertEquals(keeper.owned.length, 3);
  assertEquals(keeper.own, keeper.owned[0]!);
  assert(keeper.owned.every(({ state }) => state === "live"));
});

Deno.test("a segment is of its owner's bytes, and says when that was there", async () => {
  const name = nameOf();
  const group = await SegmentGroup.join(name, { size: 1000 });
  const { own } = group;
  assertEquals([own.bytes.length, own.words.length, own.doubles.length], [
    1000,
    250,
    125,
  ]);
  own.doubles.fill(1.5);
  own.bytes.fill(255);
  assertEquals([own.state, own.owner, own.reuses], [
    "live",
    isolateNumber(),
    0,
  ]);
  const { heartbeat, createdAt } = own;
  assert(Math.abs(Date.now() - createdAt) < 5000);
  await sleep(1100);
  assert(own.heartbeat > heartbeat);
  group.close();
  group.close();
  assertEquals(own.state, "released");
  assertThrows(() => group.extend(), TypeError, "closed");
});

Deno.test("a group waits for no dictionary that is called like it", async () => {
  // As while the dictionary "group NAME" is opened elsewhere.
  const name = nameOf();
  const opened = Promise.withResolvers<void>();
  const lock = `oresty:shm:group ${name}`;
  const held = webLocks().request(lock, {}, () => opened.promise);
  const began = performance.now();
  using group = await SegmentGroup.join(name, { size: 64 });
  assertEquals(group.segments.length, 1);
  const took = performance.now() - began;
  opened.resolve();
  await held;
  assert(took < 2000, `${took} ms`);
});

Deno.test("release and retire take only what an isolate can be", async () => {
  using group = await SegmentGroup.join(nameOf(), { size: 64 });
  const { owner } = group.own;
  // Cut to the bits that it has, the first one is the own number.
  const numbers = [owner + 2 ** 30, owner + 0.5, -1, 0, NaN, undefined, "7"];
  for (const number of numbers) {
    for (const method of ["release", "retire"] as const) {
      assertThrows(
        () => group[method](number as never),
        RangeError,
        "Cannot give up segments of isolate",
      );
    }
  }
  assertEquals([group.own.state, group.own.owner], ["live", owner]);
});

Deno.test("join refuses what cannot be meant", async () => {
  const cases: [unknown, unknown, string][] = [
    ["", {}, `""`],
    [7, {}, `"7"`],
    ["a\0b", {}, "control"],
    ["n", { size: 1 }, "expected 64"],
    ["n", { size: "2g" }, "expected 64"],
    ["n", { sise: 1 }, `did you mean "size"`],
  ];
  for (const [name, options, message] of cases) {
    const error = await assertRejects(() =>
      SegmentGroup.join(name as never, options as never)
    ) as Error;
    assert(error.message.includes(message), error.message);
  }
});

Deno.test("what is adopted is let go of once", async () => {
  const name = nameOf();
  const group = await SegmentGroup.join(name, { size: 64 });
  const hold = await adoptMemories(
    heldMemories().filter((memory) => memory.name === name),
  );
  group.close();
  assertEquals(heldMemories().some((memory) => memory.name === name), true);
  hold.close();
  hold.close();
  assertEquals(heldMemories().some((memory) => memory.name === name), false);
});
