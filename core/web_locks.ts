/** A lock that is held or waited for. */
export interface WebLockInfo {
  /** What it is called. */
  readonly name: string;
  /** The isolate, numbered from 1 in the order of first use. */
  readonly clientId: string;
}

/** How a lock is asked for; `signal` and `steal` exclude each other. */
export interface WebLockOptions {
  /** Whether the lock is given up at once when another holds it: null then. */
  ifAvailable?: boolean;
  /** Ends the wait. */
  signal?: AbortSignal;
  /** Whether the lock is taken from who holds it. */
  steal?: boolean;
}

/** The part of the Web Locks API (W3C) that is used. */
export interface WebLocks {
  /** Runs with the lock, and gives what that gave. */
  request<T>(
    name: string,
    options: WebLockOptions,
    run: (lock: WebLockInfo | null) => T | Promise<T>,
  ): Promise<T>;
  /** All locks of the process. */
  query(): Promise<{ held?: WebLockInfo[]; pending?: WebLockInfo[] }>;
}

/**
 * The locks that all isolates of the process share; the runtime has them since
 * 2.9, its types do not. A held lock keeps the process alive: hold it shortly.
 *
 * @throws {Error} On a runtime that has none.
 *
 * @example
 * ```ts
 * import { webLocks } from "@oresty/core";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await webLocks().request("example", {}, () => 7), 7);
 * ```
 */
export function webLocks(): WebLocks {
  const { locks } = navigator as { locks?: WebLocks };
  if (locks === undefined) {
    throw new Error("Cannot use Web Locks: expected Deno 2.9 or newer");
  }
  return locks;
}
