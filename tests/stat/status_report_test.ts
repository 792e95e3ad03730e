import { assert, assertEquals } from "@std/assert";
import { History, type Point } from "../../stat/status/_history.ts";
import { LastErrors } from "../../stat/status/_last_errors.ts";
import { quantile } from "../../stat/status/_quantile.ts";
import { type Report, reportOf } from "../../stat/status/_report.ts";
import { Sampler } from "../../stat/status/_sampler.ts";
import { TestRegistry } from "./registries.ts";

const START = 1_700_000_000_000;

/** A registry, its sampler, and a clock that only the test moves. */
class Bench implements AsyncDisposable {
  now = START;
  readonly test: TestRegistry;
  readonly sampler: Sampler;
  readonly #errors: LastErrors;

  private constructor(errors: LastErrors) {
    this.test = new TestRegistry({ now: () => this.now });
    this.sampler = new Sampler(this.test.registry);
    this.#errors = errors;
    this.test.declare("http_request_duration_seconds", { type: "histogram" });
  }

  static async open(): Promise<Bench> {
    return new Bench(await LastErrors.join());
  }

  /** Some seconds pass; what happens in each of them is told. */
  pass(seconds: number, second: () => void = () => {}): void {
    for (let i = 0; i < seconds; i++) {
      second();
      this.now += 1000;
      this.sampler.sample();
    }
  }

  requests(count: number, labels: Record<string, string>, time = 0.02): void {
    const histogram = this.test.create(labels)
      .histogram("http_request_duration_seconds");
    for (let i = 0; i < count; i++) histogram.observe(time);
  }

