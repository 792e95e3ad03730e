import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as stat from "@oresty/stat";
import * as prom from "@oresty/stat/prom";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { repository } from "../workspace.ts";
import { parseText, valueOf } from "./parse_text.ts";
import { promtoolClean } from "./promtool.ts";

Deno.test("the predecessor's interface counts by position", async () => {
  const counter = prom.counter("prom_test_c", "Requests.", ["host", "code"]);
  counter.inc(1, ["a", 200]);
  counter.inc(2, ["a", 200]);
  counter.inc(undefined, ["b", 404]);
  const gauge = prom.gauge("prom_test_g", "Depth.");
  gauge.set(5);
  gauge.inc(-2);
  const histogram = prom.histogram("prom_test_sizes", "Sizes.", ["k"], [1, 2]);
  histogram.observe(1.5, ["x"]);
  prom.counter("prom_test_zero_total", "Never."); // is there at once
  prom.counter("prom_test_c", "Requests.", ["host", "code"]).inc(1, ["a", 200]);
  const text = await prom.collect();
  const families = parseText(text);
  const host = { host: "a", code: "200" };
  assertEquals(valueOf(families, "prom_test_c_total", host), 4);
  assertEquals(valueOf(families, "prom_test_g"), 3);
  assertEquals(valueOf(families, "prom_test_zero_total"), 0);
  assertEquals(
    valueOf(families, "prom_test_sizes_bucket", { k: "x", le: "2" }),
    1,
  );
  const lines = await prom.metric_data();
  assert(lines.includes('prom_test_c_total{code="404",host="b"} 1'));
  assert(!lines.some((line) => line.startsWith("#") || line === ""));
  const rows = prom.parse_metric_data(lines);
  assertEquals(rows, prom.parse_metric_data(text));
  assertEquals(
    rows.find(({ metric }) => metric === "prom_test_g"),
    { metric: "prom_test_g", labels: undefined, value: 3 },
  );
  await stat.stop();
});

Deno.test("the predecessor's interface refuses what is wrong", async () => {
  const counter = prom.counter("prom_test_bad", "x", ["a"]);
  assertThrows(() => counter.inc(1), TypeError, "NAME_FORMAT_ERR");
  assertThrows(() => counter.inc(1, ["a", "b"]), TypeError, "expected 1");
  assertThrows(() => counter.inc(-1, ["a"]), TypeError, "VALUE_FORMAT_ERR");
  assertThrows(() => counter.inc(1, [{}] as never), TypeError, "NAME_FORMAT");
  assertThrows(() => counter.inc(1, "a" as never), TypeError, "NAME_FORMAT");
  assertThrows(() => counter.inc(1, null as never), TypeError, "NAME_FORMAT");
  assertThrows(
    () => counter.inc(null as never, ["a"]),
    TypeError,
    "VALUE_FORMAT_ERR",
  );
  assertThrows(
    () => prom.counter("prom_test_bad4", "", ["a", "a"]),
    TypeError,
    "each once",
  );
  assertThrows(
    () => prom.histogram("prom_test_bad5", "", ["le"]),
    TypeError,
    "NAME_FORMAT_ERR",
  );
  assertThrows(() => prom.counter("1", ""), TypeError, "KEY_FORMAT_ERR");
  assertThrows(() => prom.gauge("prom_test_bad", ""), TypeError);
  assertThrows(
    () => prom.counter("prom_test_bad2", "", "a" as never),
    TypeError,
    "list of names",
  );
  assertThrows(
    () => prom.histogram("prom_test_bad3", "", [], [2, 1]),
    RangeError,
    "VALUE_FORMAT_ERR",
  );
  assertThrows(() => prom.parse_metric_data("{"), SyntaxError, "Cannot parse");
  assertEquals(
    prom.parse_metric_data('# x\n\na{b="c d} \\" e"} +Inf 123\nn NaN\n'),
    [
      { metric: "a", labels: '{b="c d} \\" e"}', value: Infinity },
      { metric: "n", labels: undefined, value: NaN },
    ],
  );
  await stat.stop();
});

