import { isolateRegistry } from "./_isolate.ts";

/** What ends with `stop`. */
const ends: Set<() => void | Promise<void>> = new Set();

/** Calls a function at the next `stop`; gives what forgets it. */
export function atStop(end: () => void | Promise<void>): () => void {
  ends.add(end);
  return () => {
    ends.delete(end);
  };
}

/**
 * Ends everything in this isolate: listener, timers, log. It leaves the others,
 * who keep what was counted here; series that are held go on from nothing.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * const requests = stat.create().counter("requests");
 * requests.incr();
 * await stat.stop();
 * assertEquals(stat.get_metrics()[0]?.value, 0);
 * ```
 */
export async function stop(): Promise<void> {
  const all = [...ends];
  ends.clear();
  try {
    await Promise.all(all.map((end) => end()));
  } finally {
    await isolateRegistry().stop();
  }
}
