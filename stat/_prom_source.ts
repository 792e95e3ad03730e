import { atStop } from "./_lifecycle.ts";
import { mergeProm, writeProm } from "./_prom_merge.ts";
import { PromSnapshots } from "./_prom_snapshots.ts";
import type { MetricsSource } from "./_render.ts";

/**
 * The metrics of prom-client of all isolates, for an isolate that has none: it
 * need not load prom-client.
 */
export async function promSource(): Promise<MetricsSource> {
  const snapshots = await PromSnapshots.join();
  atStop(() => snapshots[Symbol.dispose]());
  return (format, taken) =>
    writeProm(mergeProm(snapshots.read()), format, taken);
}
