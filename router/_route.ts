import { checkOptions, parseDuration, parseSize } from "@oresty/core";
import { access, type AnyContext } from "./_access.ts";
import { compose, type Fail, type Run, runHandler } from "./_compose.ts";
import { HttpError } from "./http_error.ts";
import { timerMilliseconds } from "./_timer.ts";
import type { Env, Handler, Middleware, RouteOptions } from "./types.ts";
import { validator } from "./_validate.ts";

/** Middleware by place: a group, and the groups and router around it. */
export interface Scope {
  readonly parent: Scope | null;
  readonly middleware: Middleware<Env>[];
}

/** Middleware of a scope, the outermost first. */
export function middlewareOf(scope: Scope): Middleware<Env>[] {
  const outer = scope.parent === null ? [] : middlewareOf(scope.parent);
  return [...outer, ...scope.middleware];
}

/** A handler at its place in the table. */
export class Route {
  readonly method: string;
  readonly pattern: string;
  readonly name: string | undefined;
  readonly source: string | undefined;
  readonly #scope: Scope;
  readonly #run: Run;
  readonly #fail: Fail;
  /** Bytes of a body, or undefined for the router's own limit. */
  readonly #bodyLimit: number | undefined;
  #composed: Run | null = null;

  constructor(
    method: string,
    pattern: string,
    options: RouteOptions,
    handler: Handler<never, Env>,
    scope: Scope,
    fail: Fail,
  ) {
    checkOptions(`route "${method} ${pattern}"`, options, [
      "name",
      "params",
      "query",
      "body",
      "timeout",
      "bodyLimit",
      "source",
    ]);
    if (typeof handler !== "function") {
      throw new TypeError(
        `Cannot add route "${method} ${pattern}": ` +
          `"${handler}" was given as its handler, expected a function`,
      );
    }
    this.method = method;
    this.pattern = pattern;
    this.name = options.name;
    this.source = options.source;
    this.#scope = scope;
    this.#fail = fail;
    this.#bodyLimit = options.bodyLimit === undefined
      ? undefined
      : parseSize(options.bodyLimit, `option "bodyLimit"`);
    this.#run = runHandler(
      limited(validator(options, handler as Handler<unknown, Env>), options),
      fail,
    );
  }

  /** Answers with the middleware of now. */
  run(ctx: AnyContext): Response | Promise<Response> {
    return (this.#composed ??= this.#compose())(ctx);
  }

  /** Takes in middleware that came after the first request. */
  recompose(): void {
    this.#composed = null;
  }

  #compose(): Run {
    const run = compose(middlewareOf(this.#scope), this.#run, this.#fail);
    const size = this.#bodyLimit;
    if (size === undefined) return run;
    return (ctx) => {
      // Before the middleware, which may read the body too.
      const runtime = access.runtime(ctx);
      access.limit(ctx, { ...runtime, limits: { ...runtime.limits, size } });
      return run(ctx);
    };
  }
}

/** The handler with the time limit of its route, or itself without one. */
function limited(
  handler: Handler<unknown, Env>,
  { timeout }: RouteOptions,
): Handler<unknown, Env> {
  return timeout === undefined
    ? handler
    : withTimeout(handler, parseDuration(timeout, `option "timeout"`));
}

/** Gives up waiting for a handler; 0 seconds is never. */
export function withTimeout(
  handler: Handler<unknown, Env>,
  seconds: number,
): Handler<unknown, Env> {
  if (seconds === 0) return handler;
  return (ctx) => {
    const value = handler(ctx);
    if (!(value instanceof Promise)) return value;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new HttpError(503, `The handler took over ${seconds} seconds`),
        );
      }, timerMilliseconds(seconds));
      value.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  };
}