  report(range: "5m" | "1h" = "5m", since = 0): Report {
    const { registry } = this.test;
    return reportOf(registry, this.sampler, this.#errors, range, since);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sampler[Symbol.dispose]();
    this.#errors[Symbol.dispose]();
    await this.test[Symbol.asyncDispose]();
  }
}

const point = (value: number | null): Point => ({
  ...{ s2xx: value, s3xx: 0, s4xx: 0, s5xx: 0, other: 0 },
  ...{ p50: value, p95: value, p99: value, hits: null, l1: null },
  ...{ lag: value, heap: value },
});

Deno.test("status: quantiles are those of histogram_quantile", () => {
  const bounds = [0.1, 0.2, 0.4];
  // Worked out by hand from the definition: rank 5 of 10 is in the second
  // bucket, 1 of 4 into it.
  assertEquals(quantile(0.5, bounds, [4, 4, 2, 0]), 0.1 + 0.1 * 1 / 4);
  assertEquals(quantile(1, bounds, [4, 4, 2, 0]), 0.4);
  assertEquals(quantile(0.25, bounds, [4, 0, 0, 0]), 0.025);
  assertEquals(quantile(0.99, bounds, [0, 0, 0, 5]), 0.4);
  assertEquals(quantile(0.5, bounds, [0, 0, 0, 0]), undefined);
  assertEquals(quantile(0.5, [], []), undefined);
});

Deno.test("status: five minutes by the second, an hour by ten, and no more", () => {
  const history = new History();
  const times = 4 * 3600;
  for (let i = 1; i <= times; i++) history.add(i * 1000, point(i));
  const fine = history.timeline("5m", 0);
  assertEquals(fine.time.length, 300);
  assertEquals(fine.time[0], (times - 299) * 1000);
  assertEquals(fine.time.at(-1), times * 1000);
  assertEquals(fine.s2xx.at(-1), times);
  const coarse = history.timeline("1h", 0);
  assertEquals(coarse.time.length, 360);
  assertEquals(coarse.time[1]! - coarse.time[0]!, 10_000);
  // The mean of ten rates, the last quantile, the highest lag.
  assertEquals(coarse.s2xx.at(-1), times - 4.5);
  assertEquals(coarse.p95.at(-1), times);
  assertEquals(coarse.lag.at(-1), times);
  assertEquals(coarse.hits.at(-1), null);
  const last = history.timeline("5m", (times - 2) * 1000);
  assertEquals(last.time, [(times - 1) * 1000, times * 1000]);
  assertEquals(history.timeline("5m", times * 1000).time, []);
});

Deno.test("status: what is not known is null, and stays out of means", () => {
  const history = new History();
  for (let i = 1; i <= 10; i++) {
    history.add(i * 1000, point(i % 2 === 0 ? i : null));
  }
  assertEquals(history.timeline("5m", 8000).s2xx, [null, 10]);
  assertEquals(history.timeline("1h", 0).s2xx, [6]);
});

Deno.test("status: requests by class, quantiles, and the busiest routes", async () => {
  await using bench = await Bench.open();
  const get = { method: "GET", route: "/a" };
  bench.pass(30, () => {
    bench.requests(8, { ...get, status: "200" });
    bench.requests(1, { ...get, status: "503" }, 3);
    bench.requests(1, { method: "POST", route: "/b", status: "302" });
  });
  const { requests, routes, window, history } = bench.report();
  assertEquals(window, 30);
  assertEquals(requests?.total, 300);
  assertEquals(requests?.perSecond, 10);
  assertEquals(requests?.byClass, { "2xx": 8, "3xx": 1, "5xx": 1 });
  assertEquals(requests?.errorShare, 0.1);
  assertEquals(requests?.finest, 0.005);
  assert(requests!.p50! > 0.01 && requests!.p50! <= 0.025);
  assert(requests!.p99! > 2.5 && requests!.p99! <= 5);
  assertEquals(routes?.count, 2);
  assertEquals(
    routes?.rows.map(({ method, route, perSecond, errorShare, total }) => [
      ...[method, route, perSecond, total],
      Math.round(errorShare! * 1000),
    ]),
    [["GET", "/a", 9, 270, 111], ["POST", "/b", 1, 30, 0]],
  );
  assertEquals(history.time.length, 30);
  assertEquals(history.s2xx.at(-1), 8);
  assertEquals(history.s5xx.at(-1), 1);
  assertEquals(history.other.at(-1), 0);
});

Deno.test("status: what was more than a minute ago is only in the totals", async () => {
  await using bench = await Bench.open();
  const labels = { method: "GET", route: "/a", status: "200" };
  bench.pass(10, () => bench.requests(5, labels));
  bench.pass(70);
  const { requests, routes, window } = bench.report();
  assert(window >= 60 && window <= 66, `${window}`);
  assertEquals(requests?.total, 50);
  assertEquals(requests?.perSecond, 0);
  assertEquals(requests?.p95, null);
  assertEquals(requests?.errorShare, null);
  assertEquals(routes?.rows[0]?.total, 50);
});

Deno.test("status: a clock that is set back makes no negative rates", async () => {
  await using bench = await Bench.open();
  const labels = { method: "GET", route: "/a", status: "200" };
  bench.pass(20, () => bench.requests(5, labels));
  bench.now -= 3_600_000;
  bench.sampler.sample();
  bench.pass(5, () => bench.requests(2, labels));
  const { requests, history } = bench.report();
  assertEquals(requests?.perSecond, 2);
  assertEquals(history.s2xx, [2, 2, 2, 2, 2]);
});

Deno.test("status: thousands of routes are twenty rows and a count", async () => {
  await using bench = await Bench.open();
  bench.pass(2, () => {
    for (let i = 0; i < 3000; i++) {
      bench.requests(1, { method: "GET", route: `/r${i}`, status: "200" });
    }
    bench.requests(50, { method: "GET", route: "/r7", status: "200" });
  });
  const { requests, routes, stat, history } = bench.report();
  assertEquals(requests?.total, 6100);
  assertEquals(routes?.rows.length, 20);
  // A thousand label sets, and what is beyond them as one.
  assertEquals(routes?.count, 1001);
  const beyond = routes!.rows.find(({ route }) => route === null);
  assertEquals(beyond?.total, 4000);
  assertEquals(routes!.rows.find(({ route }) => route === "/r7")?.total, 102);
  assert(stat.overflow > 0);
  // They have no status any more.
  assertEquals(history.other.at(-1), 2000);
  assertEquals(history.s2xx.at(-1), 1050);
  assert(JSON.stringify(bench.report("5m", bench.now)).length < 20_000);
});

Deno.test("status: caches, tasks and calls are absent until they count", async () => {
  await using bench = await Bench.open();
  bench.pass(2);
  const empty = bench.report();
  assertEquals(
    [empty.caches, empty.tasks, empty.client, empty.errors?.kinds ?? []],
    [null, null, null, []],
  );
  assertEquals(empty.requests, null);
  assertEquals(empty.routes, null);
  for (const name of ["hits", "misses"]) {
    bench.test.declare(`oresty_cache_${name}_total`, { type: "counter" });
  }
  bench.test.declare("oresty_tasks_total", { type: "counter" });
  bench.test.declare("oresty_task_queue_depth", { type: "gauge" });
  bench.test.declare("oresty_client_request_duration_seconds", {
    type: "histogram",
  });
  bench.test.declare("oresty_errors_total", { type: "counter" });
  const cache = (tier?: string) =>
    bench.test.create({ cache: "users", ...(tier ? { tier } : {}) }).counter(
      `oresty_cache_${tier ? "hits" : "misses"}_total`,
    );
  const calls = (status: string) =>
    bench.test.create({ host: "api.example", method: "GET", status })
      .histogram("oresty_client_request_duration_seconds");
  const task = (result: string) =>
    bench.test.create({ task: "mail", result }).counter("oresty_tasks_total");
  cache("l3").incr(0);
  bench.test.create().gauge("oresty_task_queue_depth").set(4);
  bench.pass(10, () => {
    cache("l1").incr(6);
    cache("l2").incr(2);
    cache().incr(2);
    task("done").incr(3);
    task("failed").incr();
    calls("200").observe(0.1);
    calls("error").observe(0.1);
    bench.test.create({ kind: "task" }).counter("oresty_errors_total").incr();
  });
  const { caches, tasks, client, errors } = bench.report();
  assertEquals(caches?.count, 1);
  assertEquals(caches?.rows[0]?.ratio, 0.8);
  assertEquals(
    caches?.rows[0]?.tiers.map(({ tier, ratio }) => [tier, ratio]),
    // Half of what the first tier has not found; the third is not there.
    [["l1", 0.6], ["l2", 0.5], ["l3", null]],
  );
  assertEquals([tasks?.depth, tasks?.running], [4, null]);
  assertEquals(tasks?.rows, [
    { ...tasks!.rows[0]!, task: "mail", results: { done: 30, failed: 10 } },
  ]);
  assertEquals(client?.rows[0]?.host, "api.example");
  assertEquals(client?.rows[0]?.errorShare, 0.5);
  assertEquals(errors?.total, 10);
  assertEquals(errors?.kinds[0]?.kind, "task");
});
