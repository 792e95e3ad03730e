import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SharedDict } from "@oresty/shm";

let count = 0;

/** Runs with a dictionary of its own. */
async function withDict(
  run: (dict: SharedDict) => void | Promise<void>,
  size = "1m",
): Promise<void> {
  const dict = await SharedDict.open(`dict_test ${count++}`, { size });
  try {
    await run(dict);
    assertEquals(dict.check(), []);
  } finally {
    dict.close();
  }
}

function test(
  name: string,
  run: (dict: SharedDict) => void | Promise<void>,
): void {
  Deno.test(name, () => withDict(run));
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("values come back as they were", (dict) => {
  const values = [
    "",
    "text",
    "ümläut 漢字 🦕",
    "\ufeffbom",
    "nul\0inside",
    "lone \ud800 surrogate \udc00",
    "x".repeat(100_000),
    "漢".repeat(30_000),
    0,
    -0,
    1.5,
    -1e300,
    Infinity,
    -Infinity,
    NaN,
    true,
    false,
    null,
    { a: [1, "b", null], c: { d: true } },
    [],
    "{}",
    "null",
  ];
  for (const [i, value] of values.entries()) {
    assertEquals(dict.set(`key ${i}`, value).ok, true);
  }
  for (const [i, value] of values.entries()) {
    const found = dict.get(`key ${i}`);
    assert(
      typeof value === "object" && value !== null || Object.is(found, value),
      `${i}: ${String(found)}`,
    );
    assertEquals(found, value);
  }
  for (const length of [0, 1, 3, 63, 64, 65, 124, 125, 188, 189, 5000]) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    dict.set("bytes", bytes);
    assertEquals(dict.get("bytes"), bytes);
    dict.set("text", "t".repeat(length));
    assertEquals(dict.get("text"), "t".repeat(length));
  }
});

test("keys are any text, and none is another", (dict) => {
  const keys = [
    "",
    "a",
    "A",
    "a\0",
    "\0a",
    "__proto__",
    "constructor",
    "\ud800",
    "\udfff",
    "ÿ",
    "\u0100",
    "漢字",
    "a".repeat(131_072),
    "漢".repeat(65_536),
    // As bytes of Latin-1 and of UTF-16 these are alike.
    "a\0b\0",
    "ab",
  ];
  for (const [i, key] of keys.entries()) dict.set(key, i);
  for (const [i, key] of keys.entries()) assertEquals(dict.get(key), i);
  assertEquals(dict.getKeys(0).toSorted(), keys.toSorted());
  assertThrows(() => dict.get("a".repeat(131_073)), RangeError, "131073");
  assertThrows(() => dict.get(7 as never), TypeError, `"7"`);
});

test("what cannot be kept is refused", (dict) => {
  const loop: Record<string, unknown> = {};
  loop["self"] = loop;
  for (const value of [undefined, () => 1, Symbol("s"), 1n, loop]) {
    assertThrows(() => dict.set("k", value), TypeError, "Cannot keep a value");
  }
  assertThrows(() => dict.set("k", 1, -1), RangeError);
  assertThrows(() => dict.set("k", 1, "soon"), TypeError, `"soon"`);
  assertThrows(() => dict.set("k", 1, 0, -1), RangeError, `"-1"`);
  assertThrows(() => dict.set("k", 1, 0, 1.5), RangeError, `"1.5"`);
  assertEquals(dict.get("k"), undefined);
});

test("add, replace and cas look at what is there", (dict) => {
  assertEquals(dict.replace("k", 1), {
    ok: false,
    err: "not found",
    forcible: false,
  });
  assertEquals(dict.add("k", 1).ok, true);
  assertEquals(dict.add("k", 2).err, "exists");
  assertEquals(dict.replace("k", { a: 1 }).ok, true);
  assertEquals(dict.cas("k", { a: 2 }, 3).err, "changed");
  assertEquals(dict.cas("k", { a: 1 }, "three").ok, true);
  assertEquals(dict.cas("k", "thre", 4).err, "changed");
  assertEquals(dict.cas("k", "three", 4).ok, true);
  assertEquals(dict.cas("k", "4", 5).err, "changed");
  assertEquals(dict.cas("none", 1, 2).err, "not found");
  assertEquals(dict.get("k"), 4);
  dict.delete("k");
  assertEquals(dict.get("k"), undefined);
  dict.delete("k");
});

test("incr is of numbers", (dict) => {
  assertEquals(dict.incr("n", 1).err, "not found");
  assertEquals(dict.incr("n", 2, 10), { ok: true, forcible: false, value: 12 });
  assertEquals(dict.incr("n", -0.5).value, 11.5);
  dict.set("text", "7");
  assertEquals(dict.incr("text", 1).err, "not a number");
  assertEquals(dict.get("text"), "7");
  assertThrows(() => dict.incr("n", "1" as never), TypeError, `"1"`);
  assertThrows(() => dict.incr("n", NaN), TypeError, "NaN");
});

