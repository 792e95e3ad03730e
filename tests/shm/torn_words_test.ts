import { assert, assertEquals } from "@std/assert";
import { SharedDict } from "@oresty/shm";
import { Shard } from "../../shm/_layout.ts";
import { Store } from "../../shm/_store.ts";

/** Rounds; each tears other words and does other things. */
const ROUNDS = 1000;

Deno.test("operations over any words that are torn end soon, and throw nothing", async () => {
  using dict = await SharedDict.open("torn_words_test", {
    size: "256k",
    shards: 1,
  });
  const store = Store.of(dict.buffer);
  let state = 1;
  const random = (n: number) => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return (state >>> 4) % n;
  };
  const operations: ((key: string, i: number) => unknown)[] = [
    (key) => dict.get(key),
    (key) => dict.getStale(key),
    (key, i) => dict.set(key, "v".repeat(i * 10)),
    (key) => dict.safeSet(key, "z".repeat(1000)),
    (key) => dict.incr(key, 1, 0),
    (key) => dict.cas(key, 1, 2),
    (key) => dict.delete(key),
    (key) => dict.expire(key, 10),
    () => dict.rpush("list", "y".repeat(300)),
    () => dict.lpop("list"),
    () => dict.llen("list"),
    () => dict.getKeys(0),
    () => dict.flushExpired(),
    () => dict.flushAll(),
    () => dict.check(),
  ];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < 100; i++) dict.set(`k${i}`, `${i};`.repeat(i));
    for (let i = 0; i < 10; i++) dict.rpush("list", "x".repeat(500));
    store.seek("");
    const { words, base, count } = store.entries;
    for (let torn = random(400); torn >= 0; torn--) {
      const place = random(4) === 0
        ? Shard.free + random(5)
        : Shard.size + random(count * 32);
      const any = [random(count + 1), -random(1 << 28), state, 0];
      words[base + place] = any[random(any.length)]!;
    }
    for (let n = 0; n < 20; n++) {
      const operation = operations[random(operations.length)]!;
      const start = performance.now();
      try {
        operation(`k${random(100)}`, random(300));
      } catch (error) {
        // Torn as it is, a key may be a list, or the list none.
        assert(
          error instanceof TypeError && error.message.includes("list"),
          `round ${round}: ${operation}: ${error}`,
        );
      }
      const took = performance.now() - start;
      assert(took < 2000, `round ${round}: ${operation}: ${took} ms`);
    }
    Atomics.store(words, base + Shard.dirty, 1);
    dict.set("wiped", round);
    assertEquals([dict.check(), dict.getKeys(0)], [[], ["wiped"]]);
  }
});
