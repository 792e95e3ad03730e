/** What is kept of a moment; null where it is not known. */
export interface Point {
  /** Requests a second, by their class of status. */
  readonly s2xx: number | null;
  readonly s3xx: number | null;
  readonly s4xx: number | null;
  readonly s5xx: number | null;
  /** Of no class that is known, as those beyond the cap of label sets. */
  readonly other: number | null;
  /** Seconds below which requests of the last 60 s were. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Share of the cache look-ups that found a value, all tiers together. */
  readonly hits: number | null;
  /** The same of the first tier alone. */
  readonly l1: number | null;
  /** Seconds by which the slowest isolate was late. */
  readonly lag: number | null;
  /** Bytes of all heaps. */
  readonly heap: number | null;
}

/** Columns of points, the oldest first. */
export type Columns = {
  readonly [K in keyof Point]: readonly (number | null)[];
};

/** Moments in the order of time. */
export interface Timeline extends Columns {
  /** Milliseconds since 1970. */
  readonly time: readonly number[];
}

const NAMES = [
  "s2xx",
  "s3xx",
  "s4xx",
  "s5xx",
  "other",
  "p50",
  "p95",
  "p99",
  "hits",
  "l1",
  "lag",
  "heap",
] as const satisfies readonly (keyof Point)[];

/** Of these a coarse point has the last one, as they look back themselves. */
const LAST: ReadonlySet<string> = new Set(["p50", "p95", "p99"]);
/** Of these it has the highest one: a mean would hide it. */
const HIGHEST: ReadonlySet<string> = new Set(["lag"]);

/** The last so many points. */
class Ring {
  readonly #most: number;
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
    this.#times = new Float64Array(most);
    this.#values = new Float64Array(most * NAMES.length);
  }

  add(time: number, point: Point): void {
    const at = this.#count++ % this.#most;
    this.#times[at] = time;
    NAMES.forEach((name, i) => {
      // NaN stands for null here.
      this.#values[at * NAMES.length + i] = point[name] ?? NaN;
    });
  }

  after(since: number): Timeline {
    const time: number[] = [];
    const columns = NAMES.map((): (number | null)[] => []);
    for (
      let n = Math.max(0, this.#count - this.#most);
      n < this.#count;
      n++
    ) {
      const at = n % this.#most;
      if (!(this.#times[at]! > since)) continue;
      time.push(this.#times[at]!);
      for (let i = 0; i < NAMES.length; i++) {
        const value = this.#values[at * NAMES.length + i]!;
        columns[i]!.push(Number.isNaN(value) ? null : value);
      }
    }
    const entries = NAMES.map((name, i) => [name, columns[i]!]);
    return { time, ...Object.fromEntries(entries) as Columns };
  }
}

/** Points of the long ring have so many of the short one. */
const TOGETHER = 10;

/** 5 minutes by the second and an hour by ten seconds, and no more. */
export class History {
  #fine: Ring = new Ring(300);
  #coarse: Ring = new Ring(360);
  #waiting: Point[] = [];

  /** Adds a moment; there is one a second. */
  add(time: number, point: Point): void {
    this.#fine.add(time, point);
    this.#waiting.push(point);
    if (this.#waiting.length < TOGETHER) return;
    this.#coarse.add(time, together(this.#waiting));
    this.#waiting = [];
  }

  /** Forgets all. */
  clear(): void {
    this.#fine = new Ring(300);
    this.#coarse = new Ring(360);
    this.#waiting = [];
  }

  /**
   * The moments of a range.
   *
   * @param since Only those after it, in milliseconds since 1970.
   */
  timeline(range: "5m" | "1h", since: number): Timeline {
    return (range === "5m" ? this.#fine : this.#coarse).after(since);
  }
}

function together(points: readonly Point[]): Point {
  const entries = NAMES.map((name) => {
    const known = points.map((point) => point[name])
      .filter((value) => value !== null);
    if (known.length === 0) return [name, null];
    if (LAST.has(name)) return [name, known.at(-1)!];
    if (HIGHEST.has(name)) return [name, Math.max(...known)];
    return [name, known.reduce((a, b) => a + b, 0) / known.length];
  });
  return Object.fromEntries(entries) as Point;
}