Deno.test("a registry of prom-client has theirs and ours", async () => {
  assert(prom.registry instanceof Registry);
  const registers = [prom.registry];
  const labelNames = ["x"];
  const help = 'A "help"\nof two lines.';
  const theirs = { help, labelNames, registers };
  const counter = new Counter({ name: "prom_test_theirs_total", ...theirs });
  counter.inc({ x: 'q"\\\n' }, 3);
  new Gauge({ name: "prom_test_their_depth", ...theirs }).set(4);
  const histogram = new Histogram({
    name: "prom_test_their_sizes",
    buckets: [1, 5],
    ...theirs,
  });
  histogram.observe({ x: "1" }, 2);
  new Summary({ name: "prom_test_their_times", ...theirs }).observe(7);
  stat.create().incr("prom_test_ours", 9);
  try {
    const text = await prom.registry.metrics();
    const families = parseText(text);
    const of = (name: string, labels = {}) => valueOf(families, name, labels);
    assertEquals(of("prom_test_theirs_total", { x: 'q"\\\n' }), 3);
    assertEquals(of("prom_test_their_depth"), 4);
    assertEquals(of("prom_test_their_sizes_count", { x: "1" }), 1);
    assertEquals(
      of("prom_test_their_sizes_bucket", { x: "1", le: "5" }),
      1,
    );
    assertEquals(of("prom_test_their_times_sum"), 7);
    assertEquals(of("prom_test_ours"), 9);
    await promtoolClean(text);
    // The same through the handler, also in the other format.
    const response = await stat.handler(
      new Request("http://localhost/", {
        headers: { accept: "application/openmetrics-text" },
      }),
    );
    const open = parseText(await response.text(), true);
    assertEquals(
      valueOf(open, "prom_test_theirs_total", { x: 'q"\\\n' }),
      3,
    );
    assertEquals(
      open.find(({ name }) => name === "prom_test_theirs")?.type,
      "counter",
    );
    // A name that ours has is ours.
    const clash = new Counter({
      name: "prom_test_ours",
      help: "x",
      registers,
    });
    clash.inc(100);
    assertEquals(
      valueOf(parseText(await prom.collect()), "prom_test_ours"),
      9,
    );
    prom.registry.removeSingleMetric("prom_test_ours");
    prom.registry.resetMetrics();
    assertEquals(
      valueOf(
        parseText(await prom.collect()),
        "prom_test_their_sizes_count",
        { x: "1" },
      ),
      NaN,
    );
  } finally {
    prom.registry.clear();
    await stat.stop();
  }
});

async function run(what: string): Promise<string[]> {
  const { code, stdout, stderr } = await runDeno(
    ["run", "--no-prompt", "--allow-read", "--allow-env", PROGRAM, what],
    { cwd: repository, timeout: 60 },
  );
  assertEquals([code, stderr], [0, ""]);
  return stdout.trim().split("\n");
}

const PROGRAM = "tests/stat/prom_isolates.ts";
const ignore = !needs("run", "read");

Deno.test({
  name: "prom-client's metrics of all isolates are added up, also of dead ones",
  ignore,
  async fn() {
    assertEquals(await run("together"), [
      "1,1,1,1,1,1,1",
      "16,16,16,10,3,16,1",
      "16,16,6,5,3,16,1", // the gauges of one that left are gone
      "18,18,8,5,4,18,1",
      "18,18,8,5,4,18,1", // nobody was told that the others are gone
      "2", // segments of the one that is: ours, and prom-client's
      "18,18,3,2,4,18,1",
    ]);
  },
});

Deno.test({
  name: "prom-client's counters are exact over 30 isolates, one after another",
  ignore,
  async fn() {
    const lines = await run("in turn");
    assertEquals(lines, Array.from({ length: 30 }, (_, i) => String(i + 1)));
  },
});

