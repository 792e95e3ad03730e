import { access, type AnyContext } from "./_access.ts";
import { respond } from "./_respond.ts";
import type { Env, Handler, Middleware } from "./types.ts";

type Answer = Response | Promise<Response>;
/** Answers, and never throws: errors are answers too. */
export type Run = (ctx: AnyContext) => Answer;
/** Makes an answer of an error. */
export type Fail = (error: unknown, ctx: AnyContext) => Answer;

/**
 * A handler with its errors turned into answers. No promise is made where the
 * handler makes none.
 */
export function runHandler(
  handler: Handler<unknown, Env>,
  fail: Fail,
): Run {
  return (ctx) => {
    try {
      const value = handler(ctx);
      if (!(value instanceof Promise)) {
        const answer = respond(value, ctx);
        return answer instanceof Promise
          ? answer.catch((error) => fail(error, ctx))
          : answer;
      }
      return value.then((value) => respond(value, ctx))
        .catch((error) => fail(error, ctx));
    } catch (error) {
      return fail(error, ctx);
    }
  };
}

/** Puts middleware around what answers; the first is the outermost. */
export function compose(
  middleware: readonly Middleware<Env>[],
  run: Run,
  fail: Fail,
): Run {
  return middleware.reduceRight<Run>(
    (inner, outer) => wrap(outer, inner, fail),
    run,
  );
}

function wrap(outer: Middleware<Env>, inner: Run, fail: Fail): Run {
  return (ctx) => {
    let passed: Answer | undefined;
    const next = (): Answer => {
      if (passed !== undefined) {
        throw new Error(
          `Cannot call next() of ${nameOf(outer)}: it was called already`,
        );
      }
      return passed = inner(ctx);
    };
    const settle = (value: unknown): Answer => {
      if (value !== undefined) return respond(value, ctx);
      if (passed !== undefined) return passed;
      throw new Error(
        `Cannot answer: ${nameOf(outer)} returned nothing ` +
          `and did not call next()`,
      );
    };
    try {
      const value = outer(ctx as never, next);
      // Its own answer passed on, which is the usual middleware.
      if (value instanceof Response) return value;
      if (value instanceof Promise) {
        return value.then(settle).catch((error) => fail(error, ctx));
      }
      const answer = settle(value);
      // A view may be rendered later, and fail there.
      return value !== undefined && answer instanceof Promise
        ? answer.catch((error) => fail(error, ctx))
        : answer;
    } catch (error) {
      return fail(error, ctx);
    }
  };
}

function nameOf(middleware: Middleware<Env>): string {
  return middleware.name === ""
    ? "a middleware"
    : `middleware "${middleware.name}"`;
}

/** Sends the answer out with what was prepared beside it. */
export function finish(answer: Answer, ctx: AnyContext, fail: Fail): Answer {
  return answer instanceof Promise
    ? answer.then((response) => send(response, ctx, fail))
    : send(answer, ctx, fail);
}

function send(response: Response, ctx: AnyContext, fail: Fail): Answer {
  try {
    return access.finish(ctx, response);
  } catch (error) {
    // A Response that a handler kept, and whose stream was sent before.
    return fail(error, ctx);
  }
}
