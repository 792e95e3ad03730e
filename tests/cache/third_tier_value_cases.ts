import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import type { ThirdTier } from "../../cache/third_tier.ts";
import {
  bytes,
  expectMine,
  type Ground,
  readText,
  settled,
  sleep,
  textOf,
  value,
} from "./third_tier_ground.ts";

const KEYS = [
  "",
  "plain",
  "a:b",
  "a b\r\nc",
  "\0",
  "a\0b",
  "\ud800",
  "\udbff",
  "\udc00",
  "\ufffd",
  "%ud800",
  "%",
  "%25",
  "%2525",
  "__proto__",
  "constructor",
  "{",
  "}",
  "{}",
  "a}b{c",
  "key:lock",
  "key}:lock",
  "}:v",
  "$where",
  "a.b",
  "ключ 鍵 🔑",
  "x".repeat(65_536),
  "x".repeat(65_535) + "y",
];

/** Values and their times, keys, counters, messages. */
export const VALUE_CASES: Record<string, (ground: Ground) => Promise<void>> = {
  async "what was never written is nothing"({ host }) {
    const tier = host("cache");
    assertEquals(await tier.read(["a", "b"], 0), [undefined, undefined]);
    assertEquals(await tier.read([], 0), []);
    const claim = expectMine(await tier.claim("a", 0, "t", 5, false));
    assertEquals(claim.value, undefined);
  },

  async "a value is fresh, for every host"({ host }) {
    await host("cache").write("a", 0, value("one", 10, 5), "");
    const [found, other] = await host("cache").read(["a", "b"], 0);
    assertEquals(textOf(found), "one");
    assert(found !== undefined && found.fresh > 5 && found.fresh <= 10.01);
    assertEquals(other, undefined);
    const claim = await host("cache").claim("a", 0, "t", 5, false);
    assertEquals(claim.state, "fresh");
    assertEquals(textOf(claim.value), "one");
  },

  async "a value is stale within its grace"({ host }) {
    const tier = host("cache");
    await tier.write("a", 0, value("one", 0.1, 30), "");
    await sleep(0.2);
    const [found] = await tier.read(["a"], 0);
    assertEquals(textOf(found), "one");
    assert(found !== undefined && found.fresh < 0 && found.fresh > -25);
    const claim = expectMine(await tier.claim("a", 0, "t", 5, false));
    assertEquals(textOf(claim.value), "one");
    assert((claim.value?.fresh ?? 0) < 0);
  },

  async "a value is gone after its grace"({ host }) {
    const tier = host("cache");
    await tier.write("a", 0, value("one", 0.05, 0.1), "");
    await sleep(0.3);
    assertEquals(await tier.read(["a"], 0), [undefined]);
    const claim = expectMine(await tier.claim("a", 0, "t", 5, false));
    assertEquals(claim.value, undefined);
  },

  async "a value without an end is fresh for ever"({ host }) {
    const tier = host("cache");
    await tier.write("a", 0, value("one", 0, 3), "");
    const [found] = await tier.read(["a"], 0);
    assertEquals(found?.fresh, Infinity);
    const claim = await tier.claim("a", 0, "t", 5, false);
    assertEquals([claim.state, claim.value?.fresh], ["fresh", Infinity]);
  },

  async "a value of another epoch is none"({ host }) {
    const tier = host("cache");
    await tier.write("a", 1, value("one"), "");
    assertEquals(await readText(tier, "a", 1), "one");
    assertEquals(await readText(tier, "a", 2), undefined);
    const claim = expectMine(await tier.claim("a", 2, "t", 5, false));
    assertEquals(claim.value, undefined);
    assert(await tier.commit("a", 2, "t", value("two"), ""));
    assertEquals(await readText(tier, "a", 1), undefined);
    assertEquals(await readText(tier, "a", 2), "two");
    const highest = 2 ** 32 - 1;
    await tier.write("a", highest, value("last"), "");
    assertEquals(await readText(tier, "a", highest), "last");
  },

  async "a fresh value can be made stale"({ host }) {
    const tier = host("cache");
    await tier.write("a", 7, value("one", 0, 0), "");
    await tier.expire("a", 0, 30, "");
    const [found] = await tier.read(["a"], 7);
    assertEquals(textOf(found), "one");
    assert(found !== undefined && found.fresh <= 0 && found.fresh > -25);
    expectMine(await tier.claim("a", 7, "t", 5, false));

    await tier.write("b", 7, value("two", 600, 9), "");
    await tier.expire("b", 5, 1, "");
    const [later] = await tier.read(["b"], 7);
    assert(later !== undefined && later.fresh > 2 && later.fresh <= 5.01);

    await tier.write("c", 7, value("three", 600, 9), "");
    await tier.expire("c", 0, 0, "");
    assertEquals(await tier.read(["c"], 7), [undefined]);
    await tier.expire("never", 0, 5, "");
  },

  async "a stale value is not made fresh by an end that is later"({ host }) {
    const tier = host("cache");
    await tier.write("a", 0, value("one", 0.05, 30), "");
    await sleep(0.1);
    await tier.expire("a", 60, 60, "");
    const [found] = await tier.read(["a"], 0);
    assert(found !== undefined && found.fresh < 0);
  },

  async "counters only grow"({ host }) {
    const [one, two] = [host("cache"), host("cache")];
    assertEquals(await one.counters(["purge", "tag:a"]), [0, 0]);
    assertEquals(await one.raise(["purge"], ""), [1]);
    assertEquals(await two.raise(["purge", "tag:a"], ""), [2, 1]);
    assertEquals(await one.counters(["tag:a", "purge", "x"]), [1, 2, 0]);
    assertEquals(await one.counters([]), []);
    assertEquals(await one.raise([], ""), []);
    assertEquals(await host("other").counters(["purge"]), [0]);
    const names = KEYS.slice(0, -2);
    await Promise.all(
      names.map((name, i) =>
        Promise.all(Array.from({ length: i % 3 }, () => two.raise([name], "")))
      ),
    );
    assertEquals(await one.counters(names), names.map((_, i) => i % 3));
  },

  async "raises of hosts at once are all counted"({ host }) {
    const raised = await Promise.all(
      Array.from({ length: 25 }, () => host("cache").raise(["n"], "")),
    );
    // What comes back may count a raise that came a moment later.
    const counts = raised.map(([count]) => count ?? 0);
    assert(counts.every((count) => count >= 1 && count <= 25));
    assertEquals(Math.max(...counts), 25);
    assertEquals(await host("cache").counters(["n"]), [25]);
  },

  async "every key is one of its own"({ host }) {
    const tier = host("cache");
    for (const [i, key] of KEYS.entries()) {
      await tier.write(key, 0, value(`value ${i}`), "");
    }
    const found = await host("cache").read(KEYS, 0);
    assertEquals(found.map(textOf), KEYS.map((_, i) => `value ${i}`));
    for (const [i, key] of KEYS.entries()) {
      expectMine(await tier.claim(key, 0, `t${i}`, 30, true));
    }
    for (const [i, key] of KEYS.entries()) {
      assert(await tier.commit(key, 0, `t${i}`, value(`new ${i}`), ""), key);
    }
    const again = await host("cache").read(KEYS, 0);
    assertEquals(again.map(textOf), KEYS.map((_, i) => `new ${i}`));
    await tier.remove(KEYS, "");
    assertEquals(await tier.read(KEYS, 0), KEYS.map(() => undefined));
  },

  async "names and keys do not run into one another"({ host }) {
    const pairs = [
      ["a", "b:c"],
      ["a:b", "c"],
      ["a:b:c", ""],
      ["", "a:b:c"],
      ["a%3ab", "c"],
      ["a}", "c"],
      ["a", "}c"],
      ["{a", "c"],
      ["}", "c"],
      ["c", "counter"],
      ["__proto__", "c"],
      ["\ud800", "c"],
      ["\ud801", "c"],
    ] as const;
    for (const [i, [name, key]] of pairs.entries()) {
      await host(name).write(key, 0, value(String(i)), "");
    }
    for (const [i, [name, key]] of pairs.entries()) {
      assertEquals(await readText(host(name), key), String(i));
    }
  },

  async "all bytes come back as they were"({ host }) {
    const every = Uint8Array.from({ length: 1024 }, (_, i) => i % 256);
    const large = new Uint8Array(1024 * 1024);
    for (let i = 0; i < large.length; i += 65_536) {
      crypto.getRandomValues(large.subarray(i, i + 65_536));
    }
    const given = [
      new Uint8Array(),
      Uint8Array.of(0),
      every,
      every.subarray(100, 300),
      bytes("o1:0:0:"),
      bytes("%25 %ff 100%"),
      bytes("\r\n$-1\r\n"),
      bytes("鍵🔑"),
      large,
    ];
    const tier = host("cache");
    for (const [i, data] of given.entries()) {
      await tier.write(`${i}`, 0, { data, fresh: 60, grace: 1 }, "");
      expectMine(await tier.claim(`c${i}`, 0, "t", 5, false));
      await tier.commit(`c${i}`, 0, "t", { data, fresh: 60, grace: 1 }, "");
    }
    for (const prefix of ["", "c"]) {
      const keys = given.map((_, i) => `${prefix}${i}`);
      const found = await host("cache").read(keys, 0);
      for (const [i, data] of given.entries()) {
        const got = found[i]?.data;
        assertEquals(got?.length, data.length);
        assert(got?.every((byte, at) => byte === data[at]), `value ${i}`);
      }
      const claim = await host("cache").claim(`${prefix}2`, 0, "t", 5, false);
      assertEquals(claim.value?.data, every);
    }
  },

  async "absurd times are kept or refused"({ host }) {
    const tier = host("cache");
    for (const fresh of [1e9, 1e18, 1e300, Number.MAX_VALUE, Infinity]) {
      await tier.write("a", 0, value("one", fresh, fresh), "");
      const [found] = await tier.read(["a"], 0);
      assert(found !== undefined && found.fresh > 9e8, `fresh ${fresh}`);
      const claim = await tier.claim("a", 0, "t", 5, false);
      assertEquals(claim.state, "fresh", `fresh ${fresh}`);
    }
    await tier.write("a", 0, value("one", 30, 1e300), "");
    const [found] = await tier.read(["a"], 0);
    assert(found !== undefined && found.fresh > 20 && found.fresh < 31);
    await tier.write("b", 0, value("two", 1e-9, 0), "");
    await sleep(0.01);
    assertEquals(await tier.read(["b"], 0), [undefined]);
    for (const wrong of [-1, NaN]) {
      await assertRejects(
        () => tier.write("a", 0, value("x", wrong), ""),
        RangeError,
      );
      await assertRejects(
        () => tier.write("a", 0, value("x", 1, wrong), ""),
        RangeError,
      );
      await assertRejects(
        () => tier.claim("c", 0, "t", wrong, false),
        RangeError,
      );
      await assertRejects(() => tier.expire("a", wrong, 1, ""), RangeError);
    }
    expectMine(await tier.claim("d", 0, "t", 1e300, false));
    expectMine(await tier.claim("e", 0, "t", 0, false));
    await sleep(0.02);
    expectMine(await tier.claim("e", 0, "t2", 5, false));
  },

  async "many keys are read at once"({ host }) {
    const tier = host("cache");
    const keys = Array.from({ length: 2500 }, (_, i) => `key ${i}`);
    for (const i of [0, 999, 1000, 2499]) {
      await tier.write(`key ${i}`, 0, value(`${i}`), "");
    }
    const found = await tier.read(keys, 0);
    assertEquals(found.length, 2500);
    const there = keys.filter((_, i) => found[i] !== undefined);
    assertEquals(there, ["key 0", "key 999", "key 1000", "key 2499"]);
    await tier.remove(keys, "");
    assertEquals((await tier.read(keys, 0)).filter(Boolean), []);
  },

  async "what is told reaches every host of the cache"({ host }) {
    const [one, two, other] = [host("cache"), host("cache"), host("other")];
    const heard = { one: [] as string[], two: [] as string[] };
    const strange: string[] = [];
    const listen = (tier: ThirdTier, list: string[]) =>
      tier.subscribe({
        message: (text) => list.push(text),
        gap: (seconds) => list.push(`gap ${seconds}`),
      });
    const end = await listen(one, heard.one);
    // A store that cannot tell says so, and works nevertheless.
    const isTold = end !== undefined;
    await listen(two, heard.two);
    await listen(other, strange);
    await one.write("a", 0, value("x"), "write");
    await one.write("a", 0, value("x"), "");
    await two.remove(["a", "b"], "remove");
    await two.claim("a", 0, "t", 5, false);
    await two.commit("a", 0, "t", value("x"), "commit é鍵🔑\0\r\n");
    await two.commit("a", 0, "t", value("x"), "not committed");
    await one.claim("b", 0, "t", 5, false);
    await one.release("b", "t", "release");
    await one.release("b", "t", "not released");
    await one.expire("a", 0, 5, "expire");
    await one.raise(["purge"], "raise");
    await one.raise([], "nothing raised");
    await one.remove(["a"], "remove one");
    const expected = [
      "write",
      "remove",
      "commit é鍵🔑\0\r\n",
      "release",
      "expire",
      "raise",
      "nothing raised",
      "remove one",
    ];
    if (!isTold) return;
    await settled(() => heard.two.length >= expected.length);
    assertEquals(heard.one, expected);
    assertEquals(heard.two, expected);
    assertEquals(strange, []);
    await end();
    await end();
    await two.raise(["purge"], "after");
    await settled(() => heard.two.length > expected.length);
    assertEquals(heard.one, expected);
    assertEquals(heard.two.at(-1), "after");
  },

  async "a tier that is closed refuses, and leaves others alone"({ host }) {
    const [one, two] = [host("cache"), host("cache")];
    await one.write("a", 0, value("x"), "");
    await one.close();
    await one.close();
    const error = await assertRejects(() => one.read(["a"], 0), Error);
    assertNotEquals(error.message.indexOf("it is closed"), -1);
    assertEquals(await readText(two, "a"), "x");
  },
};
