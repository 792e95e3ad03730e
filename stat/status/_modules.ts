import { quantile } from "./_quantile.ts";
import type { Reading } from "./_reading.ts";
import { gauges } from "./_sampler.ts";
import { Names } from "./_series_names.ts";
import { type Gain, groupBy, type Span, sum, sumBuckets } from "./_span.ts";

/** A tier of a cache in the last minute. */
export interface Tier {
  readonly tier: string;
  readonly perSecond: number;
  /**
   * Share of the look-ups that came to it and were found; null without any, or
   * where it has never found one.
   */
  readonly ratio: number | null;
}

/** A cache in the last minute. */
export interface CacheRow {
  readonly cache: string | null;
  readonly perSecond: number;
  /** Share of the look-ups that found a value; null without any. */
  readonly ratio: number | null;
  readonly tiers: readonly Tier[];
  /** Seconds that loaders took; null without loads. */
  readonly loadP95: number | null;
  /** Look-ups since the start of the process. */
  readonly total: number;
}

/** The busiest caches, and how many there are. */
export interface Caches {
  readonly count: number;
  readonly rows: readonly CacheRow[];
}

/** Task workers and their queue. */
export interface Tasks {
  /** Null when nobody says it. */
  readonly depth: number | null;
  readonly running: number | null;
  readonly restarts: number | null;
  /** Seconds that tasks of the last minute took. */
  readonly p95: number | null;
  /** How many there are; rows are the busiest. */
  readonly count: number;
  readonly rows: readonly TaskRow[];
}

/** A task: what was done in the last minute, and since the start. */
export interface TaskRow {
  readonly task: string | null;
  readonly perSecond: number;
  /** Since the start of the process, by result. */
  readonly results: Readonly<Record<string, number>>;
}

const MOST_CACHES = 20;
const MOST_TASKS = 20;

/** All caches; null when there is none. */
export function cachesOf(minute: Span): Caches | null {
  const hits = minute.gains(Names.hits);
  const misses = minute.gains(Names.misses);
  if (hits === undefined && misses === undefined) return null;
  const hitsBy = groupBy(hits ?? [], "cache");
  const missesBy = groupBy(misses ?? [], "cache");
  const loadsBy = groupBy(minute.gains(Names.loadTime) ?? [], "cache");
  const bounds = minute.bounds(Names.loadTime);
  const keys = [...new Set([...hitsBy.keys(), ...missesBy.keys()])];
  const rows = keys.map((key) => {
    const mine = hitsBy.get(key) ?? [];
    const missed = missesBy.get(key) ?? [];
    const found = sum(mine.map(({ value }) => value));
    const notFound = sum(missed.map(({ value }) => value));
    const lookUps = found + notFound;
    return {
      cache: (mine[0] ?? missed[0])!.labels.cache ?? null,
      perSecond: minute.rate(lookUps),
      ratio: lookUps > 0 ? found / lookUps : null,
      tiers: tiersOf(mine, lookUps, minute),
      loadP95: quantile(0.95, bounds, sumBuckets(loadsBy.get(key) ?? [])) ??
        null,
      total: sum([...mine, ...missed].map(({ total }) => total)),
    };
  }).sort((a, b) => b.perSecond - a.perSecond || b.total - a.total);
  return { count: rows.length, rows: rows.slice(0, MOST_CACHES) };
}

/** What one tier has not found comes to the next. */
function tiersOf(
  hits: readonly Gain[],
  lookUps: number,
  minute: Span,
): Tier[] {
  let left = lookUps;
  return [...groupBy(hits, "tier").values()]
    .toSorted(([a], [b]) =>
      (a!.labels.tier ?? "") < (b!.labels.tier ?? "") ? -1 : 1
    )
    .map((gains) => {
      const found = sum(gains.map(({ value }) => value));
      // One that never had anything may not be there at all.
      const isUsed = gains.some(({ total }) => total > 0);
      const ratio = isUsed && left > 0 ? found / left : null;
      left -= found;
      const { tier = "other" } = gains[0]!.labels;
      return { tier, perSecond: minute.rate(found), ratio };
    });
}

/** Tasks; null when there are none. */
export function tasksOf(reading: Reading, minute: Span): Tasks | null {
  const { queueDepth, tasksRunning, restarts, tasks, taskTime } = Names;
  const names = [queueDepth, tasksRunning, restarts, tasks, taskTime];
  if (!names.some((name) => reading.families.has(name))) return null;
  const total = (name: string) => {
    const values = gauges(reading, name);
    return values.length > 0 ? sum(values) : null;
  };
  const times = sumBuckets(minute.gains(taskTime) ?? []);
  const rows = [...groupBy(minute.gains(tasks) ?? [], "task").values()]
    .map((gains) => ({
      task: gains[0]!.labels.task ?? null,
      perSecond: minute.rate(sum(gains.map(({ value }) => value))),
      results: Object.fromEntries(
        gains.map(({ labels: { result = "other" }, total }) => [result, total]),
      ),
    }));
  return {
    depth: total(queueDepth),
    running: total(tasksRunning),
    restarts: total(restarts),
    p95: quantile(0.95, minute.bounds(taskTime), times) ?? null,
    count: rows.length,
    rows: rows.sort((a, b) => b.perSecond - a.perSecond).slice(0, MOST_TASKS),
  };
}
