import { assert, assertEquals } from "@std/assert";
import { hasPrometheus, Prometheus } from "../services.ts";
import { startServed } from "../served.ts";
import { repository } from "../workspace.ts";
import { sleep } from "./isolates.ts";
import { parseText, valueOf } from "./parse_text.ts";
import { promtoolClean } from "./promtool.ts";

Deno.test({
  name: "a Prometheus reads exact totals while 100 workers are killed",
  ignore: !hasPrometheus(),
  async fn() {
    await using served = await startServed(
      [
        ...["run", "--no-prompt", "--allow-net=127.0.0.1", "--allow-read"],
        "tests/stat/prometheus_demo.ts",
      ],
      { cwd: repository, timeout: 30 },
    );
    const admin = /:\d+\/ http:\/\/(127\.0\.0\.1:\d+)/.exec(served.output)![1]!;
    await using prometheus = await Prometheus.start([admin]);
    await prometheus.waitFor("up", 1, 30);
    await prometheus.waitFor('requests{app="demo"}', 0);
    const get = async (path: string) => {
      const response = await fetch(served.url + path, {
        signal: AbortSignal.timeout(10_000),
      });
      return await response.text();
    };
    for (let i = 0; i < 200; i++) await get("/");
    for (let i = 0; i < 100; i++) await get("/replace");
    const end = JSON.parse(await get("/end"));
    assertEquals(end.kills, 102);
    const response = await fetch(`http://${admin}/metrics`);
    const text = await response.text();
    const jobs = valueOf(parseText(text), "jobs_total");
    // A worker that was killed between two instructions counts as either.
    assert(jobs >= end.least && jobs <= end.most, `${jobs} ${end.least}`);
    assert(end.most - end.least <= end.kills && end.least > 10_000);
    await promtoolClean(text);

    await prometheus.waitFor("jobs_total", jobs);
    await sleep(2000); // so that it has been scraped some times since
    assertEquals(
      await prometheus.targets().then((targets) =>
        targets.map(({ health, lastError }) => [health, lastError])
      ),
      [["up", ""]],
    );
    const ask = (query: string) => prometheus.value(query);
    assertEquals(await ask("min_over_time(up[2m])"), 1);
    assertEquals(await prometheus.query('requests{app="demo"}'), {
      "__name__=requests,app=demo": 200,
    });
    assertEquals(await ask('requests_count{app="demo"}'), 201);
    for (
      const series of [
        ...["requests", "jobs_total", "job_seconds_count", "job_seconds_sum"],
        'job_seconds_bucket{le="0.2"}',
        "process_cpu_seconds_total",
      ]
    ) assertEquals(await ask(`resets(${series}[5m])`), 0, series);
    const rate = await ask("max_over_time(rate(jobs_total[5s])[2m:1s])");
    assert(rate > 100, `${rate}`);
    const increase = await ask("increase(requests[5m])");
    assert(increase > 190 && increase < 260, `${increase}`);
    // All jobs took 0.15 s: between 0.1 and 0.2.
    const quantile = "histogram_quantile(0.5, job_seconds_bucket)";
    assertEquals(Math.round(await ask(quantile) * 1e6) / 1e6, 0.15);
    const mean = await ask("job_seconds_sum / job_seconds_count");
    assert(Math.abs(mean - 0.15) < 1e-6, `${mean}`);
    // Whole: no scrape ever saw more jobs in the buckets than in the count.
    assertEquals(
      await ask(
        'max_over_time((job_seconds_count - on() job_seconds_bucket{le="+Inf"})[2m:1s])',
      ),
      0,
    );
    assertEquals(await ask("oresty_build_info"), 1);
    const types = await fetch(
      `http://${prometheus.service.address}/api/v1/metadata?metric=jobs`,
    );
    const { data } = await types.json();
    assertEquals(data.jobs[0].type, "counter");
    const { signal } = await served.stop("SIGTERM", 5);
    assertEquals(signal, "SIGTERM");
    await prometheus.waitFor("up", 0);
  },
});
