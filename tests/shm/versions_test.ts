import { assert, assertEquals, assertRejects } from "@std/assert";
import { SharedDict } from "@oresty/shm";
import { Header } from "../../shm/_layout.ts";
import { Store } from "../../shm/_store.ts";
import { awake, Isolate, isolateTest, sleep } from "./isolates.ts";

let count = 0;

async function withDict(
  run: (dict: SharedDict, name: string) => Promise<void> | void,
): Promise<void> {
  const name = `versions_test ${count++}`;
  using dict = await SharedDict.open(name, { size: "1m" });
  await run(dict, name);
  assertEquals(dict.check(), []);
  assertEquals(new Int32Array(dict.buffer)[Header.waiters], 0);
}

function test(
  name: string,
  run: (dict: SharedDict, name: string) => Promise<void> | void,
): void {
  Deno.test(name, () => withDict(run));
}

function testOfIsolates(
  name: string,
  run: (dict: SharedDict, name: string) => Promise<void>,
): void {
  isolateTest(name, () => withDict(run));
}

test("touch changes the version and nothing else", (dict) => {
  dict.set("k", "v", 60, 7);
  const version = dict.version("k");
  dict.touch("k");
  assert(dict.version("k") !== version);
  const { value, flags, stale } = dict.lookup("k")!;
  assertEquals([value, flags, stale], ["v", 7, false]);
  dict.touch("none");
  assertEquals(dict.get("none"), undefined);
});

test("a store for an older version is refused after each change", (dict) => {
  dict.set("k", 1);
  const changes: (() => unknown)[] = [
    () => dict.touch("k"),
    () => dict.markStale("k"),
    () => dict.set("k", 2),
    () => dict.delete("k"),
    () => dict.delete("k"),
    () => dict.flushAll(),
  ];
  for (const change of changes) {
    const version = dict.version("k");
    change();
    assertEquals(
      dict.setIfVersion("k", "late", version).err,
      "changed",
      change.toString(),
    );
  }
});

test("markStale keeps the entry for getStale", (dict) => {
  assertEquals(dict.markStale("none").err, "not found");
  for (const ttl of [0, 60]) {
    dict.set("k", { a: 1 }, ttl, 3);
    const version = dict.version("k");
    assertEquals(dict.markStale("k").ok, true);
    assert(dict.version("k") !== version);
    assertEquals([dict.get("k"), dict.lookup("k")], [undefined, undefined]);
    const stale = dict.getStale("k")!;
    assertEquals([stale.value, stale.flags, stale.stale], [{ a: 1 }, 3, true]);
    assert(stale.ttl < 0, `${stale.ttl}`);
    assertEquals(dict.ttl("k"), undefined);
    assertEquals(dict.add("k", 2).ok, true);
  }
});

test("markStale leaves the end of what has expired", async (dict) => {
  dict.set("k", 1, 0.001);
  await sleep(30);
  dict.markStale("k");
  assert(dict.getStale("k")!.ttl <= -0.02, `${dict.getStale("k")!.ttl}`);
});

test("a tag's word changes by raise only", (dict) => {
  const slot = dict.tagSlot("tag");
  assertEquals(dict.tagSlot("tag"), slot);
  const word = dict.versionAt(slot);
  for (let i = 0; i < 1000; i++) dict.set(`tag${i}`, i);
  dict.set("tag", 1);
  dict.flushAll();
  assertEquals(dict.versionAt(slot), word);
  const raised = dict.raise(slot);
  assert(raised !== word);
  assertEquals(dict.versionAt(slot), raised);
  const slots = new Set<number>();
  for (let i = 0; i < 1000; i++) slots.add(dict.tagSlot(`t${i}`));
  assert(slots.size > 200, `${slots.size} words for 1000 tags`);
  const taken = new Set([
    ...slots,
    ...Array.from({ length: 500 }, (_, i) => dict.versionSlot(`k${i}`)),
  ]);
  assertEquals(taken.size > slots.size + 300, true);
});

testOfIsolates(
  "tags and versions are of one word for all isolates",
  async (dict, name) => {
    await using isolates = await Isolate.startAll(["thread"]);
    const [isolate] = isolates;
    await isolate.run("open", name);
    const slot = dict.tagSlot("tag");
    assertEquals(await isolate.run("call", name, "tagSlot", "tag"), slot);
    const raised = await isolate.run("call", name, "raise", slot);
    assertEquals(dict.versionAt(slot), raised);
  },
);

