import { checkOptions } from "@oresty/core";
import { access } from "../../_access.ts";
import { isRequestId } from "../../_request_id.ts";
import type { Env, Middleware } from "../../types.ts";
import { answerWith } from "../_answer_headers.ts";
import { checkBoolean, checkFunction, isToken, refuse } from "../_refuse.ts";

/** How requests are named. */
export interface RequestIdOptions {
  /**
   * The header of the answer.
   *
   * @default {"x-request-id"}
   */
  header?: string;
  /**
   * Whether the id that a client sent as `X-Request-Id` is taken, where it is
   * harmless in a log.
   *
   * @default {true}
   */
  trust?: boolean;
  /**
   * Makes an id in place of a random UUID, when `trust` is false: 1 to 128
   * letters, digits, and `. _ : -`.
   */
  generate?: () => string;
}

const EXPECTED = "a function that gives 1 to 128 letters, digits, and . _ : -";

/**
 * Sends `ctx.requestId` with the answer, so that a client can name the request
 * that its complaint is about.
 *
 * @param options How requests are named.
 * @returns The middleware; the outermost.
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { requestId } from "@oresty/router/request-id";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter().use(requestId());
 * const { headers } = await router.request("/", {
 *   headers: { "x-request-id": "r-1" },
 * });
 * assertEquals(headers.get("x-request-id"), "r-1");
 * ```
 */
export function requestId(options: RequestIdOptions = {}): Middleware<Env> {
  checkOptions("requestId", options, ["header", "trust", "generate"]);
  const { header = "x-request-id", trust = true } = options;
  const { generate = () => crypto.randomUUID() } = options;
  if (!isToken(header)) refuse("requestId", "header", header, "a header name");
  checkBoolean("requestId", "trust", trust);
  checkFunction("requestId", "generate", generate);
  return (ctx, next) => {
    if (!trust) {
      const id = generate();
      if (!isRequestId(id)) refuse("requestId", "generate", id, EXPECTED);
      access.identify(ctx, id);
    }
    return answerWith(ctx, next, [[header, ctx.requestId]]);
  };
}
