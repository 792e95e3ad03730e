import {
  checkOptions,
  type Duration,
  parseDuration,
  parseSize,
  type Size,
} from "@oresty/core";
import { access, type AnyContext } from "./_access.ts";
import { addressReader, type TrustProxy } from "./_address.ts";
import { type Fail, finish, runHandler } from "./_compose.ts";
import { errorResponse, logError, toHttpError } from "./_errors.ts";
import { Signer } from "./_hmac.ts";
import { isHost, pathOf } from "./_path.ts";
import { RouteTable } from "./_route_table.ts";
import type { Runtime } from "./_runtime.ts";
import { Context } from "./context.ts";
import { HttpError } from "./http_error.ts";
import { JsonLogger, type Logger } from "./log.ts";
import type { RequestObserver } from "./request_observer.ts";
import { RouteGroup } from "./route_group.ts";
import type { RouterOptions } from "./router.ts";
import type { Templates } from "./templates.ts";
import type { DefaultEnv, Env, Handler, RouteInfo } from "./types.ts";

type Answer = Response | Promise<Response>;

/** How an {@linkcode HttpRouter} behaves. */
export interface HttpRouterOptions extends RouterOptions {
  /**
   * What handlers find as `ctx.app`.
   *
   * @default {the router itself}
   */
  app?: unknown;
  /**
   * Whether answers to errors show message, stack and source.
   *
   * @default {false}
   */
  dev?: boolean;
  /**
   * Where errors and `ctx.log` go.
   *
   * @default {JSON lines on the standard streams}
   */
  log?: Logger;
  /** Renders `[data, "name.html"]`. */
  templates?: Templates;
  /**
   * Bytes of a body; 413 beyond them.
   *
   * @default {"1m"}
   */
  bodyLimit?: Size;
  /**
   * How long a body may take to arrive, in seconds; 408 beyond it.
   *
   * @default {30}
   */
  bodyTimeout?: Duration;
  /**
   * How long a handler may take, in seconds; 503 beyond it, 0 is for ever.
   *
   * @default {0}
   */
  timeout?: Duration;
  /**
   * Whose `X-Forwarded-For` is believed: nobody's, everybody's, that of so many
   * proxies before this host, or that of addresses and networks (`"loopback"`,
   * `"10.0.0.0/8"`).
   *
   * @default {false}
   */
  trustProxy?: TrustProxy;
  /** Secrets for signed cookies, newest first, 16 characters or more each. */
  secrets?: readonly string[];
  /** Hears of requests that a server hands over; not of those of `request()`. */
  observer?: RequestObserver;
}

const OPTIONS: readonly (keyof HttpRouterOptions)[] = [
  "app",
  "dev",
  "log",
  "templates",
  "bodyLimit",
  "bodyTimeout",
  "timeout",
  "trustProxy",
  "secrets",
  "observer",
  "caseSensitive",
  "trailingSlash",
];

/**
 * Routes web requests to handlers: `fetch` is all that a server needs.
 *
 * Built in: HEAD from GET, OPTIONS, 405 with Allow, 400 on a malformed Host or
 * path, one JSON shape for errors.
 *
 * @typeParam E The environment: types of `ctx.app` and `ctx.state`.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter();
 * router.get("/hello/:name", (ctx) => ({ hello: ctx.params.name }));
 *
 * const response = await router.request("/hello/Ada");
 * assertEquals(await response.json(), { hello: "Ada" });
 * // Deno.serve(router.fetch) serves it.
 * ```
 */
export class HttpRouter<E extends Env = DefaultEnv> extends RouteGroup<E> {
  readonly #table: RouteTable;
  readonly #runtime: Runtime;
  readonly #trailingSlash: RouterOptions["trailingSlash"];
  #onError: ((error: HttpError, ctx: Context<unknown, E>) => unknown) | null =
    null;
  #notFound: Handler<unknown, E> | null = null;
  readonly #failed: Fail = (error, ctx) => this.#fail(error, ctx);
  /** The Host of the last request: most come for the same one. */
  #lastHost: string | null = null;
  readonly #observer: RequestObserver | undefined;
  /** The route of the request that was taken last. */
  #route: string | null = null;
  /** Answers a request; bound, so that it can be handed to a server. */
  readonly fetch: (
    request: Request,
    info?: Deno.ServeHandlerInfo,
  ) => Response | Promise<Response>;

