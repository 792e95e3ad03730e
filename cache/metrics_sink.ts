/** A count that only grows. */
export interface MetricsCounter {
  /** Adds to it, 1 where nothing is said. */
  incr(value?: number): void;
}

/** A distribution of values. */
export interface MetricsHistogram {
  /** Takes a value. */
  observe(value: number): void;
}

/**
 * Where a cache counts. Handles are asked for once, when the cache is opened:
 *
 * - counters `oresty_cache_hits_total{cache,tier}` and
 *   `oresty_cache_misses_total{cache}`, tiers l1, l2 and l3;
 * - histograms `oresty_cache_load_duration_seconds{cache}` and
 *   `oresty_cache_lock_wait_seconds{cache}`.
 */
export interface MetricsSink {
  /** The counter of a name and labels. */
  counter(
    name: string,
    labels: Readonly<Record<string, string>>,
  ): MetricsCounter;
  /** The histogram of a name and labels. */
  histogram(
    name: string,
    labels: Readonly<Record<string, string>>,
  ): MetricsHistogram;
}
