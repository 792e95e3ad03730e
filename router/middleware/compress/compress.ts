import { checkOptions, parseSize, type Size } from "@oresty/core";
import type { AnyContext } from "../../_access.ts";
import { HttpError } from "../../http_error.ts";
import type { Env, Middleware } from "../../types.ts";
import { after } from "../_after.ts";
import { headerOf, varyBy } from "../_answer_headers.ts";
import { listsTag } from "../_entity_tag.ts";
import { ReadAhead } from "../_read_ahead.ts";
import { checkFunction, refuse } from "../_refuse.ts";
import { discard, replaceBody } from "../_replace_body.ts";
import { acceptedEncodings } from "./_accept_encoding.ts";
import { isCompressible, mustFlow } from "./_compressible.ts";
import { encoderOf, type Encoding } from "./_encoder.ts";

/** Which answers are compressed, and how. */
export interface CompressOptions {
  /**
   * The codings, of which the first wins where the client likes several alike.
   *
   * @default {["zstd", "br", "gzip"]}
   */
  encodings?: readonly ("zstd" | "br" | "gzip")[];
  /**
   * Bytes of a body below which it goes out as it is. Streams are compressed
   * whatever their size, since it is not known.
   *
   * @default {1024}
   */
  threshold?: Size;
  /**
   * Tells by the media type, in lower case and without parameters, whether an
   * answer is worth it.
   *
   * @default {texts, JSON, XML, scripts, SVG, WebAssembly and the like}
   */
  filter?: (type: string) => boolean;
}

const ENCODINGS: readonly Encoding[] = ["zstd", "br", "gzip"];
/** Bytes of a body that is compressed at once; a larger one is streamed. */
const AT_ONCE = 65_536;
/** Headers that tell of the bytes before they are compressed. */
const OF_BYTES = [
  "accept-ranges",
  "content-digest",
  "content-length",
  "content-md5",
  "repr-digest",
];

/**
 * Compresses answers by zstd, brotli or gzip, as `Accept-Encoding` asks (RFC
 * 9110, section 12.5.3). A client that refuses the plain form (`identity;q=0`)
 * gets any answer compressed, or 406 where it takes none of the codings.
 *
 * Left alone are answers that have a `Content-Encoding`, say `no-transform`, are
 * a part (206), or are made of events (`text/event-stream`). Of other streams,
 * what was written goes out before more is waited for. A strong entity tag
 * becomes a weak one.
 *
 * Secrets beside texts that a client chose should not be compressed together:
 * the size tells about them (BREACH).
 *
 * @param options Which, and how.
 * @returns The middleware; outside of `etag`.
 * @throws {TypeError} On an unknown option or coding.
 * @throws {RangeError} On a threshold out of range.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { compress } from "@oresty/router/compress";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter().use(compress());
 * router.get("/", () => "hello ".repeat(1000));
 *
 * const response = await router.request("/", {
 *   headers: { "accept-encoding": "gzip, br;q=0.5" },
 * });
 * assertEquals(response.headers.get("content-encoding"), "gzip");
 * const text = response.body!.pipeThrough(new DecompressionStream("gzip"));
 * assertEquals((await new Response(text).text()).length, 6000);
 * ```
 */
export function compress(options: CompressOptions = {}): Middleware<Env> {
  checkOptions("compress", options, ["encodings", "threshold", "filter"]);
  const { encodings = ENCODINGS, filter = isCompressible } = options;
  const threshold = parseSize(
    options.threshold ?? 1024,
    `option "threshold"`,
  );
  checkFunction("compress", "filter", filter);
  if (!Array.isArray(encodings) || encodings.length === 0) {
    refuse("compress", "encodings", encodings, "a list of codings");
  }
  for (const encoding of encodings) {
    if (!ENCODINGS.includes(encoding)) {
      refuse("compress", "encodings", encoding, `"zstd", "br" or "gzip"`);
    }
  }
  return (ctx, next) =>
    after(next(), (response) => {
      if (response.status === 304) {
        // It stands for an answer that may have been compressed.
        varyBy(ctx, response, "accept-encoding");
        return confirm(ctx, response);
      }
      const type = (headerOf(ctx, response, "content-type") ?? "")
        .split(";", 1)[0]!.trim().toLowerCase();
      const isHead = ctx.method === "HEAD" &&
        response.headers.has("content-length");
      if (
        response.body === null && !isHead ||
        !isChangeable(ctx, response, type)
      ) return response;
      const header = ctx.request.headers.get("accept-encoding");
      const accepted = acceptedEncodings(header);
      const isWorth = filter(type);
      if (!isWorth && accepted.identity) return response;
      varyBy(ctx, response, "accept-encoding");
      const encoding = accepted.best(encodings) as Encoding | null;
      if (encoding !== null) {
        const least = accepted.identity ? threshold : 0;
        return encode(ctx, response, encoding, least);
      }
      if (accepted.identity || !response.ok) return response;
      discard(response);
      throw new HttpError(406, "No content coding is acceptable", {
        headers: { "accept-encoding": encodings.join(", ") },
      });
    });
}

function isChangeable(
  ctx: AnyContext,
  response: Response,
  type: string,
): boolean {
  return response.status !== 206 && !response.bodyUsed && !mustFlow(type) &&
    headerOf(ctx, response, "content-encoding") === null &&
    headerOf(ctx, response, "content-range") === null &&
    !/\bno-transform\b/i.test(headerOf(ctx, response, "cache-control") ?? "");
}

async function encode(
  ctx: AnyContext,
  response: Response,
  encoding: Encoding,
  threshold: number,
): Promise<Response> {
  const length = response.headers.get("content-length");
  if (length !== null && Number(length) < threshold) return response;
  const ahead = response.body === null
    ? null
    : await ReadAhead.of(response.body, AT_ONCE);
  if (ahead?.isWhole && ahead.size < threshold) {
    return replaceBody(response, ahead.bytes());
  }
  const headers = new Headers(response.headers);
  headers.set("content-encoding", encoding);
  for (const name of OF_BYTES) headers.delete(name);
  const tag = headerOf(ctx, response, "etag");
  if (tag !== null && tag.startsWith('"')) headers.set("etag", `W/${tag}`);
  const encoder = await encoderOf(encoding);
  if (ahead?.isWhole && ahead.size <= AT_ONCE) {
    return replaceBody(response, encoder.whole(ahead.bytes()), headers);
  }
  if (ahead === null || ctx.method === "HEAD") {
    ahead?.cancel().catch(() => {});
    return replaceBody(response, ofUnknownLength(), headers);
  }
  return replaceBody(response, encoder.stream(ahead), headers);
}

/** For HEAD: the runtime would say of no body that its length is 0. */
function ofUnknownLength(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}

/**
 * A tag that the client has as a weak one, since its answer was compressed, is
 * sent as that: a cache takes a strong one for another answer's (RFC 9111,
 * section 4.3.4).
 */
function confirm(ctx: AnyContext, response: Response): Response {
  const tag = headerOf(ctx, response, "etag");
  const condition = ctx.request.headers.get("if-none-match");
  if (tag === null || condition === null || tag.startsWith("W/")) {
    return response;
  }
  const isWeak = listsTag(condition, tag, true) &&
    !listsTag(condition, tag, false);
  if (!isWeak) return response;
  const headers = new Headers(response.headers);
  headers.set("etag", `W/${tag}`);
  return replaceBody(response, null, headers);
}
