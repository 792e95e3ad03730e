import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import type { Context } from "../../context.ts";
import { HttpError } from "../../http_error.ts";
import type { AnyContext } from "../../_access.ts";
import type { Env, Middleware, Next } from "../../types.ts";
import { after } from "../_after.ts";
import { type HeaderList, headerOf } from "../_answer_headers.ts";
import { checkMost } from "../_bounded_map.ts";
import { checkBoolean, checkFunction, isToken, refuse } from "../_refuse.ts";
import { clientKey } from "./_client_key.ts";
import { MemoryRateStore } from "./memory_store.ts";

/** How many requests in what time. */
export interface RatePolicy {
  /** Requests; so many may come at once. */
  readonly limit: number;
  /** The time in which so many tokens come back, in seconds. */
  readonly window: number;
}

/** What a store says of a request. */
export interface RateState {
  /** Whether it may pass. */
  readonly isAllowed: boolean;
  /** Requests that may still come at once. */
  readonly remaining: number;
  /** Seconds until the next one may; 0 when this one may. */
  readonly retryAfter: number;
  /** Seconds until all of the limit is there again. */
  readonly reset: number;
}

/** Where token buckets are kept; it may give a promise. */
export interface RateStore {
  /** Takes a token for a key, if there is one. */
  take(key: string, policy: RatePolicy): RateState | Promise<RateState>;
}

/** How often a client may come. */
export interface RateLimitOptions {
  /** Requests in a window; so many may also come at once. */
  limit: number;
  /**
   * The window, in seconds.
   *
   * @default {"1m"}
   */
  window?: Duration;
  /**
   * Tells clients apart; of null is not counted.
   *
   * @default {the address `ctx.ip`; of IPv6 the network of 64 bits}
   */
  key?: (
    ctx: Context<Record<string, string>, Env>,
  ) => string | null | Promise<string | null>;
  /**
   * Where buckets are kept.
   *
   * @default {a MemoryRateStore of 100,000 keys}
   */
  store?: RateStore;
  /**
   * The policy's name in the headers; of two limits each needs its own, and
   * then counts apart in a shared store.
   *
   * @default {"default"}
   */
  name?: string;
  /**
   * Whether answers say what is left.
   *
   * @default {true}
   */
  headers?: boolean;
}

/**
 * Bounds how often a client comes, by a token bucket: `limit` requests may come
 * at once, and as many come back within `window`, evenly. Beyond it the answer
 * is 429 with `Retry-After`; all answers carry `RateLimit` and
 * `RateLimit-Policy` (IETF draft ratelimit-headers-10). A store that fails lets
 * nobody in: the answer is 500.
 *
 * @param options How often.
 * @returns The middleware.
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 * @throws {RangeError} On a window out of range.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { rateLimit } from "@oresty/router/rate-limit";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter().use(rateLimit({ limit: 1, window: "1m" }));
 * router.get("/", () => "hello");
 *
 * const first = await router.request("/");
 * assertEquals(await first.text(), "hello");
 * assertEquals(first.headers.get("ratelimit"), `"default";r=0;t=60`);
 * const second = await router.request("/");
 * assertEquals([second.status, second.headers.get("retry-after")], [429, "60"]);
 * ```
 */
export function rateLimit(options: RateLimitOptions): Middleware<Env> {
  checkOptions("rateLimit", options, [
    "limit",
    "window",
    "key",
    "store",
    "name",
    "headers",
  ]);
  checkMost("rateLimit", "limit", options?.limit);
  const { limit, name = "default", headers = true } = options;
  const { key = (ctx) => clientKey(ctx.ip) } = options;
  const { store = new MemoryRateStore() } = options;
  checkFunction("rateLimit", "key", key);
  checkBoolean("rateLimit", "headers", headers);
  if (!isToken(name)) refuse("rateLimit", "name", name, "a token");
  if (typeof store?.take !== "function") {
    refuse("rateLimit", "store", store, `a store with the method "take"`);
  }
  const window = parseDuration(
    options.window ?? "1m",
    `option "window" of rateLimit`,
  );
  if (!(window > 0)) {
    throw new RangeError(
      `Cannot use option "window" of rateLimit: "${options.window}" was ` +
        `given, expected more than 0 seconds`,
    );
  }
  const policy: RatePolicy = { limit, window };
  const stated = `"${name}";q=${limit};w=${Math.ceil(window)}`;
  return async (ctx, next) => {
    const client = await key(ctx);
    if (client === null) return await next();
    const state = await store.take(`${name}:${client}`, policy);
    const left = `"${name}";r=${state.remaining};t=${Math.ceil(state.reset)}`;
    const list: HeaderList = headers
      ? [["ratelimit-policy", stated], ["ratelimit", left]]
      : [];
    if (state.isAllowed) return await answerAmong(ctx, next, name, list);
    throw new HttpError(429, undefined, {
      headers: {
        ...Object.fromEntries(list),
        "retry-after": `${Math.max(1, Math.ceil(state.retryAfter))}`,
      },
    });
  };
}

/**
 * As `answerWith`, but that another limit has such headers is no reason to
 * leave them out: they are lists.
 */
function answerAmong(
  ctx: AnyContext,
  next: Next,
  name: string,
  list: HeaderList,
): Response | Promise<Response> {
  for (const [header, value] of list) ctx.headers.append(header, value);
  return after(next(), (response) => {
    for (const [header, value] of list) {
      const own = headerOf(ctx, response, header);
      const isThere = own !== null &&
        (response.headers.has(header) || own.includes(`"${name}";`));
      if (!isThere) ctx.headers.append(header, value);
    }
    return response;
  });
}
