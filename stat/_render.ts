import type { Registry } from "./_registry.ts";
import { END, type MetricsFormat, writeMetrics } from "./_text.ts";

/**
 * Further metrics, as those of prom-client: whole families, without the last
 * line of OpenMetrics.
 *
 * @param taken Names that the text before has.
 */
export type MetricsSource = (
  format: MetricsFormat,
  taken: ReadonlySet<string>,
) => string | Promise<string>;

const sources: Set<MetricsSource> = new Set();

/** Adds metrics to the text of this isolate; gives what takes them out. */
export function addMetricsSource(source: MetricsSource): () => void {
  sources.add(source);
  return () => {
    sources.delete(source);
  };
}

/** All metrics as text, once the other isolates are known. */
export async function renderAll(
  registry: Registry,
  format: MetricsFormat,
): Promise<string> {
  await registry.join();
  const families = registry.read();
  let text = writeMetrics(families, format);
  if (sources.size > 0) {
    const taken = new Set(families.flatMap((family) => family.names));
    for (const source of [...sources]) text += await source(format, taken);
  }
  return format === "openmetrics" ? text + END : text;
}
