import { assert, assertEquals } from "@std/assert";
import { SegmentGroup } from "@oresty/shm";
import { stop } from "@oresty/stat";
import type { Truth } from "./isolate.ts";
import { Isolate, isolateTest, sleep, until } from "./isolates.ts";
import { parseText, valueOf } from "./parse_text.ts";
import { groupName, TestRegistry } from "./registries.ts";
import { releaseWhenQuiet } from "../../stat/_quiet.ts";
import { takeSnapshot } from "../../stat/_snapshot.ts";

/** The end of a thread is told before it has come. */
async function standstill(truth: Truth): Promise<void> {
  for (let last = -1; last !== truth[1];) {
    last = truth[1]!;
    await sleep(20);
  }
}

function truthOf(): Truth {
  return new Int32Array(new SharedArrayBuffer(8));
}

isolateTest("each isolate reads what all have counted", async () => {
  await using test = new TestRegistry();
  await using a = await Isolate.start();
  await using b = await Isolate.start();
  await Promise.all([a.run("open", test.group), b.run("open", test.group)]);
  await test.registry.join();
  test.create("x=1").incr("k", 1);
  await a.run("incr", "k", "x=1", 10, 5);
  await b.run("incr", "k", "x=2", 100);
  await b.run("observe", "h", 0.3, 7);
  await until(3, () => test.registry.group!.segments.length === 3);
  for (const text of [test.text(), await a.run("text"), await b.run("text")]) {
    const families = parseText(text);
    assertEquals(valueOf(families, "k", { x: "1" }), 51);
    assertEquals(valueOf(families, "k_count", { x: "1" }), 6);
    assertEquals(valueOf(families, "k", { x: "2" }), 100);
    assertEquals(valueOf(families, "h_count"), 7);
  }
});

isolateTest(
  "100 isolates that are killed while they count lose nothing",
  async () => {
    await using test = new TestRegistry();
    await test.registry.join();
    const truth = truthOf();
    const sum = () => valueOf(test.families(), "k");
    const released: number[] = [];
    let last = 0;
    for (let round = 0; round < 100; round++) {
      const isolate = await Isolate.start();
      const number = await isolate.run("open", test.group);
      await isolate.run("work", "k", truth);
      await sleep(Math.random() * 10);
      if (round % 2 === 0) {
        await isolate.run("halt");
        // It stands: the numbers are exact.
        await until(3, () => test.registry.group!.segments.length >= 2);
        assertEquals(truth[0], truth[1]);
      }
      await isolate.worker.stop();
      await standstill(truth);
      const [intended, done] = truth as unknown as [number, number];
      const now = sum();
      // One that was killed between two instructions counts as either.
      assert(
        now >= done && now <= intended,
        `${done} <= ${now} <= ${intended}`,
      );
      assert(intended - done <= 1);
      assert(now >= last, "a counter went back");
      truth[0] = truth[1] = last = now;
      released.push(test.registry.group!.release(number));
    }
    assert(last > 10_000, `${last}`);
    assertEquals(released, released.map(() => 1));
    assert(test.registry.group!.segments.length <= 3);
  },
);

isolateTest(
  "a blocked isolate is in the scrape, and does not delay it",
  async () => {
    await using test = new TestRegistry();
    await test.registry.join();
    await using blocked = await Isolate.start();
    await using spinning = await Isolate.start();
    await blocked.run("open", test.group);
    await spinning.run("open", test.group);
    await blocked.run("incr", "k", "", 5);
    await until(3, () => test.registry.group!.segments.length === 3);
    const truth = truthOf();
    const blocking = blocked.run("block", 3000);
    const looping = spinning.run("spin", "k", 3000, truth);
    let reads = 0;
    let longest = 0;
    let lastSum = 5;
    while (truth[1] === 0) await sleep(1);
    for (const end = performance.now() + 2500; performance.now() < end;) {
      const before = truth[1]!;
      const start = performance.now();
      const sum = valueOf(test.families(), "k");
      longest = Math.max(longest, performance.now() - start);
      assert(sum >= before + 5 && sum >= lastSum, `${sum} ${before}`);
      lastSum = sum;
      reads++;
      await sleep(20);
    }
    assert(reads > 20 && longest < 500, `${reads} ${longest}`);
    // A newcomer learns them from this isolate.
    await using late = new TestRegistry({ group: test.group });
    await late.registry.join();
    assert(valueOf(late.families(), "k") >= lastSum);
    const states = takeSnapshot(late.registry).isolates.map(({ state }) =>
      state
    );
    assert(states.length >= 3, states.join());
    await Promise.all([blocking, looping]);
    assertEquals(valueOf(test.families(), "k"), truth[1]! + 5);
  },
);

