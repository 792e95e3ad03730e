import { checkOptions } from "@oresty/core";
import { BoundedMap, checkMost } from "../_bounded_map.ts";
import type { SessionStore } from "./session.ts";

/** How much a {@linkcode MemorySessionStore} keeps. */
export interface MemorySessionStoreOptions {
  /**
   * Sessions at most; beyond it that which was longest unused is dropped.
   *
   * @default {10_000}
   */
  most?: number;
}

interface Entry {
  readonly text: string;
  /** In milliseconds since 1970. */
  readonly until: number;
}

/**
 * Sessions in this isolate: gone with it, and not seen by other workers. It has
 * no timer; what has expired goes as others come.
 *
 * @example
 * ```ts
 * import { MemorySessionStore } from "@oresty/router/session";
 * import { assertEquals } from "@std/assert";
 *
 * const store = new MemorySessionStore({ most: 2 });
 * store.set("a", "{}", 60);
 * assertEquals(store.get("a"), "{}");
 * assertEquals(store.get("b"), undefined);
 * ```
 */
export class MemorySessionStore implements SessionStore {
  readonly #entries: BoundedMap<Entry>;

  /**
   * Makes an empty one.
   *
   * @throws {TypeError} On an unknown option or one of a wrong kind.
   */
  constructor(options: MemorySessionStoreOptions = {}) {
    checkOptions("MemorySessionStore", options, ["most"]);
    const { most = 10_000 } = options;
    checkMost("MemorySessionStore", "most", most);
    this.#entries = new BoundedMap(most);
  }

  /** The text of a session, unless it expired. */
  get(id: string): string | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    if (entry.until > Date.now()) return entry.text;
    this.#entries.delete(id);
    return undefined;
  }

  /** Keeps the text of a session for `ttl` seconds. */
  set(id: string, text: string, ttl: number): void {
    const now = Date.now();
    this.#entries.sweep(({ until }) => until <= now);
    this.#entries.set(id, { text, until: now + ttl * 1000 });
  }

  /** Forgets a session. */
  delete(id: string): void {
    this.#entries.delete(id);
  }

  /** Sessions that are kept, those that expired and were not met since too. */
  get size(): number {
    return this.#entries.size;
  }
}