  /**
   * Makes a router without routes.
   *
   * @throws {TypeError} On an unknown option or one of a wrong kind.
   * @throws {RangeError} On a size or duration out of range.
   */
  constructor(options: HttpRouterOptions = {}) {
    checkOptions("HttpRouter", options, OPTIONS);
    const { caseSensitive, trailingSlash, secrets } = options;
    const paths: RouterOptions = {
      ...(caseSensitive === undefined ? {} : { caseSensitive }),
      ...(trailingSlash === undefined ? {} : { trailingSlash }),
    };
    const table = new RouteTable(
      paths,
      parseDuration(options.timeout ?? 0, `option "timeout"`),
      (error, ctx) => this.#fail(error, ctx),
    );
    super(table, "", table.root);
    this.#table = table;
    this.#trailingSlash = trailingSlash;
    const signer = secrets === undefined ? null : new Signer(secrets);
    this.#runtime = {
      app: options.app ?? this,
      dev: options.dev ?? false,
      log: options.log ?? new JsonLogger(),
      templates: options.templates ?? null,
      limits: {
        size: parseSize(options.bodyLimit ?? "1m", `option "bodyLimit"`),
        time: parseDuration(options.bodyTimeout ?? 30, `option "bodyTimeout"`),
      },
      addressOf: addressReader(options.trustProxy ?? false),
      signer: () => {
        if (signer !== null) return signer;
        throw new TypeError(
          `Cannot sign a cookie: the application has no option "secrets"`,
        );
      },
      urlFor: (name, params, query) => table.urlFor(name, params, query),
    };
    const { observer } = options;
    this.#observer = observer;
    this.fetch = observer === undefined
      ? (request, info) => this.#handle(request, info)
      : (request, info) =>
        info === undefined
          ? this.#unobserved(request)
          : this.#observed(request, info, observer);
  }

  /**
   * Answers without a server, for tests.
   *
   * @param target A path such as `"/users?page=2"`, a URL, or a Request.
   * @param init Method, headers and body, as of `fetch`.
   */
  async request(
    target: string | URL | Request,
    init?: RequestInit,
  ): Promise<Response> {
    const request = new Request(
      typeof target === "string" && target.startsWith("/")
        ? `http://localhost${target}`
        : target,
      init,
    );
    const response = await this.fetch(request);
    if (request.method !== "HEAD") return response;
    // As a server does.
    await response.body?.cancel();
    return new Response(null, response);
  }

  /**
   * Makes answers of errors in place of the built-in one.
   *
   * @param handler Gets the error as one with a status; what was thrown, when
   * it was another, is its `cause`. What it returns is answered with that
   * status.
   */
  onError(
    handler: (error: HttpError, ctx: Context<unknown, E>) => unknown,
  ): this {
    this.#onError = handler;
    return this;
  }

  /** Answers where no route matches, with status 404 unless it sets another. */
  notFound(handler: Handler<unknown, E>): this {
    this.#notFound = handler;
    return this;
  }

  /** All routes, in the order they were added. */
  routes(): RouteInfo[] {
    return this.#table.list();
  }

  /**
   * The path of a named route.
   *
   * @param name As given in the route's options.
   * @param params Its parameters.
   * @param query What to put behind "?".
   * @throws {TypeError} When there is no such route, or a parameter is missing
   * or not what the pattern takes.
   */
  urlFor(
    name: string,
    params?: Record<string, string | number>,
    query?: Record<string, string | number>,
  ): string {
    return this.#table.urlFor(name, params, query);
  }

  /** A handler may ask its own router: its route stays the one that counts. */
  #unobserved(request: Request): Answer {
    const outer = this.#route;
    const answer = this.#handle(request, undefined);
    this.#route = outer;
    return answer;
  }

  #observed(
    request: Request,
    info: Deno.ServeHandlerInfo,
    observer: RequestObserver,
  ): Answer {
    const began = observer.begin();
    const { method } = request;
    const outer = this.#route;
    this.#route = null;
    const answer = this.#handle(request, info);
    // Known by now: routes are found before anything is waited for.
    const route = this.#route;
    this.#route = outer;
    if (answer instanceof Promise) {
      return answer.then((response) => {
        observer.end(began, method, route, response.status);
        return response;
      });
    }
    observer.end(began, method, route, answer.status);
    return answer;
  }

  #handle(request: Request, info: Deno.ServeHandlerInfo | undefined): Answer {
    const href = request.url;
    const host = request.headers.get("host");
    if (host !== this.#lastHost && host !== null) {
      if (!isHost(host)) {
        const why = new HttpError(400, "The Host header is malformed");
        const ctx = this.#context(request, info, href, "/");
        return finish(this.#fail(why, ctx), ctx, this.#failed);
      }
      this.#lastHost = host;
    }
    const path = pathOf(href);
    let match;
    try {
      match = this.#table.find(request.method, path);
    } catch (error) {
      const why = new HttpError(400, "The path is malformed", { cause: error });
      const ctx = this.#context(request, info, href, path);
      const answer = this.#table.runMiss(
        ctx,
        "/",
        (ctx) => this.#fail(why, ctx),
      );
      return finish(answer, ctx, this.#failed);
    }
    if (match === null) {
      const ctx = this.#context(request, info, href, path);
      const answer = this.#table.runMiss(ctx, path, (ctx) => this.#miss(ctx));
      return finish(answer, ctx, this.#failed);
    }
    const { value: route, params } = match;
    this.#route = route.pattern;
    const ctx: AnyContext = new Context(
      this.#runtime,
      request,
      info,
      href,
      path,
      params,
      route.pattern,
    );
    return finish(route.run(ctx), ctx, this.#failed);
  }

  #context(
    request: Request,
    info: Deno.ServeHandlerInfo | undefined,
    href: string,
    path: string,
  ): AnyContext {
    return new Context(
      this.#runtime,
      request,
      info,
      href,
      path,
      Object.create(null),
      null,
    );
  }

  /** Answers where no route does. */
  #miss(ctx: AnyContext): Answer {
    const { method, path } = ctx;
    // "OPTIONS *" asks about the whole server; Deno's URL has it as "/*".
    const allowed = method === "OPTIONS" && path === "/*"
      ? this.#table.methods()
      : this.#table.allowed(path);
    if (allowed.length > 0) {
      const allow = [...new Set([...allowed, "OPTIONS"])]
        .filter((method) => method !== "*").join(", ");
      if (method === "OPTIONS") {
        return new Response(null, { status: 204, headers: { allow } });
      }
      return this.#fail(
        new HttpError(405, undefined, { headers: { allow } }),
        ctx,
      );
    }
    const other = this.#otherSlash(ctx);
    if (other !== null) return ctx.redirect(other, 308);
    if (this.#notFound === null) return this.#fail(new HttpError(404), ctx);
    ctx.status(404);
    return runHandler(
      this.#notFound as Handler<unknown, Env>,
      (error, ctx) => this.#fail(error, ctx),
    )(ctx);
  }

  /** The path with or without its last slash, where that one has a route. */
  #otherSlash(ctx: AnyContext): string | null {
    if (this.#trailingSlash !== "redirect" || ctx.path === "/") return null;
    const other = ctx.path.endsWith("/")
      ? ctx.path.slice(0, -1)
      : `${ctx.path}/`;
    // "//host" would send the client to another host.
    if (/^[/\\]{2}/.test(other) || this.#table.allowed(other).length === 0) {
      return null;
    }
    const href = ctx.request.url;
    const query = href.indexOf("?");
    return query < 0 ? other : other + href.slice(query);
  }

  #fail(thrown: unknown, ctx: AnyContext): Answer {
    // What was prepared for success stays off the answer to an error.
    access.prepared(ctx)?.clear();
    const error = toHttpError(thrown);
    access.failed(ctx, thrown);
    logError(error, ctx);
    if (error.status >= 500) this.#observer?.failed?.(error.cause ?? error);
    if (this.#onError === null) return errorResponse(error, ctx);
    const handler = this.#onError;
    ctx.status(error.status);
    for (const [name, value] of error.headers) ctx.headers.append(name, value);
    return runHandler(
      (ctx) => handler(error, ctx as Context<unknown, E>),
      (again, ctx) => {
        access.prepared(ctx)?.clear();
        logError(toHttpError(again), ctx);
        return errorResponse(error, ctx);
      },
    )(ctx);
  }
}
