import { checkOptions } from "@oresty/core";
import type { CacheParts } from "./_cache_parts.ts";
import type { Lookup } from "./_reads.ts";
import { settingsOf, wrongKind } from "./_settings.ts";
import type { Loader } from "./loader.ts";
import type { GetOptions } from "./options.ts";

/** One of many values that are asked for at once. */
export interface BulkItem {
  /** Its key. */
  readonly key: string;
  /** Its options. */
  readonly opts?: GetOptions;
  /** Its loader, called with `arg` and its context. */
  readonly callback?: Loader<unknown, [arg: unknown]>;
  /** What its loader is called with. */
  readonly arg?: unknown;
}

/** How many values are asked for. */
export interface BulkOptions {
  /**
   * Loads at a time.
   *
   * @default {3}
   */
  concurrency?: number;
}

/** What became of an item. */
export interface BulkResult {
  /** Its value, as `get` gives it. */
  readonly value: unknown;
  /** What was thrown, when it was. */
  readonly error: unknown;
  /** As in {@linkcode Lookup}; -1 with an error. */
  readonly hitLevel: Lookup["hitLevel"];
}

interface Getter {
  lookup(
    key: string,
    options: GetOptions | undefined,
    ...rest: unknown[]
  ): Promise<Lookup>;
}

/** Finds or loads many values; equal keys once. */
export async function getAll(
  cache: object,
  parts: CacheParts,
  items: readonly BulkItem[],
  options: BulkOptions,
): Promise<BulkResult[]> {
  const where = `getBulk of cache "${parts.name}"`;
  checkOptions(where, options, ["concurrency"]);
  const { concurrency = 3 } = options;
  if (!(Number.isSafeInteger(concurrency) && concurrency > 0)) {
    throw wrongKind(where, "concurrency", concurrency, "a whole number over 0");
  }
  if (!Array.isArray(items)) {
    throw new TypeError(
      `Cannot use the items of ${where}: "${String(items)}" was given, ` +
        `expected an array`,
    );
  }
  const wanted = new Map<string, BulkItem>();
  for (const item of items) {
    checkOptions(where, item ?? null, ["key", "opts", "callback", "arg"]);
    if (!wanted.has(item.key)) wanted.set(item.key, item);
  }
  const results = new Map<string, BulkResult>();
  await fromThird(parts, wanted, results);
  const left = [...wanted.values()].filter(({ key }) => !results.has(key));
  let next = 0;
  const work = async () => {
    while (next < left.length) {
      const item = left[next++]!;
      results.set(item.key, await one(cache as Getter, item));
    }
  };
  const workers = Math.min(concurrency, left.length);
  await Promise.all(Array.from({ length: workers }, work));
  return items.map(({ key }) => results.get(key)!);
}

async function one(cache: Getter, item: BulkItem): Promise<BulkResult> {
  const { key, opts, callback, arg } = item;
  const rest = callback === undefined ? [] : [callback, arg];
  try {
    const { value, hitLevel } = await cache.lookup(key, opts, ...rest);
    return { value, error: undefined, hitLevel };
  } catch (error) {
    return { value: undefined, error, hitLevel: -1 };
  }
}

/** Values that this process lacks, and the third tier has, in one call. */
async function fromThird(
  { settings, first, second, loads, tally }: CacheParts,
  wanted: ReadonlyMap<string, BulkItem>,
  results: Map<string, BulkResult>,
): Promise<void> {
  if (!loads.third.isThere) return;
  const keys: string[] = [];
  for (const { key, opts } of wanted.values()) {
    // Options that differ from the cache's are looked at one by one.
    if (typeof key !== "string" || opts !== undefined) continue;
    if (first.get(key) !== undefined || second.read(key)?.isFresh) continue;
    keys.push(key);
  }
  if (keys.length < 2) return;
  const found = await loads.third.readMany(
    keys,
    settingsOf("getBulk", undefined, settings),
  );
  for (const [key, { kept }] of found) {
    tally.found(key, "l3", false);
    const value = first.handOut(kept);
    results.set(key, { value, error: undefined, hitLevel: 3 });
  }
}
