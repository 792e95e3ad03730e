import { assert, assertEquals } from "@std/assert";
import { SharedDict } from "@oresty/shm";
import { sleep } from "./isolates.ts";

let count = 0;

function test(
  name: string,
  size: string,
  run: (dict: SharedDict) => Promise<void> | void,
): void {
  Deno.test(name, async () => {
    using dict = await SharedDict.open(`eviction_test ${count++}`, { size });
    await run(dict);
    assertEquals(dict.check(), []);
  });
}

/** Blocks of 128 bytes that an entry takes: the first has 64 of them free. */
function blocksOf(key: string, bytes: number): number {
  const words = Math.ceil(key.length / 4) + Math.ceil(bytes / 4);
  return words <= 16 ? 1 : 1 + Math.ceil((words - 16) / 31);
}

function random(seed: number): (n: number) => number {
  return (n) => {
    seed = Math.imul(seed, 1103515245) + 12345 & 0x7fffffff;
    return (seed >>> 8) % n;
  };
}

test("safeSet takes the room of the list that it replaces", "256k", (dict) => {
  while (dict.rpush("list", "x".repeat(1000)).ok);
  while (dict.safeSet(`k${dict.stats().entries}`, 1).ok);
  assertEquals(dict.freeSpace(), 0);
  const value = "y".repeat(5000);
  assertEquals(dict.safeSet("list", value), { ok: true, forcible: false });
  assertEquals([dict.get("list"), dict.stats().evictions], [value, 0]);
});

test(
  "a dictionary full of immortal keys gives way by force only",
  "256k",
  (dict) => {
    let i = 0;
    while (dict.safeSet(`k${i}`, i).ok) i++;
    assertEquals(dict.freeSpace(), 0);
    assertEquals(dict.safeSet("more", 1), {
      ok: false,
      err: "no memory",
      forcible: false,
    });
    assertEquals(dict.safeAdd("more", 1).err, "no memory");
    assertEquals(dict.lpush("list", 1).err, "no memory");
    assertEquals(dict.get("more"), undefined);
    assertEquals(dict.stats().evictions, 0);
    // What is there can still be written to.
    assertEquals(dict.safeSet("k0", -1).ok, true);
    assertEquals(dict.incr("k1", 5).value, 6);
    assertEquals(dict.set("more", 1), { ok: true, forcible: true });
    assertEquals(dict.incr("number", 1, 0), {
      ok: true,
      forcible: true,
      value: 1,
    });
    assertEquals(dict.stats().evictions, 2);
    assertEquals(dict.get("more"), 1);
  },
);

test("an insert forgets no more than the blocks it needs", "4m", (dict) => {
  const next = random(7);
  // Small, mixed up to 8 KiB, large, small again: what makes slabs give up.
  const phases: [rounds: number, least: number, most: number][] = [
    [30_000, 100, 300],
    [5000, 100, 8192],
    [300, 20_000, 200_000],
    [30_000, 100, 300],
  ];
  let worst = 0;
  let n = 0;
  for (const [rounds, least, most] of phases) {
    for (let i = 0; i < rounds; i++) {
      const key = `key ${n++}`;
      const bytes = least + next(most - least);
      const before = dict.stats().evictions;
      assertEquals(dict.set(key, "x".repeat(bytes)).ok, true);
      const evicted = dict.stats().evictions - before;
      assert(evicted <= blocksOf(key, bytes), `${evicted} for ${bytes} bytes`);
      if (most <= 8192) worst = Math.max(worst, evicted);
      if (i % 3 === 0) dict.get(`key ${n - 1 - next(Math.min(n, 500))}`);
    }
  }
  assert(worst <= 32, `${worst} evictions for one insert below 8 KiB`);
});

test(
  "what expired stays while there is room, and goes first when not",
  "256k",
  async (dict) => {
    for (let i = 0; i < 100; i++) dict.set(`old${i}`, i, 0.01);
    for (let i = 0; i < 100; i++) dict.set(`young${i}`, i);
    await sleep(20);
    for (let i = 0; i < 100; i++) assertEquals(dict.get(`old${i}`), undefined);
    assertEquals(dict.getStale("old0")!.value, 0);
    let i = 0;
    while (dict.getStale("old99") !== undefined) {
      assertEquals(dict.set(`more${i++}`, 1), { ok: true, forcible: false });
    }
    assert(i > 1000, `${i}`);
    for (let i = 0; i < 100; i++) assertEquals(dict.get(`young${i}`), i);
    assertEquals(dict.stats().evictions, 0);
  },
);

