import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  adoptMemories,
  heldMemories,
  keepMemories,
  SharedDict,
} from "@oresty/shm";
import { Header } from "../../shm/_layout.ts";
import { Memory } from "../../shm/_memory.ts";
import {
  Isolate,
  type IsolateKind,
  isolateTest,
  sleep,
  until,
} from "./isolates.ts";

let count = 0;
const nameOf = () => `isolates_test ${count++}`;
const EIGHT: IsolateKind[] = [
  "web",
  "thread",
  "web",
  "thread",
  "web",
  "thread",
  "web",
  "thread",
];

isolateTest("eight isolates that start at once have one memory", async () => {
  await using all = await Isolate.startAll(EIGHT);
  const name = nameOf();
  const start = performance.now();
  const seeds = await Promise.all(
    all.map((isolate) => isolate.run("open", name, { size: "64m" })),
  );
  const took = performance.now() - start;
  assertEquals(new Set(seeds).size, 1);
  assert(took < 2000, `${took}`);
  await Promise.all(
    all.map((isolate) => isolate.run("repeat", 5000, name, "incr", "n", 1, 0)),
  );
  using dict = await SharedDict.open(name);
  assertEquals(dict.get("n"), 40_000);
  assertEquals(dict.check(), []);
});

isolateTest(
  "a memory that was made while all others were busy gives way to the older",
  async () => {
    await using all = await Isolate.startAll(["web", "thread", "web"]);
    const [busy, young, third] = all;
    const name = nameOf();
    const old = await busy.run("open", name, { size: "1m" });
    await busy.run("call", name, "set", "k", "old");
    const blocked = busy.run("block", 3000);
    await sleep(20);
    const made = await young.run("open", name, { size: "2m" });
    assert(made !== old, "it should not have been found");
    await young.run("call", name, "set", "k", "young");
    assertEquals(await third.run("open", name), made);
    await blocked;
    await until(2, async () => await young.run("seed", name) === old);
    await until(2, async () => await third.run("seed", name) === old);
    assertEquals(await young.run("call", name, "get", "k"), "old");
    assertEquals(await third.run("call", name, "capacity"), 1_048_576);
    assertEquals(await busy.run("seed", name), old);
  },
);

isolateTest(
  "a view that gives way changes its generation and wakes who waits",
  async () => {
    await using all = await Isolate.startAll(["web"]);
    const [busy] = all;
    const name = nameOf();
    await busy.run("open", name, { size: "1m" });
    const blocked = busy.run("block", 800);
    await sleep(20);
    using dict = await SharedDict.open(name, { size: "1m" });
    const { generation } = dict;
    const slot = dict.versionSlot("k");
    const version = dict.versionAt(slot);
    assertEquals(await dict.changed(slot, version, 10), true);
    assert(dict.generation !== generation);
    // Both count from the same number, and yet one is not taken for the other.
    assert(dict.versionAt(dict.versionSlot("k")) !== version);
    assertEquals(dict.setIfVersion("k", 1, version).err, "changed");
    await blocked;
  },
);

isolateTest("a memory outlives the worker that made it", async () => {
  const name = nameOf();
  const web = await Isolate.start("web");
  await web.run("open", name, { size: "1m" });
  await web.run("call", name, "set", "k", { from: "worker" });
  using dict = await SharedDict.open(name);
  await web[Symbol.asyncDispose]();
  const thread = await Isolate.start("thread");
  await thread.run("open", name);
  assertEquals(await thread.run("call", name, "get", "k"), { from: "worker" });
  await thread.run("call", name, "set", "k", 2);
  await thread[Symbol.asyncDispose]();
  assertEquals(dict.get("k"), 2);
});

