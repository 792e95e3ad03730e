import { assert, assertEquals, assertThrows } from "@std/assert";
import { TestRegistry } from "./registries.ts";

Deno.test("a series gives its four lines", async () => {
  await using test = new TestRegistry();
  const s = test.create("label_name=label_value");
  s.incr("key_name", 123);
  const lines = [
    'key_name{label_name="label_value"} 123',
    'key_name_count{label_name="label_value"} 1',
    'key_name_delta{label_name="label_value"} 123',
    'key_name_avg{label_name="label_value"} 123',
  ];
  assertEquals(test.lines(), lines);
  // The same once it was moved into shared memory.
  await test.registry.join();
  assertEquals(test.lines(), lines);
});

Deno.test("what is counted before, while and after it joins adds up", async () => {
  await using test = new TestRegistry();
  const s = test.create({ a: "b" });
  const counter = s.counter("n");
  const gauge = s.gauge("g");
  const histogram = s.histogram("h", [1, 2]);
  const step = () => {
    s.incr("n", 0.5);
    counter.incr();
    gauge.incr(2);
    histogram.observe(1.5);
  };
  step();
  const joined = test.registry.join();
  let isJoined = false;
  joined.then(() => isJoined = true);
  let steps = 1;
  while (!isJoined) {
    step();
    steps++;
    await Promise.resolve();
    if (steps % 100 === 0) await new Promise((r) => setTimeout(r, 0));
  }
  step();
  steps++;
  const rows = test.rows();
  const of = (name: string) =>
    rows.find(({ metric }) => metric === name)!.value;
  assertEquals(of("n"), steps * 1.5);
  assertEquals(of("n_count"), steps * 2);
  assertEquals(of("n_delta"), steps * 1.5);
  assertEquals(of("g"), steps * 2);
  assertEquals([of("h_count"), of("h_sum")], [steps, steps * 1.5]);
});

Deno.test("labels are an object or a text, sorted, and name a series", async () => {
  await using test = new TestRegistry();
  test.create("b=2&a=1").incr("k");
  test.create({ a: 1, b: "2" }).incr("k");
  test.create({ a: "1" }).with("b=2").incr("k");
  test.create({ a: "0", b: "2" }).with({ a: "1" }).incr("k");
  test.create({ a: "1", b: "2", c: "" }).incr("k");
  test.create("a=1&b=2&c=x").with({ c: "" }).incr("k");
  assertEquals(test.lines()[0], 'k{a="1",b="2"} 6');
  test.create().incr("k");
  test.create("").incr("k");
  assertEquals(test.rows()[0], { metric: "k", labels: undefined, value: 2 });
  // A value may have "=" in it, and is not decoded.
  test.create("q=a=b%20c+d").incr("other");
  assert(test.lines().includes('other{q="a=b%20c+d"} 1'));
});

Deno.test("labels that look alike are other series", async () => {
  await using test = new TestRegistry();
  const pairs = [
    { a: "1,b:2", b: "3" },
    { a: "1", b: "2,b:3" },
    { a: '1",b="2', b: "3" },
    { a: "1|b|2", b: "3" },
    { a: "\\", b: "n" },
    { a: "\n", b: "" },
    { a: "\\n", b: "" },
  ];
  for (const labels of pairs) test.create(labels).incr("k");
  const rows = test.rows().filter(({ metric }) => metric === "k");
  assertEquals(rows.map(({ value }) => value), pairs.map(() => 1));
  const read = test.families()[0]!.samples.map(({ labels }) => labels);
  const wanted = pairs.map(({ a, b }) => b === "" ? { a } : { a, b });
  const sorted = (all: readonly object[]) =>
    all.map((x) => JSON.stringify(x)).sort();
  assertEquals(sorted(read), sorted(wanted));
});

Deno.test("a label of the caller that changes later changes nothing", async () => {
  await using test = new TestRegistry();
  const labels = { a: "1" };
  const s = test.create(labels);
  labels.a = "2";
  s.incr("k");
  assertEquals(test.lines()[0], 'k{a="1"} 1');
});

Deno.test("half of a surrogate pair is replaced", async () => {
  await using test = new TestRegistry();
  test.create({ a: "x\ud800y" }).incr("k");
  assertEquals(test.lines()[0], 'k{a="x\ufffdy"} 1');
});

Deno.test("bad keys are refused", async () => {
  await using test = new TestRegistry();
  const s = test.create();
  for (
    const key of [
      ...["", "1a", "a-b", "a.b", "a b", "ä", "a:b", "a\n", "a{", "a@b"],
      "x".repeat(201),
      ...[undefined, null, 1, {}, [], Object.create(null)],
    ]
  ) {
    for (
      const use of [
        () => s.incr(key as string),
        () => s.counter(key as string),
        () => s.gauge(key as string),
        () => s.histogram(key as string),
        () => s.timer(key as string),
        () => test.declare(key as string, {}),
      ]
    ) assertThrows(use, TypeError, "KEY_FORMAT_ERR");
  }
  assertEquals(test.rows(), []);
});

