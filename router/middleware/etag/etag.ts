import { checkOptions, parseSize, type Size } from "@oresty/core";
import type { AnyContext } from "../../_access.ts";
import type { Env, Middleware } from "../../types.ts";
import { after } from "../_after.ts";
import { headerOf } from "../_answer_headers.ts";
import { listsTag } from "../_entity_tag.ts";
import { ReadAhead } from "../_read_ahead.ts";
import { checkBoolean } from "../_refuse.ts";
import { discard, replaceBody } from "../_replace_body.ts";

/** Which answers get an entity tag, and of what kind. */
export interface EtagOptions {
  /**
   * Whether tags are weak: the same to a reader, not byte by byte.
   *
   * @default {false}
   */
  weak?: boolean;
  /**
   * Bytes of a body beyond which none is computed.
   *
   * @default {"1m"}
   */
  limit?: Size;
}

/**
 * Entity tags and `304 Not Modified` (RFC 9110, sections 8.8.3 and 13.1.2) for
 * the 200 of GET and HEAD. A tag that the handler set is used as it is; else it
 * is a digest of the body, where that is there as a whole: not of streams, nor
 * of what says `no-store`.
 *
 * The handler still runs: what is saved is the way to the client.
 *
 * @param options Which, and of what kind.
 * @returns The middleware; inside of `compress`.
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 * @throws {RangeError} On a limit out of range.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { etag } from "@oresty/router/etag";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter().use(etag());
 * router.get("/", () => ({ hello: "world" }));
 *
 * const first = await router.request("/");
 * await first.body?.cancel();
 * const again = await router.request("/", {
 *   headers: { "if-none-match": first.headers.get("etag")! },
 * });
 * assertEquals(again.status, 304);
 * ```
 */
export function etag(options: EtagOptions = {}): Middleware<Env> {
  checkOptions("etag", options, ["weak", "limit"]);
  const { weak = false } = options;
  checkBoolean("etag", "weak", weak);
  const limit = parseSize(options.limit ?? "1m", `option "limit"`);
  return (ctx, next) =>
    after(next(), (response) => {
      const { method } = ctx;
      if (response.status !== 200 || (method !== "GET" && method !== "HEAD")) {
        return response;
      }
      const own = headerOf(ctx, response, "etag");
      if (own !== null) return conditional(ctx, response, own) ?? response;
      return isTaggable(ctx, response)
        ? tagged(ctx, response, weak, limit)
        : response;
    });
}

function isTaggable(ctx: AnyContext, response: Response): boolean {
  if (response.body === null || response.bodyUsed) return false;
  const type = headerOf(ctx, response, "content-type") ?? "";
  const cache = headerOf(ctx, response, "cache-control") ?? "";
  return !/^\s*text\/event-stream/i.test(type) && !/\bno-store\b/i.test(cache);
}

async function tagged(
  ctx: AnyContext,
  response: Response,
  weak: boolean,
  limit: number,
): Promise<Response> {
  if (Number(response.headers.get("content-length")) > limit) return response;
  const ahead = await ReadAhead.of(response.body!, limit);
  if (!ahead.isWhole || ahead.size > limit) {
    return replaceBody(response, ahead.body());
  }
  const bytes = ahead.bytes();
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  const text = new Uint8Array(hash, 0, 18).toBase64({ alphabet: "base64url" });
  const headers = new Headers(response.headers);
  headers.set("etag", `${weak ? "W/" : ""}"${text}"`);
  const whole = replaceBody(response, bytes, headers);
  return conditional(ctx, whole, headers.get("etag")!) ?? whole;
}

/** Headers of what is not sent; the client keeps those it has. */
const OF_CONTENT = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-range",
  "content-type",
];

/** 304 when the client has the answer already. */
function conditional(
  ctx: AnyContext,
  response: Response,
  tag: string,
): Response | null {
  const condition = ctx.request.headers.get("if-none-match");
  if (condition === null || !listsTag(condition, tag, true)) return null;
  const headers = new Headers(response.headers);
  for (const name of OF_CONTENT) headers.delete(name);
  discard(response);
  return replaceBody(response, null, headers, 304);
}
