/** A thread that has the same metrics in stat and in prom-client. */
import { workerParent } from "@oresty/core";
import * as stat from "@oresty/stat";
import { Histogram, Registry } from "prom-client";

/** Label sets of the histogram: each has 14 lines. */
export const SETS = 1000;
/** Its buckets, one fewer than its lines of them. */
export const BUCKETS: readonly number[] = [
  ...[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
];
/** What it is called. */
export const NAME = "http_request_duration_seconds";

const parent = await workerParent();
if (parent !== undefined) {
  const seed = parent.data as number;
  const labelNames = ["method", "route", "status"];
  const registry = new Registry();
  const theirs = new Histogram({
    name: NAME,
    help: "Seconds of a request.",
    labelNames,
    buckets: [...BUCKETS],
    registers: [registry],
  });
  await stat.start();
  stat.declare(NAME, { type: "histogram", help: "Seconds of a request." });
  for (let i = 0; i < SETS; i++) {
    const labels = {
      method: ["GET", "POST", "PUT", "DELETE"][i % 4]!,
      route: `/api/v1/resources/${i >> 2}/items`,
      status: String(200 + i % 4),
    };
    const ours = stat.create(labels).histogram(NAME);
    for (let n = 0; n < 5; n++) {
      const value = (i * 7 + n * 13 + seed) % 1500 / 128; // exact in binary
      ours.observe(value);
      theirs.observe(labels, value);
    }
  }
  // What a worker of prom-client's aggregation does when it is asked.
  parent.listen(async () => parent.post(await registry.getMetricsAsJSON()));
  parent.post("ready");
}