Deno.test("metrics that are too large are said so, once, and stay here", async () => {
  const counter = new Counter({
    name: "prom_test_large_total",
    help: "x",
    labelNames: ["x"],
    registers: [prom.registry],
  });
  const warnings: unknown[] = [];
  const { warn } = console;
  console.warn = (text: unknown) => warnings.push(text);
  try {
    for (let i = 0; i < 20_000; i++) counter.inc({ x: `${i}`.repeat(20) });
    for (let i = 0; i < 2; i++) {
      const families = parseText(await prom.collect());
      const { samples } = families.find(({ name }) =>
        name === "prom_test_large_total"
      )!;
      assertEquals(samples.length, 20_000);
    }
  } finally {
    console.warn = warn;
    prom.registry.clear();
    await stat.stop();
  }
  assertEquals(warnings.length, 1);
  assert(String(warnings[0]).includes("prom-client"));
});

Deno.test("metrics after stop join again", async () => {
  prom.counter("prom_test_again", "x").inc(2);
  await stat.stop();
  prom.counter("prom_test_again", "x").inc(1);
  const families = parseText(await prom.collect());
  assert(valueOf(families, "prom_test_again_total") >= 1);
  await stat.stop();
  await assertRejects(
    async () => {
      const text = prom.collect();
      await stat.stop();
      await text;
      throw new TypeError("it was there in time");
    },
    Error,
  );
  await stat.stop();
});

Deno.test("values of prom-client that JSON has no word for stay what they are", async () => {
  const names = { help: "x", registers: [prom.registry] };
  const depth = new Gauge({
    ...{ name: "prom_test_odd", labelNames: ["x"], ...names },
  });
  depth.set({ x: "a" }, Infinity);
  depth.set({ x: "b" }, -Infinity);
  depth.set({ x: "c" }, NaN);
  new Gauge({ ...names, name: "prom_test_first", aggregator: "first" })
    .set(NaN);
  try {
    const lines = (await prom.collect()).split("\n");
    for (
      const line of [
        'prom_test_odd{x="a"} +Inf',
        'prom_test_odd{x="b"} -Inf',
        'prom_test_odd{x="c"} NaN',
        "prom_test_first NaN",
      ]
    ) assert(lines.includes(line), lines.join("\n"));
  } finally {
    prom.registry.clear();
    await stat.stop();
  }
});

Deno.test("a collect() that throws or hangs costs others nothing", async () => {
  const errors: unknown[] = [];
  const { error } = console;
  console.error = (...args: unknown[]) => errors.push(args);
  let goOn = () => {};
  const registers = [prom.registry];
  let isBroken = false;
  new Gauge({
    ...{ name: "prom_test_collected", help: "x", registers },
    collect() {
      if (isBroken) throw new Error("broken");
      this.set(1);
    },
  });
  stat.create().incr("prom_test_beside", 2);
  try {
    const value = async (name: string) =>
      valueOf(parseText(await prom.collect()), name);
    assertEquals(await value("prom_test_collected"), 1);
    isBroken = true;
    // Two publications, and scrapes: all of them fail, and it is said once.
    await new Promise((resolve) => setTimeout(resolve, 2300));
    assertEquals(await value("prom_test_beside"), 2);
    assertEquals(await value("prom_test_collected"), 1);
    assertEquals(errors.length, 1);
    isBroken = false;
    new Gauge({
      ...{ name: "prom_test_hanging", help: "x", registers },
      collect: () => new Promise<void>((resolve) => goOn = resolve),
    });
    const began = performance.now();
    assertEquals(await value("prom_test_beside"), 2);
    assert(performance.now() - began < 2500);
  } finally {
    goOn();
    console.error = error;
    prom.registry.clear();
    await stat.stop();
  }
});

Deno.test("what is registered right after a stop is there once", async () => {
  const counter = (name: string) =>
    new Counter({ name, help: "x", registers: [prom.registry] });
  counter("prom_test_before_total").inc();
  const stopping = stat.stop(); // while it joins
  await stopping;
  for (let i = 0; i < 5; i++) {
    counter(`prom_test_after_${i}_total`).inc();
    await 0;
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  try {
    const lines = (await prom.collect()).split("\n");
    for (let i = 0; i < 5; i++) {
      const found = lines.filter((line) =>
        line === `prom_test_after_${i}_total 1`
      );
      assertEquals(found.length, 1);
    }
  } finally {
    prom.registry.clear();
    await stat.stop();
  }
});