Deno.test("bad values are refused, and count nothing", async () => {
  await using test = new TestRegistry();
  const s = test.create();
  s.incr("k", 0);
  const gauge = s.gauge("g");
  gauge.set(-1.5);
  const histogram = s.histogram("h", [1]);
  const values = [NaN, Infinity, -Infinity, "5", null, {}, [], true, 5n];
  for (const value of values) {
    const number = value as number;
    for (
      const use of [
        () => s.incr("k", number),
        () => s.counter("k").incr(number),
        () => gauge.set(number),
        () => gauge.incr(number),
        () => gauge.decr(number),
        () => histogram.observe(number),
        () => s.timer("h").observe(number),
      ]
    ) assertThrows(use, TypeError, "VALUE_FORMAT_ERR");
  }
  assertThrows(() => s.incr("k", -1), TypeError, "VALUE_FORMAT_ERR");
  assertThrows(() => s.incr("k", -1e-300), TypeError, "0 or more");
  assertThrows(() => gauge.set(undefined as never), TypeError, "finite");
  assertEquals(test.lines().filter((line) => !line.includes("bucket")), [
    "g -1.5",
    "h_sum 0",
    "h_count 0",
    "k 0",
    "k_count 1",
    "k_delta 0",
    "k_avg 0",
  ]);
});

Deno.test("a gauge does not run over", async () => {
  await using test = new TestRegistry();
  const gauge = test.create().gauge("g");
  gauge.set(1.7e308);
  assertThrows(() => gauge.incr(1.7e308), TypeError, "VALUE_FORMAT_ERR");
  assertEquals(test.lines(), ["g 1.7e+308"]);
});

Deno.test("bad labels are refused", async () => {
  await using test = new TestRegistry();
  for (
    const labels of [
      ...["a", "=b", "a=1&", "&a=1", "a=1&a=2", "1a=2", "a-b=1", "__a=1"],
      ...[{ "": "1" }, { "a b": "1" }, { __name__: "x" }, { a: null }],
      ...[{ a: undefined }, { a: {} }, { a: Symbol("x") }, { a: 1n }],
      ...[null, 1, true, ["a=b"], { [`a${"x".repeat(200)}`]: "1" }],
      // Their entries are not properties: they would be lost in silence.
      ...[new Map([["a", "b"]]), new URLSearchParams("a=b")],
    ]
  ) {
    assertThrows(
      () => test.create(labels as never),
      TypeError,
      "NAME_FORMAT_ERR",
    );
    assertThrows(
      () => test.create().with(labels as never),
      TypeError,
      "NAME_FORMAT_ERR",
    );
  }
  assertThrows(
    () => test.create({ a: "x".repeat(1025) }),
    RangeError,
    "NAME_FORMAT_ERR",
  );
  const many = Object.fromEntries(
    Array.from({ length: 33 }, (_, i) => [`l${i}`, "x"]),
  );
  assertThrows(() => test.create(many), RangeError, "32 at most");
  assertThrows(
    () => test.create({ le: "1" }).histogram("h"),
    TypeError,
    "NAME_FORMAT_ERR",
  );
});

Deno.test("declarations are checked", async () => {
  await using test = new TestRegistry();
  assertThrows(
    () => test.declare("k", { typ: "counter" } as never),
    TypeError,
    'did you mean "type"',
  );
  assertThrows(
    () => test.declare("k", { type: "sum" as never }),
    TypeError,
    "expected one of untyped, counter, gauge, histogram",
  );
  assertThrows(
    () => test.declare("_total", { type: "counter" }),
    TypeError,
    "KEY_FORMAT_ERR",
  );
  assertThrows(() => test.declare("k", { help: 1 as never }), TypeError);
  assertThrows(
    () => test.declare("k", { help: "a\rb" }),
    TypeError,
    "control",
  );
  assertThrows(() => test.declare("k", { buckets: [1] }), TypeError);
  assertThrows(() => test.declare("k", { aggregate: "sum" }), TypeError);
  assertThrows(
    () => test.declare("k", { type: "gauge", aggregate: "mean" as never }),
    TypeError,
    "sum, max, min, avg, last",
  );
  for (
    const buckets of [[], [2, 1], [1, 1], [NaN], [Infinity], ["1"], 5, null]
  ) {
    assertThrows(
      () => test.declare("k", { type: "histogram", buckets: buckets as never }),
      RangeError,
      "VALUE_FORMAT_ERR",
    );
  }
});