isolateTest("histograms are consistent while they are written", async () => {
  await using test = new TestRegistry();
  await test.registry.join();
  await using isolate = await Isolate.start();
  await isolate.run("open", test.group);
  await isolate.run("work", "k", truthOf());
  await until(3, () => valueOf(test.families(), "work_seconds_count") > 0);
  let last = 0;
  for (let i = 0; i < 300; i++) {
    const families = test.families(); // checks buckets and counts
    const count = valueOf(families, "work_seconds_count");
    const sum = valueOf(families, "work_seconds_sum");
    assert(count >= last, `${count} ${last}`);
    // Values go up to 2: what is being written is one of them at most.
    assert(sum <= (count + 1) * 2, `${sum} ${count}`);
    last = count;
    if (i % 10 === 0) await sleep(1);
  }
  assert(last > 1000);
});

isolateTest("20,000 messages of others lose no increment", async () => {
  await using test = new TestRegistry();
  await test.registry.join();
  await using a = await Isolate.start();
  await using b = await Isolate.start();
  const shouting = a.run("shout", "oresty:shm:1", 20_000)
    .then(() => a.run("shout", `other ${crypto.randomUUID()}`, 20_000));
  await b.run("open", test.group);
  await b.run("incr", "k", "", 1, 1000);
  await shouting;
  await a.run("open", test.group);
  await a.run("incr", "k", "", 1, 1000);
  // Announcements that were lost are made again after 5 s at the latest.
  await until(12, () => valueOf(test.families(), "k") === 2000);
});

isolateTest(
  "an isolate that ended is gone on with once it is quiet",
  async () => {
    const group = await SegmentGroup.join(groupName());
    const other = await SegmentGroup.join(group.name);
    const [segment] = [other.own];
    const { owner } = segment;
    // Both are this isolate's here: what matters is who else has the memory.
    const beat = setInterval(() => segment.doubles[100]!++, 50);
    releaseWhenQuiet(group, owner);
    await sleep(4500);
    assertEquals(segment.state, "live", "it still counts");
    clearInterval(beat);
    await until(5, () => segment.state === "released");
    releaseWhenQuiet(group, owner);
    group.close();
    other.close();
    await stop();
  },
);

isolateTest("gauges of an isolate that is gone are left out", async () => {
  await using test = new TestRegistry();
  await test.registry.join();
  const isolate = await Isolate.start();
  const number = await isolate.run("open", test.group);
  await isolate.run("gauge", "depth", 7);
  await isolate.run("incr", "k", "", 2);
  test.create().gauge("depth").set(1);
  await until(3, () => valueOf(test.families(), "depth") === 8);
  await isolate.worker.stop();
  assertEquals(test.registry.group!.retire(number), 1);
  assertEquals(valueOf(test.families(), "depth"), 1);
  assertEquals(valueOf(test.families(), "k"), 2);
  // One that left in order, and one that goes on with what it left.
  const next = await Isolate.start();
  await next.run("open", test.group);
  await next.run("gauge", "depth", 5);
  await until(3, () => valueOf(test.families(), "depth") === 6);
  await next.run("leave");
  assertEquals(valueOf(test.families(), "depth"), 1);
  await using third = await Isolate.start();
  await third.run("open", test.group);
  await next.worker.stop();
  assertEquals(valueOf(test.families(), "depth"), 1);
  assertEquals(test.registry.group!.segments.length, 3);
});

Deno.test("gauges of an isolate without a sign of life go after a minute", async () => {
  let now = Date.now();
  await using test = new TestRegistry({ now: () => now });
  await using dead = new TestRegistry({ group: test.group });
  await dead.registry.join();
  dead.create().gauge("depth").set(7);
  dead.create().incr("k");
  await test.registry.join();
  assertEquals(valueOf(test.families(), "depth"), 7);
  now += 70_000;
  assertEquals(valueOf(test.families(), "depth"), NaN);
  now -= 3_600_000; // the clock was wrong, and is set
  assertEquals(valueOf(test.families(), "depth"), 7);
  now += 3_600_000;
  assertEquals(valueOf(test.families(), "k"), 1);
});
