import type { RouteTable } from "./_route_table.ts";
import type { Scope } from "./_route.ts";
import type {
  AddRoute,
  DefaultEnv,
  Env,
  FetchHandler,
  Handler,
  Middleware,
  RouteOptions,
  Validated,
} from "./types.ts";
import { access } from "./_access.ts";
import { HttpError } from "./http_error.ts";
import { pathStart } from "./_path.ts";
import { parsePattern } from "./_pattern.ts";
import type { PathParams } from "./path_params.ts";

type Rest = readonly unknown[];

/**
 * Adds routes below a prefix, with middleware of its own.
 *
 * @typeParam E The environment.
 * @typeParam Prefix The pattern before all of its own.
 */
export class RouteGroup<
  E extends Env = DefaultEnv,
  Prefix extends string = "",
> {
  readonly #table: RouteTable;
  readonly #prefix: string;
  readonly #scope: Scope;
  /** Adds a route for GET, and so for HEAD. */
  readonly get: AddRoute<E, Prefix, this>;
  /** Adds a route for POST. */
  readonly post: AddRoute<E, Prefix, this>;
  /** Adds a route for PUT. */
  readonly put: AddRoute<E, Prefix, this>;
  /** Adds a route for PATCH. */
  readonly patch: AddRoute<E, Prefix, this>;
  /** Adds a route for DELETE. */
  readonly delete: AddRoute<E, Prefix, this>;
  /** Adds a route for OPTIONS, in place of the built-in answer. */
  readonly options: AddRoute<E, Prefix, this>;
  /** Adds a route for HEAD, in place of that of GET. */
  readonly head: AddRoute<E, Prefix, this>;
  /** Adds a route for every method that has no route of its own there. */
  readonly all: AddRoute<E, Prefix, this>;

  /** Made by the router and by `group`. */
  constructor(table: RouteTable, prefix: string, scope: Scope) {
    this.#table = table;
    this.#prefix = prefix;
    this.#scope = scope;
    const adder = (method: string): AddRoute<E, Prefix, this> =>
    (
      pattern: string,
      ...rest: Rest
    ) => {
      this.#add(method, pattern, rest);
      return this;
    };
    this.get = adder("GET");
    this.post = adder("POST");
    this.put = adder("PUT");
    this.patch = adder("PATCH");
    this.delete = adder("DELETE");
    this.options = adder("OPTIONS");
    this.head = adder("HEAD");
    this.all = adder("*");
  }

  /**
   * Adds a route for one or several methods, custom ones included.
   *
   * @param method `"PROPFIND"`, or a list.
   * @throws {TypeError} When a method or the pattern is none.
   * @throws {SyntaxError} When the pattern is malformed.
   * @throws {Error} When a route of the same shape has the method already.
   */
  on<const P extends string>(
    method: string | readonly string[],
    pattern: P,
    handler: Handler<PathParams<`${Prefix}${P}`>, E>,
  ): this;
  /** Adds a route with options for one or several methods. */
  on<const P extends string, const O extends RouteOptions>(
    method: string | readonly string[],
    pattern: P,
    options: O,
    handler: Handler<PathParams<`${Prefix}${P}`>, E, Validated<O>>,
  ): this;
  on(
    method: string | readonly string[],
    pattern: string,
    ...rest: Rest
  ): this {
    for (const one of typeof method === "string" ? [method] : method) {
      this.#add(one, pattern, rest);
    }
    return this;
  }

  /**
   * Adds middleware around every route of this scope, whether it was added
   * before or will be, and around the answers 404, 405 and OPTIONS below its
   * prefix.
   *
   * @param middleware The first is the outermost.
   */
  use(...middleware: Middleware<E>[]): this {
    for (const one of middleware) {
      if (typeof one !== "function") {
        throw new TypeError(
          `Cannot use "${one}" as middleware: expected a function`,
        );
      }
    }
    this.#scope.middleware.push(...middleware as Middleware<Env>[]);
    this.#table.recompose();
    return this;
  }

  /**
   * Adds routes below a prefix.
   *
   * @param prefix `"/admin"`, parameters allowed.
   * @param fill Adds them.
   */
  group<const P extends string>(
    prefix: P,
    fill: (group: RouteGroup<E, `${Prefix}${P}`>) => void,
  ): this {
    checkPrefix(prefix);
    const whole = join(this.#prefix, prefix.replace(/\/$/, "") || "/");
    const scope: Scope = { parent: this.#scope, middleware: [] };
    this.#table.addScope(whole, scope);
    fill(new RouteGroup(this.#table, whole, scope));
    return this;
  }

  /**
   * Hands everything below a prefix to another `fetch`: an app of any
   * framework. It sees the request without the prefix; what lives on the
   * original connection, such as a WebSocket upgrade, cannot pass.
   *
   * @param prefix `"/files"`; `"/"` takes all that no route takes.
   * @param handler A function, or an object with `fetch`.
   */
  mount(prefix: string, handler: FetchHandler | { fetch: FetchHandler }): this {
    checkPrefix(prefix);
    const fetch = typeof handler === "function"
      ? handler
      : handler.fetch.bind(handler);
    const whole = join(this.#prefix, prefix.replace(/\/$/, "") || "/");
    const depth = whole === ""
      ? 0
      : parsePattern(whole, true)[0]!.segments.length;
    const run: Handler<never, Env> = (ctx) =>
      fetch(below(ctx.request, depth), access.info(ctx));
    if (whole !== "") this.#table.add("*", whole, {}, run, this.#scope);
    this.#table.add("*", `${whole}/*`, {}, run, this.#scope);
    return this;
  }

  #add(method: string, pattern: string, rest: readonly unknown[]): void {
    const [options, handler] = rest.length === 1 ? [{}, rest[0]] : rest;
    if (typeof pattern !== "string" || !pattern.startsWith("/")) {
      throw new TypeError(
        `Cannot add route "${method} ${pattern}": ` +
          `expected a pattern that starts with "/"`,
      );
    }
    this.#table.add(
      method,
      join(this.#prefix, pattern) || "/",
      options as RouteOptions,
      handler as Handler<never, Env>,
      this.#scope,
    );
  }
}

function checkPrefix(prefix: string): void {
  if (typeof prefix !== "string" || !prefix.startsWith("/")) {
    throw new TypeError(
      `Cannot use prefix "${prefix}": expected a path that starts with "/"`,
    );
  }
}

/** "/" below a prefix is the prefix itself. */
function join(prefix: string, pattern: string): string {
  return pattern === "/" ? prefix : prefix + pattern;
}

/** The request with the first segments of its path left out. */
function below(request: Request, depth: number): Request {
  if (depth === 0) return request;
  if (request.method === "TRACE") {
    // fetch knows no such requests: none can be made for the other app.
    throw new HttpError(501);
  }
  const href = request.url;
  const start = pathStart(href);
  let at = start;
  for (let i = 0; i < depth && at >= 0; i++) at = href.indexOf("/", at + 1);
  const query = href.slice(start).search(/[?#]/);
  const end = query < 0 ? href.length : start + query;
  const path = at < 0 || at >= end ? "/" : href.slice(at, end);
  return new Request(href.slice(0, start) + path + href.slice(end), request);
}
