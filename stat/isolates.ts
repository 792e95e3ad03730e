import type { SegmentGroup } from "@oresty/shm";
import { furtherGroups } from "./_groups.ts";
import { isolateRegistry } from "./_isolate.ts";
import { liveSegments, releaseWhenQuiet } from "./_quiet.ts";

/**
 * Says that an isolate has ended, as by the `exit` event of a node Worker: the
 * next one goes on with its memory, once its numbers have stood still for some
 * seconds. One that left in order, by `stop`, has said so itself. After
 * `terminate()` a thread in an endless loop may run for ever: use
 * {@linkcode retire}.
 *
 * @param isolate Its `isolateNumber()` of `@oresty/shm`, which it tells while it
 * lives.
 * @returns How many segments there are.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * const nobody = 7;
 * assertEquals(await stat.release(nobody), 0);
 * await stat.stop();
 * ```
 */
export async function release(isolate: number): Promise<number> {
  let count = 0;
  for (const group of await groups()) {
    const { length } = liveSegments(group.segments, isolate);
    if (length > 0) releaseWhenQuiet(group, isolate);
    count += length;
  }
  return count;
}

/**
 * Says that an isolate has most likely ended, as after `terminate()` of a Web
 * Worker: its counters stay, its gauges go, and nobody goes on with its memory.
 *
 * @param isolate Its `isolateNumber()` of `@oresty/shm`.
 * @returns How many segments there were.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * const nobody = 7;
 * assertEquals(await stat.retire(nobody), 0);
 * await stat.stop();
 * ```
 */
export async function retire(isolate: number): Promise<number> {
  let count = 0;
  for (const group of await groups()) count += group.retire(isolate);
  return count;
}

async function groups(): Promise<SegmentGroup[]> {
  const registry = isolateRegistry();
  await registry.join();
  if (registry.group === undefined) {
    throw new TypeError("Cannot find other isolates: stat was stopped");
  }
  return [registry.group, ...furtherGroups()];
}
