import { assert, assertEquals, assertThrows } from "@std/assert";
import { SharedDict } from "@oresty/shm";

Deno.test("a value whose own code uses dictionaries is stored under its key", async () => {
  using dict = await SharedDict.open("reentrancy_test 1", { size: "1m" });
  using other = await SharedDict.open("reentrancy_test 2", { size: "1m" });
  const value = {
    toJSON() {
      dict.set("inner", "i".repeat(500));
      other.set("another", "o".repeat(900));
      return { inner: dict.get("inner") };
    },
  };
  assertEquals(dict.set("outer", value).ok, true);
  const written = { inner: "i".repeat(500) };
  assertEquals(dict.get("outer"), written);
  assertEquals(other.get("outer"), undefined);
  assertEquals(other.get("another"), "o".repeat(900));
  assertEquals(dict.cas("outer", value, { toJSON: () => dict.get("inner") }), {
    ok: true,
    forcible: false,
  });
  assertEquals(dict.get("outer"), "i".repeat(500));
  assertEquals(dict.rpush("list", value).length, 1);
  assertEquals(dict.lpop("list"), written);
  assertEquals([dict.check(), other.check()], [[], []]);
});

Deno.test("a serializer may use the dictionary it serves", async () => {
  const serializer = {
    encode: (value: unknown): string => {
      dict.incr("encoded", 1, 0);
      return JSON.stringify(value);
    },
    decode: (data: string | Uint8Array): unknown => {
      dict.incr("decoded", 1, 0);
      return JSON.parse(data as string);
    },
  };
  using dict: SharedDict = await SharedDict.open("reentrancy_test 3", {
    size: "1m",
    serializer,
  });
  dict.set("k", { a: 1 }, 60, 9);
  assertEquals(dict.get("k"), { a: 1 });
  const { value, flags, stale } = dict.lookup("k")!;
  assertEquals([value, flags, stale], [{ a: 1 }, 9, false]);
  assertEquals(dict.get("encoded"), 1);
  assertEquals(dict.get("decoded"), 2);
});

Deno.test("a value that throws changes nothing", async () => {
  using dict = await SharedDict.open("reentrancy_test 4", { size: "1m" });
  dict.set("k", "old");
  const version = dict.version("k");
  const bad = {
    toJSON() {
      throw new Error("not today");
    },
  };
  const binary = [
    new ArrayBuffer(8),
    new Int32Array(2),
    new DataView(new ArrayBuffer(8)),
    new Map([["a", 1]]),
    new Set([1]),
  ];
  for (const value of [bad, undefined, () => 1, Symbol("s"), 1n, ...binary]) {
    for (
      const change of [
        () => dict.set("k", value),
        () => dict.add("new", value),
        () => dict.cas("k", "old", value),
        () => dict.rpush("list", value),
        () => dict.setIfVersion("k", value, version),
      ]
    ) assertThrows(change, TypeError, "Cannot keep a value");
  }
  assertThrows(() => dict.incr("k", 1, "2" as never), TypeError, `"2"`);
  assertEquals(dict.version("k"), version);
  assertEquals(dict.getKeys(0), ["k"]);
});

Deno.test("a serializer that gives neither text nor bytes is refused", async () => {
  using dict = await SharedDict.open("reentrancy_test 5", {
    size: "1m",
    serializer: { encode: () => 7 as never, decode: (data) => data },
  });
  assertThrows(() => dict.set("k", {}), TypeError, `"number"`);
  using bytes = await SharedDict.open("reentrancy_test 6", {
    size: "1m",
    serializer: {
      encode: (value) => new Uint8Array([Number((value as Date).getTime())]),
      decode: (data) => new Date((data as Uint8Array)[0]!),
    },
  });
  bytes.set("k", new Date(77));
  assertEquals(bytes.get("k"), new Date(77));
});

Deno.test("a stack that is full in the middle of an operation leaves no lock held", async () => {
  using dict = await SharedDict.open("reentrancy_test 7", { size: "1m" });
  let overflows = 0;
  const dive = (n: number): void => {
    try {
      dict.set(`k${n % 50}`, "x".repeat(300));
      dict.get(`k${n % 50}`);
    } catch (error) {
      if (error instanceof RangeError) overflows++;
      throw error;
    }
    dive(n + 1);
  };
  for (let i = 0; i < 20; i++) {
    try {
      dive(i);
    } catch (error) {
      assert(error instanceof RangeError, String(error));
    }
  }
  assert(overflows > 0);
  const start = performance.now();
  for (let i = 0; i < 50; i++) {
    assertEquals(dict.set(`k${i}`, i).ok, true);
    assertEquals(dict.get(`k${i}`), i);
  }
  assert(performance.now() - start < 1000);
  assertEquals(dict.check(), []);
});
