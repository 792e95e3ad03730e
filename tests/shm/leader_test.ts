import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Leader, leader } from "@oresty/shm";
import { Isolate, isolateTest, sleep, until } from "./isolates.ts";

let count = 0;
const nameOf = () => `leader_test ${count++}`;

Deno.test("one of two leads, and the other takes over when it resigns", async () => {
  const name = nameOf();
  const first = await leader(name, { ttl: "300ms" });
  using second = await leader(name, { ttl: "300ms" });
  using apart = await leader(nameOf(), { ttl: 1 });
  assertEquals([first.isLeader, second.isLeader, apart.isLeader], [
    true,
    false,
    true,
  ]);
  const told: boolean[] = [];
  const ended: boolean[] = [];
  second.onChange((isLeader) => told.push(isLeader));
  second.onChange((isLeader) => ended.push(isLeader))();
  first.onChange((isLeader) => told.push(isLeader));
  await sleep(400);
  assertEquals([first.isLeader, second.isLeader, told], [true, false, []]);
  first.close();
  first.close();
  assertEquals([first.isLeader, told], [false, [false]]);
  await until(1, () => second.isLeader);
  assertEquals([told, ended], [[false, true], []]);
});

isolateTest("another takes over when the leader dies", async () => {
  const name = nameOf();
  const isolate = await Isolate.start("web");
  assertEquals(await isolate.run("lead", name, 0.5), true);
  using other = await leader(name, { ttl: 0.5 });
  assertEquals(other.isLeader, false);
  await sleep(700);
  assertEquals(other.isLeader, false);
  await isolate[Symbol.asyncDispose]();
  const start = performance.now();
  await until(3, () => other.isLeader);
  const took = performance.now() - start;
  assert(took < 1000, `${took}`);
});

isolateTest(
  "a leader that is blocked loses the lead, and knows it at once",
  async () => {
    const name = nameOf();
    await using isolates = await Isolate.startAll(["thread"]);
    const [isolate] = isolates;
    assertEquals(await isolate.run("lead", name, 0.4), true);
    using other = await leader(name, { ttl: 0.4 });
    const blocked = isolate.run("blockAsLeader", 1200);
    await until(3, () => other.isLeader);
    // It looks before any of its timers has run.
    assertEquals(await blocked, false);
    assertEquals(other.isLeader, true);
    await until(2, async () => (await isolate.run("changes")).length > 0);
    const [change] = await isolate.run("changes");
    assertEquals(change![0], false);
  },
);

isolateTest(
  "never do two of five lead at once, however they come and go",
  async () => {
    const name = nameOf();
    await using isolates = await Isolate.startAll(["web", "thread", "thread"]);
    await Promise.all(
      isolates.map((isolate) => isolate.run("lead", name, 0.3)),
    );
    const own: Leader[] = [];
    let reigns = 0;
    for (let round = 0; round < 15; round++) {
      const leads = [
        ...await Promise.all(
          isolates.map((isolate) => isolate.run("isLeader")),
        ),
        ...own.map(({ isLeader }) => isLeader),
      ];
      const leading = leads.filter((isLeader) => isLeader).length;
      assert(leading <= 1, leads.join());
      reigns += leading;
      if (own.length < 2) own.push(await leader(name, { ttl: 0.3 }));
      else if (round % 5 === 4) own.shift()!.close();
      if (round === 7) await isolates[0].run("block", 500);
      await sleep(60);
    }
    for (const candidate of own) candidate.close();
    assert(reigns > 5, `${reigns}`);
  },
);

Deno.test("a listener that throws does not end the reign", async () => {
  const name = nameOf();
  const first = await leader(name, { ttl: 0.2 });
  const second = await leader(name, { ttl: 0.2 });
  const told: boolean[] = [];
  const errors: unknown[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    errors.push(event.error);
  };
  addEventListener("error", onError);
  try {
    second.onChange(() => {
      throw new Error("thrown by a listener");
    });
    second.onChange((isLeader) => told.push(isLeader));
    first.close();
    await until(2, () => second.isLeader);
    await until(2, () => errors.length > 0);
    await sleep(400);
    assertEquals(second.isLeader, true);
    second.close();
    assertEquals([told, errors.length], [[true, false], 2]);
  } finally {
    removeEventListener("error", onError);
  }
});

Deno.test("onChange refuses what is no function", async () => {
  using candidate = await leader(nameOf(), { ttl: 1 });
  for (const listener of [undefined, null, "told", {}]) {
    assertThrows(
      () => candidate.onChange(listener as never),
      TypeError,
      "expected a function",
    );
  }
});

Deno.test("leases that are over leave room, whatever stands before them", async () => {
  // As many names live as leases are passed over in search of room.
  const live = [];
  for (let i = 0; i < 40; i++) live.push(await leader(nameOf(), { ttl: 60 }));
  for (let i = 0; i < 600; i++) {
    using once = await leader(nameOf(), { ttl: 60 });
    assertEquals(once.isLeader, true, `${i}`);
  }
  for (const candidate of live) {
    assertEquals(candidate.isLeader, true);
    candidate.close();
  }
});

Deno.test("leader refuses what cannot be meant", async () => {
  const cases: [unknown, unknown, string][] = [
    ["", {}, `""`],
    [7, {}, `"7"`],
    ["n", { ttl: 0 }, "expected 0.05"],
    ["n", { ttl: "2h" }, "expected 0.05"],
    ["n", { ttl: "soon" }, `"soon"`],
    ["n", { tll: 1 }, `did you mean "ttl"`],
  ];
  for (const [name, options, message] of cases) {
    const error = await assertRejects(() =>
      leader(name as never, options as never)
    ) as Error;
    assert(error.message.includes(message), error.message);
  }
});