testOfIsolates(
  "changed resolves when another isolate changes the key",
  async (dict, name) => {
    await using isolates = await Isolate.startAll(["web", "thread"]);
    dict.set("k", 1);
    const slot = dict.versionSlot("k");
    const changes = [
      ["set", "k", 2],
      ["touch", "k"],
      ["incr", "k", 1],
      ["markStale", "k"],
      ["delete", "k"],
    ] as const;
    for (const isolate of isolates) {
      await isolate.run("open", name);
      for (const [method, ...args] of changes) {
        const version = dict.versionAt(slot);
        const start = performance.now();
        const waits = [
          dict.changed(slot, version, 20),
          dict.changed(slot, version, 20),
        ];
        await isolate.run("call", name, method, ...args);
        assertEquals(await Promise.all(waits), [true, true], method);
        const took = performance.now() - start;
        assert(took < 5000, `${method}: ${took}`);
      }
    }
    assertEquals(await dict.changed(slot, dict.versionAt(slot) - 1, 20), true);
  },
);

test("changed resolves false when the time is over", async (dict) => {
  using _awake = awake();
  const slot = dict.versionSlot("k");
  const version = dict.versionAt(slot);
  const start = performance.now();
  assertEquals(await dict.changed(slot, version, "60ms"), false);
  assert(performance.now() - start >= 60);
  assertEquals(await dict.changed(slot, version, 0), false);
});

test("changed goes on when another is called off", async (dict) => {
  using _awake = awake();
  const slot = dict.versionSlot("k");
  const version = dict.versionAt(slot);
  const controller = new AbortController();
  const off = dict.changed(slot, version, 20, controller.signal);
  const on = dict.changed(slot, version, 20);
  const reason = new Error("called off");
  controller.abort(reason);
  assertEquals(await assertRejects(() => off), reason);
  await sleep(20);
  dict.touch("k");
  assertEquals(await on, true);
  const late = dict.changed(slot, version, 20, controller.signal);
  assertEquals(await assertRejects(() => late), reason);
});

isolateTest(
  "flushAll wins over a store for a version before it, in shards done too",
  async () => {
    const name = "versions_test flush";
    using dict = await SharedDict.open(name, { size: "256k", shards: 2 });
    const store = Store.of(dict.buffer);
    const keyOfShard = (shard: number): string => {
      for (let i = 0;; i++) {
        store.seek(`k${i}`);
        const { firstShard, shardWords } = store.memory.geometry;
        if (store.entries.base === firstShard + shard * shardWords) {
          return `k${i}`;
        }
      }
    };
    const [first, last] = [keyOfShard(0), keyOfShard(1)];
    dict.set(first, "old");
    const version = dict.version(first);
    await using isolates = await Isolate.startAll(["web", "web"]);
    const [holder, flusher] = isolates;
    for (const isolate of isolates) await isolate.run("open", name);
    const held = holder.run("hold", name, last, 400);
    await sleep(100);
    // It is done with the first shard, and waits for the last.
    const flushed = flusher.run("call", name, "flushAll");
    await sleep(100);
    assertEquals(dict.get(first), undefined);
    assertEquals(dict.setIfVersion(first, "late", version).err, "changed");
    await Promise.all([held, flushed]);
    assertEquals(dict.get(first), undefined);
    assertEquals(dict.check(), []);
  },
);

Deno.test("changed ends with the dictionary", async () => {
  const dict = await SharedDict.open("versions_test closed", { size: "1m" });
  const slot = dict.versionSlot("k");
  const wait = dict.changed(slot, dict.versionAt(slot), 20);
  await sleep(5);
  dict.close();
  assertEquals(await wait, false);
  assertEquals(new Int32Array(dict.buffer)[Header.waiters], 0);
});

test("changed refuses what is no length of time or no slot", async (dict) => {
  const slot = dict.versionSlot("k");
  await assertRejects(() => dict.changed(slot, 0, "soon"), TypeError, `"soon"`);
  await assertRejects(() => dict.changed(slot, 0, -1), RangeError, "-1");
  await assertRejects(() => dict.changed(-1, 0, 1), RangeError);
});