Deno.test("a key is one thing in an isolate", async () => {
  await using test = new TestRegistry();
  const s = test.create();
  s.incr("a");
  assertThrows(() => s.gauge("a"), TypeError, "KEY_FORMAT_ERR");
  assertThrows(() => s.histogram("a"), TypeError, "untyped");
  assertThrows(
    () => test.declare("a", { type: "counter" }),
    TypeError,
    'declare "a" as counter',
  );
  // A line of one is not a line of another.
  assertThrows(() => s.incr("a_count"), TypeError, 'one of "a"');
  s.gauge("b");
  assertThrows(() => test.declare("b_total", { type: "counter" }), TypeError);
  s.histogram("c", [1]);
  assertThrows(() => s.histogram("c", [2]), TypeError, "buckets 1");
  assertThrows(() => s.incr("c_bucket"), TypeError, 'one of "c"');
  // The same once more, and a help that comes later.
  test.declare("a", { help: "Once more." });
  test.declare("a", {});
  s.incr("a");
  assertEquals(test.families()[0]!.help, "Once more.");
  assertEquals(test.families()[0]!.samples[0]!.value, 2);
});

Deno.test("a declared counter has one line, which ends in _total", async () => {
  await using test = new TestRegistry();
  test.declare("jobs", { type: "counter", help: "Jobs." });
  test.declare("runs_total", { type: "counter" });
  const s = test.create();
  s.incr("jobs", 2);
  s.counter("runs_total");
  assertEquals(test.lines(), ["jobs_total 2", "runs_total 0"]);
});

Deno.test("a timer measures seconds, once", async () => {
  await using test = new TestRegistry();
  const timer = test.create().timer("t", [0.001, 10]);
  const watch = timer.start();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const seconds = watch.stop();
  assertEquals(watch.stop(), seconds);
  assert(seconds >= 0.004 && seconds < 5, `${seconds}`);
  {
    using _watch = timer.start();
  }
  const rows = test.rows();
  assertEquals(rows.find((row) => row.metric === "t_count")!.value, 2);
});

Deno.test("gauges are aggregated as they are declared", async () => {
  await using a = new TestRegistry();
  await using b = new TestRegistry({ group: a.group });
  const wanted = { sum: 7, max: 5, min: 2, avg: 3.5, last: 2 } as const;
  for (const test of [a, b]) {
    for (const aggregate of Object.keys(wanted)) {
      test.declare(aggregate, {
        type: "gauge",
        aggregate: aggregate as keyof typeof wanted,
      });
    }
    await test.registry.join();
  }
  const names = Object.keys(wanted).sort();
  assertEquals(a.rows(), []); // nothing was set
  for (const name of names) a.create().gauge(name).set(5);
  await new Promise((resolve) => setTimeout(resolve, 2));
  for (const name of names) b.create().gauge(name).set(2);
  await b.registry.join();
  assertEquals(
    b.rows().map(({ metric, value }) => [metric, value]),
    names.map((name) => [name, wanted[name as keyof typeof wanted]]),
  );
});

Deno.test("flush sets everything to nothing, and counting goes on", async () => {
  await using test = new TestRegistry();
  const s = test.create();
  const [counter, gauge] = [s.counter("c"), s.gauge("g")];
  const histogram = s.histogram("h", [1]);
  const count = () => {
    counter.incr(3);
    gauge.set(1);
    histogram.observe(1);
  };
  for (const isJoined of [false, true]) {
    if (isJoined) await test.registry.join();
    count();
    const before = test.lines();
    test.registry.flush();
    assertEquals(test.lines().every((line) => line.endsWith(" 0")), true);
    assertEquals(test.lines().some((line) => line.startsWith("g")), false);
    count();
    assertEquals(test.lines().length, before.length);
    assert(test.lines().includes("c 3"));
    test.registry.flush();
  }
});

Deno.test("stop leaves the others; what is held goes on from nothing", async () => {
  await using other = new TestRegistry();
  await other.registry.join();
  const test = new TestRegistry({ group: other.group });
  const s = test.create();
  const counter = s.counter("c");
  counter.incr(5);
  await test.registry.join();
  await test.registry.stop();
  assertEquals(other.lines()[0], "c 5");
  assertEquals(test.lines()[0], "c 0");
  counter.incr(2); // joins again, and goes on with the segment it left
  s.incr("c");
  assertEquals(test.lines()[0], "c 3");
  await test.registry.join();
  assertEquals(other.lines()[0], "c 8");
  assertEquals(test.lines()[0], "c 8");
  assertEquals(other.registry.group!.segments.length, 2);
  await test.registry.stop();
  await test.registry.stop();
});

Deno.test("stop while it joins leaves nothing behind", async () => {
  const test = new TestRegistry();
  test.create().incr("c");
  const joined = test.registry.join();
  await test.registry.stop();
  await joined;
  assertEquals(test.registry.group, undefined);
});