isolateTest("who keeps memories keeps those that workers make", async () => {
  const name = nameOf();
  const before = nameOf();
  const first = await Isolate.start("web");
  await first.run("open", before, { size: "1m" });
  await first.run("call", before, "set", "k", 1);
  using _keeper = await keepMemories();
  await first.run("open", name, { size: "1m" });
  await first.run("call", name, "set", "k", 2);
  await until(2, () => {
    const names = heldMemories().map((memory) => memory.name);
    return names.includes(name) && names.includes(before);
  });
  await first[Symbol.asyncDispose]();
  using a = await SharedDict.open(before);
  using b = await SharedDict.open(name);
  assertEquals([a.get("k"), b.get("k")], [1, 2]);
});

isolateTest("a memory that is handed over needs no asking", async () => {
  const name = nameOf();
  using dict = await SharedDict.open(name, { size: "1m" });
  dict.set("k", "handed");
  const isolate = await Isolate.start("thread");
  await isolate.run(
    "adopt",
    heldMemories().filter((memory) => memory.name === name),
  );
  // Nobody but the worker has it any more, and it has not even opened it.
  dict.close();
  using again = await SharedDict.open(name);
  assertEquals(again.get("k"), "handed");
  await isolate[Symbol.asyncDispose]();
});

Deno.test("adoptMemories refuses what is no memory of this version", async () => {
  const cases = [
    new SharedArrayBuffer(1024),
    new SharedArrayBuffer(4),
    new ArrayBuffer(1024) as unknown as SharedArrayBuffer,
    7 as unknown as SharedArrayBuffer,
  ];
  const other = Memory.create(65_536);
  new Int32Array(other)[Header.version] = 99;
  cases.push(other);
  const known = {
    kind: "dictionary",
    name: "n",
    buffer: Memory.create(65_536),
  };
  const wrong = [
    ...[null, {}, "all", [null], [7]],
    [{ ...known, kind: "memory" }],
    [{ ...known, name: 7 }],
    [known, { ...known, buffer: undefined }],
  ];
  for (const memories of wrong) {
    const error = await assertRejects(() =>
      adoptMemories(memories as never)
    ) as Error;
    assert(error instanceof TypeError, `${error}`);
    assert(error.message.startsWith("Cannot adopt"), error.message);
  }
  assertEquals(heldMemories().some(({ name }) => name === "n"), false);
  for (const kind of ["dictionary", "segment"] as const) {
    for (const buffer of cases) {
      try {
        await adoptMemories([{ kind, name: "n", buffer }]);
        assert(false, "it was adopted");
      } catch (error) {
        assert(error instanceof TypeError, String(error));
      }
    }
  }
});

isolateTest(
  "a dictionary that is closed and opened again in one tick is heard",
  async () => {
    await using all = await Isolate.startAll(["web"]);
    const [other] = all;
    const name = nameOf();
    const seed = await other.run("open", name, { size: "1m" });
    await other.run("call", name, "set", "k", 1);
    for (let i = 0; i < 5; i++) {
      const dict = await SharedDict.open(name);
      dict.close();
      using again = await SharedDict.open(name);
      assertEquals(again.get("k"), 1, `round ${i}`);
    }
    // And it answers, when others ask.
    const own = nameOf();
    const dict = await SharedDict.open(own, { size: "1m" });
    dict.close();
    using again = await SharedDict.open(own, { size: "1m" });
    again.set("k", 2);
    await other.run("open", own);
    assertEquals(await other.run("call", own, "get", "k"), 2);
    assertEquals(await other.run("seed", name), seed);
  },
);

Deno.test("two who open one name in one isolate share it, and close apart", async () => {
  const name = nameOf();
  const [a, b] = await Promise.all([
    SharedDict.open(name, { size: "1m" }),
    SharedDict.open(name, { size: "1m" }),
  ]);
  a.set("k", 1);
  a.close();
  a.close();
  assertEquals(b.get("k"), 1);
  using c = await SharedDict.open(name);
  assertEquals(c.get("k"), 1);
  b.close();
  assertEquals(heldMemories().some((memory) => memory.name === name), true);
  c.close();
  assertEquals(heldMemories().some((memory) => memory.name === name), false);
});
