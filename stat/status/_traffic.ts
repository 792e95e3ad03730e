import { quantile } from "./_quantile.ts";
import type { Reading } from "./_reading.ts";
import { byClass, gauges } from "./_sampler.ts";
import { Names } from "./_series_names.ts";
import { type Gain, groupBy, type Span, sum, sumBuckets } from "./_span.ts";

/** What the requests of the last minute were. */
export interface Requests {
  /** Since the start of the process. */
  readonly total: number;
  readonly perSecond: number;
  /** The same by the class of status: `2xx`, `other`. */
  readonly byClass: Readonly<Record<string, number>>;
  /** Share of answers with a status of 5xx; null without requests. */
  readonly errorShare: number | null;
  /** Absent when nobody says it. */
  readonly inFlight: number | null;
  /** Seconds; null without requests. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** The lowest bound of the histogram: shorter times are not told apart. */
  readonly finest: number | null;
}

/** What the requests of a route were in the last minute. */
export interface RouteRow {
  readonly method: string;
  /** The pattern; null for routes beyond the cap of label sets. */
  readonly route: string | null;
  readonly perSecond: number;
  /** Seconds; null without requests. */
  readonly p95: number | null;
  readonly errorShare: number | null;
  /** Since the start of the process. */
  readonly total: number;
}

/** The busiest routes, and how many there are. */
export interface Routes {
  readonly count: number;
  readonly rows: readonly RouteRow[];
}

/** What calls to a host were in the last minute. */
export interface ClientRow {
  readonly host: string | null;
  readonly perSecond: number;
  /** Seconds; null without calls. */
  readonly p95: number | null;
  /** Share of calls without an answer, or with a status of 5xx. */
  readonly errorShare: number | null;
  /** Since the start of the process. */
  readonly total: number;
}

const MOST_ROUTES = 20;
const MOST_HOSTS = 20;

/** All requests; null when nobody counts them. */
export function requestsOf(reading: Reading, minute: Span): Requests | null {
  const gains = minute.gains(Names.requests);
  if (gains === undefined) return null;
  const classes = byClass(gains);
  const count = sum(Object.values(classes));
  const bounds = minute.bounds(Names.requests);
  const buckets = sumBuckets(gains);
  const inFlight = gauges(reading, Names.inFlight);
  const below = (share: number) => quantile(share, bounds, buckets) ?? null;
  return {
    total: sum(gains.map(({ totalCount }) => totalCount)),
    perSecond: minute.rate(count),
    byClass: Object.fromEntries(
      Object.entries(classes).sort(([a], [b]) => a < b ? -1 : 1)
        .map(([name, gained]) => [name, minute.rate(gained)]),
    ),
    errorShare: count > 0 ? (classes["5xx"] ?? 0) / count : null,
    inFlight: inFlight.length > 0 ? sum(inFlight) : null,
    p50: below(0.5),
    p95: below(0.95),
    p99: below(0.99),
    finest: bounds[0] ?? null,
  };
}

/** The busiest routes; null when nobody counts requests. */
export function routesOf(minute: Span): Routes | null {
  const gains = minute.gains(Names.requests);
  if (gains === undefined) return null;
  const bounds = minute.bounds(Names.requests);
  const rows = [...groupBy(gains, "method", "route").values()].map((group) => {
    const { method = "", route = null } = group[0]!.labels;
    return { method, route, ...callsOf(group, bounds, minute, isServerError) };
  });
  return { count: rows.length, rows: busiest(rows, MOST_ROUTES) };
}

/** Calls to other hosts; null when there were none. */
export function clientOf(
  minute: Span,
): { count: number; rows: readonly ClientRow[] } | null {
  const gains = minute.gains(Names.client);
  if (gains === undefined) return null;
  const bounds = minute.bounds(Names.client);
  const rows = [...groupBy(gains, "host").values()].map((group) => ({
    host: group[0]!.labels.host ?? null,
    ...callsOf(
      group,
      bounds,
      minute,
      // One that had no answer has no status that is a number.
      (status) => isServerError(status) || !/^\d+$/.test(status ?? "200"),
    ),
  }));
  return { count: rows.length, rows: busiest(rows, MOST_HOSTS) };
}

function isServerError(status: string | undefined): boolean {
  return /^5\d\d$/.test(status ?? "");
}

function callsOf(
  gains: readonly Gain[],
  bounds: readonly number[],
  minute: Span,
  isError: (status: string | undefined) => boolean,
) {
  const count = sum(gains.map((gain) => gain.count));
  const errors = sum(
    gains.filter(({ labels: { status } }) => isError(status))
      .map((gain) => gain.count),
  );
  return {
    perSecond: minute.rate(count),
    p95: quantile(0.95, bounds, sumBuckets(gains)) ?? null,
    errorShare: count > 0 ? errors / count : null,
    total: sum(gains.map(({ totalCount }) => totalCount)),
  };
}

/** Those of the last minute first, then those of ever. */
function busiest<R extends { perSecond: number; total: number }>(
  rows: readonly R[],
  most: number,
): R[] {
  return rows.toSorted((a, b) => b.perSecond - a.perSecond || b.total - a.total)
    .slice(0, most);
}
