import { checkOptions } from "@oresty/core";
import type { Context } from "../../context.ts";
import { HttpError } from "../../http_error.ts";
import type { Env, Middleware } from "../../types.ts";
import { originMatcher } from "../_origin.ts";
import { checkFunction, refuse } from "../_refuse.ts";

/** Who may change something beside the pages of this host. */
export interface CsrfOptions {
  /**
   * Other origins whose pages are believed: exact ones, patterns such as
   * `"https://*.example.com"`, regular expressions (the whole origin has to
   * match).
   *
   * @default {[]}
   */
  origins?: readonly (string | RegExp)[];
  /** Requests that are let through unseen, such as webhooks. */
  skip?: (ctx: Context<Record<string, string>, Env>) => boolean;
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS", "QUERY", "TRACE"]);

/**
 * Refuses, with 403, what a page of another site makes a browser send with the
 * visitor's cookies. There are no tokens: `Sec-Fetch-Site` decides, which every
 * browser sends since 2023 and no page can forge, then `Origin`, compared to
 * `Host`. Methods that change nothing pass; so does a request that has neither
 * header, since no browser made it.
 *
 * @param options Who else is believed.
 * @returns The middleware; inside of `cors`.
 * @throws {TypeError} On an unknown option or an origin that no browser sends.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { csrf } from "@oresty/router/csrf";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter().use(csrf());
 * router.post("/pay", () => "paid");
 *
 * const pay = async (site: string) => {
 *   const headers = { "sec-fetch-site": site };
 *   const response = await router.request("/pay", { method: "POST", headers });
 *   await response.body?.cancel();
 *   return response.status;
 * };
 * assertEquals(await pay("same-origin"), 200);
 * assertEquals(await pay("cross-site"), 403);
 * ```
 */
export function csrf(options: CsrfOptions = {}): Middleware<Env> {
  checkOptions("csrf", options, ["origins", "skip"]);
  const { origins = [], skip } = options;
  checkFunction("csrf", "skip", skip);
  if (!Array.isArray(origins)) {
    refuse("csrf", "origins", origins, "a list of origins");
  }
  const isTrusted = originMatcher("csrf", "origins", origins);
  return (ctx, next) => {
    if (SAFE.has(ctx.method) || skip?.(ctx) === true) return next();
    const { headers } = ctx.request;
    const origin = headers.get("origin");
    if (origin !== null && isTrusted(origin)) return next();
    const site = headers.get("sec-fetch-site");
    const isOwn = site === null
      ? origin === null || hostOf(origin) === hostHeader(headers, ctx)
      // "none" is the visitor's own doing, such as a bookmark.
      : site === "same-origin" || site === "none";
    if (!isOwn) throw new HttpError(403, "The request is of another site");
    return next();
  };
}

/** Host and port of an origin; null for `null` and what is none. */
function hostOf(origin: string): string | null {
  const host = URL.parse(origin)?.host;
  return host ? withoutPort(host) : null;
}

/** As `hostOf` writes it. */
function hostHeader(
  headers: Headers,
  ctx: Context<Record<string, string>, Env>,
): string {
  return withoutPort((headers.get("host") ?? ctx.url.host).toLowerCase());
}

/** A proxy may speak https where this server does not: both ports go. */
function withoutPort(host: string): string {
  return host.replace(/:(?:80|443)$/, "");
}
