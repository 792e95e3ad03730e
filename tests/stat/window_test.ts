import { assert, assertEquals } from "@std/assert";
import { TestRegistry } from "./registries.ts";

/** A clock that stands until it is moved. */
class Clock {
  now = 1_700_000_000_000;
  readonly #registries: TestRegistry[] = [];

  registry(group?: string): TestRegistry {
    const test = new TestRegistry({
      window: 10,
      now: () => this.now,
      ...group === undefined ? {} : { group },
    });
    this.#registries.push(test);
    return test;
  }

  /** Moves all of them. */
  pass(seconds: number): void {
    this.now += seconds * 1000;
    for (const { registry } of this.#registries) registry.tick();
  }
}

/** Delta and average; null where there is none. */
function windowOf(test: TestRegistry, key = "k"): [number, number | null] {
  const rows = test.rows();
  const of = (end: string) =>
    rows.find(({ metric }) => metric === key + end)?.value;
  return [of("_delta")!, of("_avg") ?? null];
}

Deno.test("delta and average are those of the last whole window", async () => {
  const clock = new Clock();
  await using test = clock.registry();
  const s = test.create();
  s.incr("k", 10);
  s.incr("k", 20);
  assertEquals(windowOf(test), [30, 15]); // since its birth
  clock.pass(10);
  assertEquals(windowOf(test), [30, 15]);
  s.incr("k", 5);
  assertEquals(windowOf(test), [30, 15]);
  clock.pass(10);
  assertEquals(windowOf(test), [5, 5]);
  clock.pass(10);
  assertEquals(windowOf(test), [0, null]); // it was idle
  clock.pass(1000);
  assertEquals(windowOf(test), [0, null]);
  s.incr("k", 7);
  assertEquals(windowOf(test), [0, null]);
  clock.pass(10);
  assertEquals(windowOf(test), [7, 7]);
  const [sum, count] = test.rows();
  assertEquals([sum!.value, count!.value], [42, 4]);
});

Deno.test("the windows of several isolates add up", async () => {
  const clock = new Clock();
  await using a = clock.registry();
  await using b = clock.registry(a.group);
  await a.registry.join();
  await b.registry.join();
  a.create().incr("k", 10);
  clock.pass(10);
  a.create().incr("k", 1);
  b.create().incr("k", 100); // younger than the window that is shown
  assertEquals([windowOf(a), windowOf(b)], [[10, 10], [10, 10]]);
  clock.pass(10);
  assertEquals([windowOf(a), windowOf(b)], [[101, 50.5], [101, 50.5]]);
  b.create().incr("k", 4);
  clock.pass(10);
  assertEquals(windowOf(a), [4, 4]);
});

Deno.test("windows of different lengths are read as they are", async () => {
  const clock = new Clock();
  await using a = clock.registry();
  await using b = clock.registry(a.group);
  await a.registry.join();
  await b.registry.join();
  b.registry.windowSeconds = 5;
  a.create().incr("k", 1);
  b.create().incr("k", 10);
  clock.pass(5);
  clock.pass(5);
  // 10 s ago ended no window of 5 s in which something was.
  assertEquals(windowOf(a), [1, 1]);
});

Deno.test("another window length keeps what is young", async () => {
  const clock = new Clock();
  await using test = clock.registry();
  const s = test.create();
  s.incr("k", 3);
  test.registry.windowSeconds = 2;
  assertEquals(windowOf(test), [3, 3]);
  clock.pass(2);
  assertEquals(windowOf(test), [3, 3]);
  clock.pass(2);
  assertEquals(windowOf(test), [0, null]);
});

for (const seconds of [-5, -10, -3600, 3600]) {
  Deno.test(`a clock that jumps by ${seconds} s gives no wrong number`, async () => {
    const clock = new Clock();
    await using test = clock.registry();
    const s = test.create();
    s.incr("k", 10);
    clock.pass(10);
    s.incr("k", 10);
    await test.registry.join();
    clock.pass(seconds);
    let sum = 20;
    for (let i = 0; i < 5; i++) {
      const [delta, avg] = windowOf(test);
      assert(delta === 0 || delta === 10, `${delta}`);
      assert(avg === null || avg === 10, `${avg}`);
      s.incr("k", 10);
      sum += 10;
      assertEquals(test.rows()[0]!.value, sum);
      clock.pass(10);
    }
    assertEquals(windowOf(test), [10, 10]);
  });
}

Deno.test("a window that its owner never finished to turn is read all the same", async () => {
  const clock = new Clock();
  await using a = clock.registry();
  await a.registry.join();
  a.create().incr("k", 3);
  await using b = clock.registry(a.group);
  await b.registry.join();
  const counter = a.create().counter("k") as unknown as {
    store: { beginTurn(): void; turning: number };
  };
  counter.store.beginTurn(); // and it was ended
  assertEquals(windowOf(b), [3, 3]);
  // Who goes on with it mends it.
  await a.registry.stop();
  await using c = clock.registry(a.group);
  await c.registry.join();
  assertEquals(counter.store.turning % 2, 0);
  assertEquals(c.rows()[0]!.value, 3);
});
