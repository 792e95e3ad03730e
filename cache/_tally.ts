import type { CacheEvent, Source } from "./events.ts";
import type {
  MetricsCounter,
  MetricsHistogram,
  MetricsSink,
} from "./metrics_sink.ts";

/** What a cache has done in this isolate. */
export interface CacheStats {
  /** Values found in this isolate. */
  readonly l1Hits: number;
  /** Values found in the memory of the process. */
  readonly l2Hits: number;
  /** Values found in the third tier. */
  readonly l3Hits: number;
  /** Stale values that were served. */
  readonly staleHits: number;
  /** Values that were nowhere. */
  readonly misses: number;
  /** Calls of loaders. */
  readonly loads: number;
  /** Calls of loaders that failed. */
  readonly loadErrors: number;
  /** Waits for another load that were given up. */
  readonly lockTimeouts: number;
  /** Calls to the third tier that failed. */
  readonly l3Errors: number;
}

type Counts = { -readonly [K in keyof CacheStats]: CacheStats[K] };

/** Counts, and tells who listens. */
export class Tally {
  readonly counts: Counts = {
    l1Hits: 0,
    l2Hits: 0,
    l3Hits: 0,
    staleHits: 0,
    misses: 0,
    loads: 0,
    loadErrors: 0,
    lockTimeouts: 0,
    l3Errors: 0,
  };
  readonly #on: ((event: CacheEvent) => void) | undefined;
  #l1: MetricsCounter | undefined;
  #l2: MetricsCounter | undefined;
  #l3: MetricsCounter | undefined;
  #misses: MetricsCounter | undefined;
  #loadTime: MetricsHistogram | undefined;
  #waitTime: MetricsHistogram | undefined;
  #hasWarned = false;

  readonly #cache: string;

  constructor(
    cache: string,
    on: ((event: CacheEvent) => void) | undefined,
    metrics: MetricsSink | undefined,
  ) {
    this.#cache = cache;
    this.#on = on;
    if (metrics !== undefined) this.measure(metrics);
  }

  /** Counts into a sink from now on, unless there is one. */
  measure(metrics: MetricsSink): void {
    if (this.#misses !== undefined) return;
    const cache = this.#cache;
    const counter = (name: string, labels: Record<string, string>) => {
      const handle = metrics.counter(name, labels);
      return { incr: () => this.#quietly(() => handle.incr()) };
    };
    const histogram = (name: string) => {
      const handle = metrics.histogram(name, { cache });
      return {
        observe: (value: number) => this.#quietly(() => handle.observe(value)),
      };
    };
    const hits = (tier: string) =>
      counter("oresty_cache_hits_total", { cache, tier });
    this.#l1 = hits("l1");
    this.#l2 = hits("l2");
    this.#l3 = hits("l3");
    this.#misses = counter("oresty_cache_misses_total", { cache });
    this.#loadTime = histogram("oresty_cache_load_duration_seconds");
    this.#waitTime = histogram("oresty_cache_lock_wait_seconds");
  }

  /**
   * Calls what another has written: that it fails must not become a value that
   * is not served.
   */
  #quietly(call: () => unknown): void {
    try {
      const result = call();
      if (result instanceof Promise) result.catch(this.#warn);
    } catch (error) {
      this.#warn(error);
    }
  }

  readonly #warn = (error: unknown): void => {
    // Once: it may fail at every hit.
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    // deno-lint-ignore no-console -- there is no logger this far down
    console.warn("oresty: a listener of a cache failed:", error);
  };

  /** A value was found in this isolate. */
  firstHit(key: string): void {
    this.counts.l1Hits++;
    this.#l1?.incr();
    if (this.#on !== undefined) this.hit(key, "l1", false);
  }

  /** A value was found elsewhere. */
  found(key: string, source: Source, stale: boolean): void {
    if (stale) {
      this.counts.staleHits++;
      this.#l2?.incr();
    } else if (source === "l2") {
      this.counts.l2Hits++;
      this.#l2?.incr();
    } else if (source === "l3") {
      this.counts.l3Hits++;
      this.#l3?.incr();
    } else if (source === "l1") {
      return this.firstHit(key);
    } else {
      this.counts.misses++;
      this.#misses?.incr();
      this.emit({ type: "miss", key });
      return;
    }
    this.hit(key, source, stale);
  }

  /** Tells of a hit. */
  hit(key: string, source: Source, stale: boolean): void {
    this.emit({ type: "hit", key, source, stale });
  }

  /** A lock was waited for, in seconds. */
  waited(seconds: number): void {
    this.#waitTime?.observe(seconds);
  }

  /** Something happened. */
  emit(event: CacheEvent): void {
    switch (event.type) {
      case "load":
        this.counts.loads++;
        this.#loadTime?.observe(event.duration);
        break;
      case "load_error":
        this.counts.loads++;
        this.counts.loadErrors++;
        break;
      case "lock_timeout":
        this.counts.lockTimeouts++;
        break;
      case "l3_error":
        this.counts.l3Errors++;
        break;
    }
    const on = this.#on;
    if (on !== undefined) this.#quietly(() => on(event));
  }
}
