import { assert, assertEquals } from "@std/assert";
import { parseText, valueOf } from "./parse_text.ts";
import { promtoolClean } from "./promtool.ts";
import { TestRegistry } from "./registries.ts";
import { parseMetrics } from "../../stat/parse_metrics.ts";

/** One of each kind, with what has to be escaped. */
function fill(test: TestRegistry): void {
  test.declare("jobs", {
    type: "counter",
    help: 'Back\\slash, "quotes"\nand a second line.',
  });
  test.declare("depth", { type: "gauge" });
  for (const name of ["z", "a", 'q"\\\n', "ü 漢 😀"]) {
    const s = test.create({ name, other: 1 });
    s.incr("plain", 1.5);
    s.incr("jobs", 1e21);
    s.gauge("depth").set(-1e-7);
    const histogram = s.histogram("size_bytes", [-1, 0, 1, 1e6]);
    for (const value of [-2, -1, 0, 0.5, 1e9]) histogram.observe(value);
  }
}

Deno.test("text is what strict parsers and promtool take", async () => {
  await using test = new TestRegistry();
  fill(test);
  const text = test.text();
  const families = parseText(text);
  assertEquals(families.map(({ name, type }) => [name, type]), [
    ["depth", "gauge"],
    ["jobs_total", "counter"],
    ["plain", "untyped"],
    ["plain_count", "untyped"],
    ["plain_delta", "gauge"],
    ["plain_avg", "gauge"],
    ["size_bytes", "histogram"],
  ]);
  const names = families[0]!.samples.map(({ labels }) => labels.name);
  assertEquals(names, ["a", 'q"\\\n', "z", "ü 漢 😀"]);
  const labels = { name: 'q"\\\n', other: "1" };
  assertEquals(valueOf(families, "jobs_total", labels), 1e21);
  assertEquals(valueOf(families, "depth", labels), -1e-7);
  const bucket = (le: string) =>
    valueOf(families, "size_bytes_bucket", { ...labels, le });
  assertEquals(["-1", "0", "1", "1000000", "+Inf"].map(bucket), [
    2,
    3,
    4,
    4,
    5,
  ]);
  assertEquals(
    families[1]!.help,
    'Back\\\\slash, "quotes"\\nand a second line.',
  );
  await promtoolClean(text);
});

Deno.test("OpenMetrics has its own words", async () => {
  await using test = new TestRegistry();
  fill(test);
  const text = test.text("openmetrics");
  const families = parseText(text, true);
  assertEquals(families.map(({ name, type }) => [name, type]).slice(1, 4), [
    ["jobs", "counter"],
    ["plain", "unknown"],
    ["plain_count", "unknown"],
  ]);
  assert(text.includes('le="1.0"'));
  assert(text.includes('\\"quotes\\"'));
  assert(text.endsWith("\n# EOF\n"));
});

Deno.test("nothing gives an empty text", async () => {
  await using test = new TestRegistry();
  assertEquals(test.text(), "");
  assertEquals(parseText(test.text("openmetrics"), true), []);
  // What has no value yet has no family.
  test.declare("k", { type: "gauge" });
  test.create().gauge("k");
  assertEquals(test.text(), "");
});

Deno.test("a sum that runs over is +Inf in both formats", async () => {
  await using test = new TestRegistry();
  test.declare("c", { type: "counter" });
  for (let i = 0; i < 2; i++) {
    test.create().incr("k", Number.MAX_VALUE);
    test.create().incr("c", Number.MAX_VALUE);
    test.create().histogram("h", [1]).observe(Number.MAX_VALUE);
  }
  for (const format of ["text", "openmetrics"] as const) {
    const lines = test.text(format).split("\n");
    for (const name of ["k", "k_delta", "k_avg", "c_total", "h_sum"]) {
      assert(lines.includes(`${name} +Inf`), name);
    }
  }
});

Deno.test("rows and text say the same", async () => {
  await using test = new TestRegistry();
  fill(test);
  const key = (row: { metric: string; labels: string | undefined }) =>
    `${row.metric}${row.labels ?? ""}`;
  const sorted = (rows: ReturnType<typeof parseMetrics>) =>
    rows.toSorted((a, b) => key(a) < key(b) ? -1 : 1);
  assertEquals(sorted(parseMetrics(test.text())), sorted(test.rows()));
});

Deno.test("random metrics are always well-formed", async () => {
  await using test = new TestRegistry();
  const random = (n: number) => Math.floor(Math.random() * n);
  const char = () => '"\\\n{},= ax\u0000\r\ud800é'[random(15)]!;
  for (let i = 0; i < 500; i++) {
    const labels = { a: Array.from({ length: random(6) }, char).join("") };
    const s = test.create(labels);
    s.incr(`k${random(5)}`, random(100));
    s.gauge(`g${random(3)}`).set(Math.random() - 0.5);
    s.histogram(`h${random(3)}`).observe(Math.random() * 20 - 5);
  }
  const text = test.text();
  // A lone CR in a value is one that Prometheus takes, and ours does not.
  parseText(text.replaceAll("\r", "?"));
  await promtoolClean(text);
});
