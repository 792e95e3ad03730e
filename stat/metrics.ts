import { quote } from "./_definition.ts";
import { isolateRegistry } from "./_isolate.ts";
import { renderAll } from "./_render.ts";
import { respond } from "./_respond.ts";
import { CONTENT_TYPES, type MetricsFormat } from "./_text.ts";
import { type MetricRow, metricRows } from "./metric_rows.ts";

/**
 * All lines of all isolates, those of a series beside each other. It waits
 * until the others are known, a quarter of a second at most, the first time.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * stat.create({ app: "demo" }).incr("requests", 2);
 * const [sum] = await stat.getMetrics();
 * assertEquals(sum, { metric: "requests", labels: '{app="demo"}', value: 2 });
 * await stat.stop();
 * ```
 */
export async function getMetrics(): Promise<MetricRow[]> {
  const registry = isolateRegistry();
  await registry.join();
  return metricRows(registry.read());
}

/**
 * As `getMetrics`, at once: of the isolates that are known by now.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 *
 * stat.create({ app: "demo" }).incr("requests");
 * for (const m of stat.get_metrics()) {
 *   console.log(`${m.metric}${m.labels ?? ""} ${m.value}`);
 * }
 * await stat.stop();
 * ```
 */
function getMetricsNow(): MetricRow[] {
  return metricRows(isolateRegistry().read());
}

export { getMetricsNow as get_metrics };

/**
 * The metrics of all isolates as text, sorted.
 *
 * @param format `text` is 0.0.4 of Prometheus.
 * @default {"text"}
 * @throws {TypeError} On another format.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * stat.declare("jobs", { type: "counter", help: "Jobs that are done." });
 * stat.create().incr("jobs");
 * assertEquals(
 *   await stat.render(),
 *   "# HELP jobs_total Jobs that are done.\n" +
 *     "# TYPE jobs_total counter\njobs_total 1\n",
 * );
 * await stat.stop();
 * ```
 */
export async function render(format: MetricsFormat = "text"): Promise<string> {
  if (!Object.hasOwn(CONTENT_TYPES, format)) {
    throw new TypeError(
      `Cannot render metrics as ${quote(format)}: expected "text" or ` +
        `"openmetrics"`,
    );
  }
  return await renderAll(isolateRegistry(), format);
}

/**
 * Answers a request with the metrics of all isolates: OpenMetrics where the
 * client wants it, else text; compressed where it takes gzip. For `Deno.serve`
 * or a route.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * stat.create().incr("requests");
 * const response = await stat.handler(new Request("http://localhost/metrics"));
 * assertEquals((await response.text()).includes("requests 1"), true);
 * await stat.stop();
 * ```
 */
export async function handler(request: Request): Promise<Response> {
  return await respond(isolateRegistry(), request);
}

/**
 * Sets everything that all isolates have counted to nothing, as tests want it.
 * What is counted meanwhile may be lost.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * stat.create().incr("requests");
 * stat.flush();
 * assertEquals(stat.get_metrics()[0]?.value, 0);
 * await stat.stop();
 * ```
 */
export function flush(): void {
  isolateRegistry().flush();
}
