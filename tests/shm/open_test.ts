import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SharedDict } from "@oresty/shm";

Deno.test("open refuses names and options that cannot be meant", async () => {
  const serializer = { encode: () => "", decode: () => 1 };
  const cases: [unknown, unknown, ErrorConstructor, string][] = [
    ["", {}, TypeError, `""`],
    [undefined, {}, TypeError, `"undefined"`],
    ["x".repeat(256), {}, TypeError, "256"],
    ["a\nb", {}, TypeError, "control"],
    ["\u0001leaders", {}, TypeError, "control"],
    ["\ud800", {}, TypeError, "surrogates"],
    ["n", null, TypeError, "null"],
    ["n", [], TypeError, "array"],
    ["n", { size: 65_535 }, RangeError, "65536"],
    ["n", { size: "large" }, TypeError, `"large"`],
    ["n", { size: -1 }, RangeError, "-1"],
    ["n", { shard: 2 }, TypeError, `did you mean "shards"`],
    ["n", { size: "1m", shards: 3 }, RangeError, `"3"`],
    ["n", { size: "1m", shards: 0 }, RangeError, `"0"`],
    ["n", { size: "1m", shards: 64 }, RangeError, "1 to 32"],
    ["n", { size: "1m", shards: "4" }, RangeError, `"4"`],
    ["n", { serializer: {} }, TypeError, "encode and decode"],
    ["n", { serializer: { ...serializer, encode: 1 } }, TypeError, "encode"],
    ["n", { serializer: null }, TypeError, "encode"],
  ];
  for (const [name, options, type, message] of cases) {
    const error = await assertRejects(() =>
      SharedDict.open(name as never, options as never)
    ) as Error;
    assert(error instanceof type, `${error}`);
    assert(error.message.includes(message), error.message);
  }
});

Deno.test("names that others could take for one another are apart", async () => {
  const names = ["a", "A", "a ", "__proto__", "constructor", "漢字", "a:b"];
  const dicts = await Promise.all(
    names.map((name) => SharedDict.open(name, { size: "64k" })),
  );
  for (const [i, dict] of dicts.entries()) dict.set("k", i);
  for (const [i, dict] of dicts.entries()) {
    assertEquals([dict.name, dict.get("k")], [names[i], i]);
    dict.close();
  }
});

Deno.test("operations refuse arguments that cannot be meant", async () => {
  using dict = await SharedDict.open("open_test arguments", { size: "64k" });
  const cases: [() => unknown, ErrorConstructor, string][] = [
    [() => dict.set("k", 1, "soon"), TypeError, `"soon"`],
    [() => dict.set("k", 1, -1), RangeError, "-1"],
    [() => dict.set("k", 1, NaN), RangeError, "NaN"],
    [() => dict.set("k", 1, Infinity), RangeError, "Infinity"],
    [() => dict.set("k", 1, null as never), TypeError, "null"],
    [() => dict.set("k", 1, 0, 2 ** 32), RangeError, "4294967296"],
    [() => dict.set("k", 1, 0, "1" as never), RangeError, `"1"`],
    [() => dict.set("k", 1, 0, 1n as never), RangeError, `"1"`],
    [() => dict.set("k", 1, 0, Symbol("f") as never), RangeError, "(f)"],
    [() => dict.set("k", 1, Symbol("t") as never), TypeError, "(t)"],
    [() => dict.set("k", Promise.resolve(1)), TypeError, `"Promise"`],
    [() => dict.get(undefined as never), TypeError, `"undefined"`],
    [() => dict.getMany("abc" as never), TypeError, "an array"],
    [() => dict.getMany(null as never), TypeError, "an array"],
    [() => dict.getMany(["a", 7 as never]), TypeError, `"7"`],
    [() => dict.getKeys(-1), RangeError, "-1"],
    [() => dict.getKeys(1.5), RangeError, "1.5"],
    [() => dict.flushExpired(NaN), RangeError, "NaN"],
    [() => dict.incr("k", Infinity - Infinity), TypeError, "NaN"],
    [() => dict.incr("k", 1n as never), TypeError, `"1"`],
    [() => dict.incr("k", 1, 0, "x"), TypeError, `"x"`],
    [() => dict.expire("k", -1), RangeError, "-1"],
  ];
  for (const [run, type, message] of cases) {
    const error = assertThrows(run) as Error;
    assert(error instanceof type, `${run}: ${error}`);
    assert(error.message.includes(message), error.message);
  }
  assertEquals(dict.getKeys(0), []);
});

Deno.test("a store for a version that was forgotten is none for any", async () => {
  using dict = await SharedDict.open("open_test version", { size: "64k" });
  dict.set("k", 1);
  for (const version of [undefined, null, NaN, "1", dict]) {
    assertThrows(
      () => dict.setIfVersion("k", 2, version as never),
      TypeError,
      `Cannot use "version" of setIfVersion`,
    );
  }
  assertEquals(dict.get("k"), 1);
});

Deno.test("a slot that none of the methods gave changes nothing", async () => {
  using dict = await SharedDict.open("open_test slots", { size: "64k" });
  const words = new Int32Array(dict.buffer);
  const before = [...words];
  const slots = [undefined, null, NaN, 0, 13, -1, 1.5, 8192, 1e12, "100"];
  for (const slot of slots) {
    const said = "Cannot use slot";
    assertThrows(() => dict.raise(slot as never), RangeError, said);
    const error = await assertRejects(() =>
      dict.changed(slot as never, 1, 0.01)
    ) as Error;
    assert(error instanceof RangeError, `${error}`);
    assert(error.message.startsWith(said), error.message);
  }
  assertEquals([...words], before);
});