test("entries expire, and stay for who asks for stale ones", async (dict) => {
  dict.set("k", "v", 0.03, 7);
  dict.set("long", "v", "1h");
  assertEquals(dict.lookup("k")!.flags, 7);
  assert(Math.abs(dict.ttl("long")! - 3600) < 1);
  assertEquals(dict.ttl("none"), undefined);
  await sleep(40);
  assertEquals(dict.get("k"), undefined);
  assertEquals(dict.lookup("k"), undefined);
  assertEquals(dict.ttl("k"), undefined);
  const stale = dict.getStale("k")!;
  assertEquals([stale.value, stale.flags, stale.stale], ["v", 7, true]);
  assert(stale.ttl < 0);
  assertEquals(dict.expire("k", 1).err, "not found");
  assertEquals(dict.replace("k", 1).err, "not found");
  assertEquals(dict.incr("k", 1).err, "not found");
  assertEquals(dict.add("k", "again").ok, true);
  assertEquals(dict.expire("k", 0).ok, true);
  assertEquals(dict.ttl("k"), 0);
  assertEquals(dict.lookup("long")!.stale, false);
});

test("flushAll marks, flushExpired frees", (dict) => {
  for (let i = 0; i < 100; i++) dict.set(`k${i}`, i);
  const free = dict.freeSpace();
  const version = dict.version("k1");
  dict.flushAll();
  assert(dict.version("k1") !== version);
  assertEquals(dict.getKeys(), []);
  assertEquals(dict.getStale("k7")!.value, 7);
  assertEquals(dict.flushExpired(30), 30);
  assertEquals(dict.flushExpired(), 70);
  assertEquals(dict.freeSpace(), free + 100 * 128);
  assertEquals(dict.getStale("k7"), undefined);
});

test("lists are pushed and popped at both ends", (dict) => {
  const model: unknown[] = [];
  for (let i = 0; i < 500; i++) {
    const value = i % 3 === 0 ? i : "x".repeat(i);
    const isLeft = i % 2 === 0;
    const result = isLeft ? dict.lpush("l", value) : dict.rpush("l", value);
    if (isLeft) model.unshift(value);
    else model.push(value);
    assertEquals(result, { ok: true, length: model.length, forcible: false });
  }
  assertEquals(dict.llen("l"), 500);
  assertThrows(() => dict.get("l"), TypeError, "list");
  while (model.length > 0) {
    const isLeft = model.length % 3 === 0;
    const expected = isLeft ? model.shift() : model.pop();
    assertEquals(isLeft ? dict.lpop("l") : dict.rpop("l"), expected);
  }
  assertEquals([dict.lpop("l"), dict.llen("l")], [undefined, 0]);
  dict.set("text", "x");
  assertEquals(dict.lpush("text", 1).err, "value not a list");
  assertThrows(() => dict.lpop("text"), TypeError, "text");
  assertThrows(() => dict.llen("text"), TypeError, "text");
  dict.rpush("l", 1);
  assertEquals(dict.set("l", "a value now").ok, true);
  assertEquals(dict.get("l"), "a value now");
});

test("a full dictionary forgets what was longest unused", (dict) => {
  let forced = 0;
  for (let i = 0; i < 5000; i++) {
    if (i > 0) assertEquals(dict.get("hot"), "hot");
    if (i === 0) dict.set("hot", "hot");
    if (dict.set(`k${i}`, "x".repeat(1000)).forcible) forced++;
  }
  assert(forced > 1000, `${forced}`);
  assertEquals(dict.get("hot"), "hot");
  assertEquals(dict.get("k0"), undefined);
  assertEquals(dict.get("k4999"), "x".repeat(1000));
  assertEquals(dict.stats().evictions, forced);
});

test("safe operations forget nothing", async (dict) => {
  let i = 0;
  while (dict.safeSet(`k${i}`, "x".repeat(1000)).ok) i++;
  assert(i > 800, `${i}`);
  assertEquals(dict.safeSet("more", "x".repeat(1000)).err, "no memory");
  assertEquals(dict.safeAdd("more", "x".repeat(1000)).err, "no memory");
  // What was there stays as it was, also when it would have become larger.
  assertEquals(dict.safeSet("k0", "y".repeat(5000)).err, "no memory");
  for (let n = 0; n < i; n++) assertEquals(dict.get(`k${n}`), "x".repeat(1000));
  assertEquals(dict.safeSet("k0", "y".repeat(990)).ok, true);
  dict.expire("k5", 0.01);
  await sleep(15);
  assertEquals(dict.stats().evictions, 0);
  assertEquals(dict.set("more", "x".repeat(1000)).ok, true);
});

test("a value of over a quarter of a shard is refused, and the old one stays", (dict) => {
  dict.set("k", "old");
  assertEquals(dict.set("k", "x".repeat(300_000)).err, "no memory");
  assertEquals(dict.rpush("list", "x".repeat(300_000)).err, "no memory");
  assertEquals(dict.get("k"), "old");
  assertEquals(dict.set("k", "x".repeat(200_000)).ok, true);
});

test("an insert forgets about as much as it needs", (dict) => {
  for (let i = 0; i < 20_000; i++) dict.set(`k${i}`, "x".repeat(100));
  const before = dict.stats();
  dict.set("large", "x".repeat(8000));
  const { evictions } = dict.stats();
  assert(evictions - before.evictions <= 33, `${evictions - before.evictions}`);
});

