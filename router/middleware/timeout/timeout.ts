import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import { HttpError } from "../../http_error.ts";
import type { Env, Middleware } from "../../types.ts";
import { timerMilliseconds } from "../../_timer.ts";
import { refuse } from "../_refuse.ts";
import { discard } from "../_replace_body.ts";

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
 * @throws {RangeError} On a duration that is not above 0.
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
  if (seconds === 0) {
    throw new RangeError(
      `Cannot use option "after" of timeout: "${options.after}" was given, ` +
        `expected more than 0 seconds`,
    );
  }
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
      }, timerMilliseconds(seconds));
      answer.then((response) => {
        // What comes too late is nobody's; its source may wait for a reader.
        if (controller.signal.aborted) discard(response);
        else resolve(response);
      }, reject).finally(() => clearTimeout(timer));
    });
  };
}
