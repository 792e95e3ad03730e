import type { LoadOptions } from "./options.ts";

/** What a loader is told, and may say of its value: its last argument. */
export interface LoaderContext {
  /** The key that is loaded. */
  readonly key: string;
  /** Fires when the load takes longer than `hardTimeout`, or the cache closes. */
  readonly signal: AbortSignal;
  /** The value that has ended, when there is one. */
  readonly staleValue: unknown;
  /**
   * How long the value is fresh, in seconds or as "5m"; 0 is for ever, a
   * negative number that it is not kept.
   */
  ttl(value: number | string): void;
  /** The value is not kept. */
  skip(): void;
  /** Fails with a message. */
  fail(message: string): never;
  /** More names to forget the value by. */
  tags(names: readonly string[]): void;
  /** Other options for this value. */
  setOptions(options: LoadOptions): void;
}

/**
 * Gives the value of a key. `null` and `undefined` say that it is absent, and
 * that is kept too. It is called with the arguments of `get`, then the
 * {@linkcode LoaderContext}.
 */
export type Loader<T, A extends unknown[] = []> = (
  ...args: [...A, LoaderContext]
) => T | Promise<T>;