test("versions change with what is under them", (dict) => {
  dict.set("k", 1);
  const slot = dict.versionSlot("k");
  let version = dict.versionAt(slot);
  const changes: (() => unknown)[] = [
    () => dict.set("k", 2),
    () => dict.incr("k", 1),
    () => dict.expire("k", 5),
    () => dict.delete("k"),
    () => dict.rpush("k", 1),
    () => dict.lpop("k"),
  ];
  for (const change of changes) {
    change();
    assert(dict.versionAt(slot) !== version, change.toString());
    version = dict.versionAt(slot);
  }
  dict.get("k");
  assertEquals(dict.versionAt(slot), version);
  assertEquals(dict.setIfVersion("k", 1, version - 1).err, "changed");
  assertEquals(dict.get("k"), undefined);
  assertEquals(dict.setIfVersion("k", 1, version).ok, true);
});

test("epochs are of namespaces", (dict) => {
  const slots = new Set<number>();
  for (let i = 0; i < 200; i++) slots.add(dict.epochSlot(`name ${i}`));
  assertEquals(slots.size, 200);
  assertEquals(dict.epochSlot("name 7"), dict.epochSlot("name 7"));
  for (let i = 0; i < 1000; i++) dict.epochSlot(`more ${i}`);
  const slot = dict.epochSlot("name 7");
  const epoch = dict.versionAt(slot);
  const raised = dict.raise(slot);
  assert(raised !== epoch);
  assertEquals(dict.versionAt(slot), raised);
});

Deno.test("an own serializer writes what JSON cannot", async () => {
  const serializer = {
    encode: (value: unknown) =>
      JSON.stringify([...value as Map<string, number>]),
    decode: (data: string | Uint8Array) => new Map(JSON.parse(data as string)),
  };
  const name = `dict_test ${count++}`;
  using dict = await SharedDict.open(name, { size: "1m", serializer });
  dict.set("map", new Map([["a", 1]]));
  dict.set("text", "plain");
  assertEquals(dict.get("map"), new Map([["a", 1]]));
  assertEquals(dict.get("text"), "plain");
  using without = await SharedDict.open(name);
  assertThrows(() => without.get("map"), TypeError, "serializer");
});

Deno.test("a second open finds the same memory, whatever size it says", async () => {
  const name = `dict_test ${count++}`;
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => warnings.push(text);
  try {
    const [a, b] = await Promise.all([
      SharedDict.open(name, { size: "1m" }),
      SharedDict.open(name),
    ]);
    a.set("k", 1);
    assertEquals(b.get("k"), 1);
    using c = await SharedDict.open(name, { size: "2m" });
    assertEquals(c.capacity(), 1_048_576);
    assertEquals(warnings.length, 1);
    assert(warnings[0]!.includes("1048576"), warnings[0]!);
    a.close();
    assertEquals(c.get("k"), 1);
    b.close();
    using d = await SharedDict.open(`dict_test ${count++}`);
    assertEquals(d.capacity(), 16 * 1024 * 1024);
    assert(warnings[1]!.includes("16 MiB"), warnings[1]!);
  } finally {
    console.warn = warn;
  }
});

Deno.test("open refuses what cannot be meant", async () => {
  const cases: [unknown, unknown, string][] = [
    ["", {}, `""`],
    [7, {}, `"7"`],
    ["n", { size: 100 }, "100"],
    ["n", { size: "5g" }, "expected"],
    ["n", { size: "large" }, `"large"`],
    ["n", { sise: 1 }, "size"],
  ];
  for (const [name, options, message] of cases) {
    const error = await assertRejects(() =>
      SharedDict.open(name as never, options as never)
    ) as Error;
    assert(error.message.includes(message), error.message);
  }
});

test("random operations agree with a model", (dict) => {
  const model = new Map<string, unknown>();
  let seed = 12345;
  const random = (n: number) => {
    seed = Math.imul(seed, 1103515245) + 12345 & 0x7fffffff;
    return (seed >>> 8) % n;
  };
  for (let i = 0; i < 20_000; i++) {
    const key = `${"k".repeat(random(30))}${random(40)}`;
    const value = random(2) === 0 ? random(1000) : "v".repeat(random(900));
    switch (random(6)) {
      case 0:
      case 1:
        dict.set(key, value);
        model.set(key, value);
        break;
      case 2:
        assertEquals(dict.add(key, value).ok, !model.has(key));
        if (!model.has(key)) model.set(key, value);
        break;
      case 3:
        dict.delete(key);
        model.delete(key);
        break;
      case 4: {
        const old = model.get(key);
        const result = dict.incr(key, 1);
        if (typeof old === "number") model.set(key, old + 1);
        assertEquals(result.ok, typeof old === "number");
        break;
      }
      default:
        assertEquals(dict.get(key), model.get(key));
    }
  }
  for (const [key, value] of model) assertEquals(dict.get(key), value);
  assertEquals(dict.stats().entries, model.size);
});
