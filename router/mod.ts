/**
 * Routes for web requests: typed parameters, middleware by scope, plain return
 * values, and bodies with limits.
 *
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter();
 * router.get("/users/:id", (ctx) => ({ id: ctx.params.id }));
 * assertEquals(await (await router.request("/users/7")).json(), { id: "7" });
 * ```
 *
 * Alone, without HTTP, {@linkcode Router} finds any value by method and path.
 *
 * @module
 */
export { Context, type EventStreamOptions, type Input } from "./context.ts";
export { type CookieOptions, Cookies } from "./cookies.ts";
export { EventWriter, type ServerEvent } from "./event_stream.ts";
export { escapeHtml, Html, html } from "./html.ts";
export { HttpError, type HttpErrorOptions, type Issue } from "./http_error.ts";
export { HttpRouter, type HttpRouterOptions } from "./http_router.ts";
export {
  JsonLogger,
  type JsonLoggerOptions,
  type Logger,
  type LogLevel,
} from "./log.ts";
export type { PathParams } from "./path_params.ts";
export type { RequestObserver } from "./request_observer.ts";
export { RouteGroup } from "./route_group.ts";
export { type Match, Router, type RouterOptions } from "./router.ts";
export { StreamWriter } from "./stream.ts";
export type { Templates } from "./templates.ts";
export type { TrustProxy } from "./_address.ts";
export type {
  AddRoute,
  DefaultEnv,
  Env,
  FetchHandler,
  Handler,
  Middleware,
  Next,
  RouteInfo,
  RouteOptions,
  Schema,
  SchemaIssue,
  SchemaOutput,
  SchemaResult,
  Validated,
} from "./types.ts";
