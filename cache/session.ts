/**
 * Sessions of the router in a cache: seen by all workers, and by all hosts where
 * the cache has a third tier.
 *
 * @module
 */
import type { TLCache } from "./tl_cache.ts";

/**
 * A store for `session({ store })` of `@oresty/router/session`.
 *
 * @example
 * ```ts
 * import { open } from "@oresty/cache";
 * import { CacheSessionStore } from "@oresty/cache/session";
 * import { HttpRouter } from "@oresty/router";
 * import { session, type SessionState } from "@oresty/router/session";
 * import { assertEquals } from "@std/assert";
 *
 * await using cache = await open("sessions", "example_sessions");
 * const router = new HttpRouter<{ app: unknown; state: SessionState }>({
 *   secrets: ["a secret of 32 characters or so."],
 * });
 * router.use(session({ store: new CacheSessionStore(cache) }));
 * router.get("/", (ctx) => {
 *   const visits = Number(ctx.state.session.get("visits") ?? 0) + 1;
 *   ctx.state.session.set("visits", visits);
 *   return { visits };
 * });
 *
 * const first = await router.request("/");
 * await first.body?.cancel();
 * const cookie = first.headers.get("set-cookie")!.split(";")[0]!;
 * const second = await router.request("/", { headers: { cookie } });
 * assertEquals(await second.json(), { visits: 2 });
 * ```
 */
export class CacheSessionStore {
  readonly #cache: TLCache;

  /** Keeps sessions in a cache, which should be used for nothing else. */
  constructor(cache: TLCache) {
    this.#cache = cache;
  }

  /** The text of a session, unless it expired. */
  async get(id: string): Promise<string | undefined> {
    const text = await this.#cache.get<string>(id);
    return typeof text === "string" ? text : undefined;
  }

  /** Keeps the text of a session for `ttl` seconds. */
  async set(id: string, text: string, ttl: number): Promise<void> {
    // 0 would be for ever.
    if (!(ttl > 0)) return await this.delete(id);
    await this.#cache.set(id, { ttl, ttlL3: ttl, jitter: 0 }, text);
  }

  /** Forgets a session. */
  async delete(id: string): Promise<void> {
    await this.#cache.delete(id);
  }
}
