/** A sum that only grows. */
export interface Counter {
  /**
   * Adds to it.
   *
   * @param value Finite, and not negative.
   * @default {1}
   * @throws {TypeError} On another value: VALUE_FORMAT_ERR.
   */
  incr(value?: number): void;
}

/** A value that goes up and down; each isolate has its own part of it. */
export interface Gauge {
  /**
   * Sets this isolate's part.
   *
   * @throws {TypeError} When it is no finite number: VALUE_FORMAT_ERR.
   */
  set(value: number): void;
  /** Adds to this isolate's part, 1 where nothing is said. */
  incr(value?: number): void;
  /** Takes from this isolate's part, 1 where nothing is said. */
  decr(value?: number): void;
}

/** A distribution of values over buckets. */
export interface Histogram {
  /**
   * Takes a value.
   *
   * @throws {TypeError} When it is no finite number: VALUE_FORMAT_ERR.
   */
  observe(value: number): void;
}

/** A histogram of times in seconds. */
export interface Timer extends Histogram {
  /** Begins to measure. */
  start(): Stopwatch;
}

/** A measurement that runs; `using` ends it with its scope. */
export interface Stopwatch extends Disposable {
  /** Ends the measurement, once, and gives its seconds. */
  stop(): number;
}
