import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import { HttpError } from "../../http_error.ts";
import type { Env, Middleware } from "../../types.ts";
import { refuse } from "../_refuse.ts";

/** How long an answer may take. */
export interface TimeoutOptions {
  /** Seconds, or a text such as `"5s"`. */
  after: Duration;
  /**
   * The status of the answer then.
   *
   * @default {503}
   */
  status?: 503 | 504;
}

/**
 * Bounds the time of everything inside, middleware included; a route's own
 * `timeout` bounds its handler alone. What is given up still runs:
 * `ctx.state.timeout`, an AbortSignal, tells it. A body that is streamed has
 * its own time.
 *
 * @param options How long.
 * @returns The middleware.
 * @throws {TypeError} On an unknown option, or no duration.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { timeout } from "@oresty/router/timeout";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter().use(timeout({ after: "20ms" }));
 * router.get("/", () => new Promise(() => {}));
 * assertEquals((await router.request("/")).status, 503);
 * ```
 */
export function timeout(options: TimeoutOptions): Middleware<Env> {
  checkOptions("timeout", options, ["after", "status"]);
  const seconds = parseDuration(options?.after, `option "after" of timeout`);
  const { status = 503 } = options;
  if (status !== 503 && status !== 504) {
    refuse("timeout", "status", status, "503 or 504");
  }
  return (ctx, next) => {
    const controller = new AbortController();
    (ctx.state as Record<string, unknown>)["timeout"] = controller.signal;
    const answer = next();
    if (!(answer instanceof Promise)) return answer;
    return new Promise<Response>((resolve, reject) => {
      const timer = setTimeout(() => {
        const error = new HttpError(
          status,
          `The answer took over ${seconds} seconds`,
        );
        controller.abort(error);
        reject(error);
      }, seconds * 1000);
      answer.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  };
}