test(
  "a read of what expired frees some of it in a dictionary short of room",
  "256k",
  async (dict) => {
    let i = 0;
    while (dict.safeSet(`k${i}`, 1, 0.05).ok) i++;
    await sleep(60);
    assertEquals(dict.freeSpace(), 0);
    assertEquals(dict.get(`k${i - 1}`), undefined);
    assertEquals(dict.freeSpace(), 2 * 128);
    // safeSet takes the room of what expired, and of nothing else.
    for (let n = 0; n < 100; n++) {
      assertEquals(dict.safeSet(`n${n}`, 1).ok, true);
    }
  },
);

test("what is read survives what is not", "1m", (dict) => {
  dict.set("hot", "hot");
  for (let i = 0; i < 50_000; i++) {
    dict.set(`cold ${i}`, i);
    if (i % 50 === 0) assertEquals(dict.get("hot"), "hot", `after ${i}`);
  }
});

test(
  "a value that grows and shrinks keeps every block accounted for",
  "256k",
  (dict) => {
    const next = random(3);
    for (let i = 0; i < 3000; i++) {
      const bytes = next(3000);
      const key = `k${next(20)}`;
      assertEquals(dict.set(key, new Uint8Array(bytes)).ok, true);
      assertEquals((dict.get(key) as Uint8Array).length, bytes);
    }
    const keys = dict.getKeys(0);
    for (const key of keys) dict.delete(key);
    const { entries, freeSpace, capacity } = dict.stats();
    assertEquals(entries, 0);
    assert(freeSpace > capacity * 0.9, `${freeSpace}`);
  },
);

test(
  "a list that grows takes the room of expired keys only",
  "256k",
  async (dict) => {
    dict.set("kept", "kept");
    let n = 0;
    while (dict.rpush("list", "x".repeat(100)).ok) n++;
    assertEquals(dict.rpush("list", "x".repeat(100)), {
      ok: false,
      err: "no memory",
      forcible: false,
      length: 0,
    });
    assertEquals([dict.llen("list"), dict.get("kept")], [n, "kept"]);
    dict.expire("kept", 0.01);
    await sleep(15);
    while (dict.getStale("kept") !== undefined) {
      assertEquals(dict.rpush("list", 1).ok, true);
      n++;
    }
    for (let i = 0; i < n; i++) dict.lpop("list");
    assertEquals([dict.llen("list"), dict.stats().entries], [0, 0]);
  },
);

test(
  "a key takes a quarter of a shard at most, with its value",
  "256k",
  (dict) => {
    const long = "k".repeat(131_072);
    assertEquals(dict.set(long, 1).err, "no memory");
    assertEquals(dict.incr(long, 1, 0).err, "no memory");
    assertEquals(dict.rpush(long, 1).err, "no memory");
    assertEquals(dict.get(long), undefined);
    assertEquals(dict.cas(long, 1, 2).err, "not found");
    assertEquals(dict.cas("k", "x".repeat(500_000), 2).err, "not found");
    const fits = "k".repeat(40_000);
    assertEquals(dict.set(fits, 1).ok, true);
    assertEquals(dict.get(fits), 1);
    assertEquals(dict.set(fits, "x".repeat(40_000)).err, "no memory");
    assertEquals(dict.get(fits), 1);
    assertEquals(dict.set("bytes", new Uint8Array(300_000)).err, "no memory");
  },
);

test("shards are as many as were asked for", "1m", async () => {
  for (const shards of [1, 4, 32]) {
    using dict = await SharedDict.open(`eviction_test shards ${shards}`, {
      size: "1m",
      shards,
    });
    assertEquals(dict.stats().shards, shards);
    for (let i = 0; i < 500; i++) dict.set(`k${i}`, i);
    for (let i = 0; i < 500; i++) assertEquals(dict.get(`k${i}`), i);
    assertEquals(dict.check(), []);
  }
});
