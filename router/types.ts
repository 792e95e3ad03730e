import type { Context } from "./context.ts";
import type { PathParams } from "./path_params.ts";
import type { Duration, Size } from "@oresty/core";

/** What an application adds to the types of its contexts. */
export interface Env {
  /** Type of `ctx.app`. */
  app: unknown;
  /** Type of `ctx.state`. */
  state: object;
}

/** The environment of a router that declares none. */
export interface DefaultEnv extends Env {
  /** Whatever was given as `app`. */
  app: unknown;
  /** Anything by name. */
  state: Record<string, unknown>;
}

/**
 * Answers a request. What it returns becomes the answer: a Response as it is,
 * an object, array, number or boolean as JSON, a string as text, `html` as
 * HTML, `[data, "name.html"]` as a rendered template, bytes and streams as
 * they are, null or undefined as 204.
 *
 * @typeParam P The parameters of the path.
 * @typeParam E The environment.
 * @typeParam V What was validated.
 */
export type Handler<
  P = Record<string, string>,
  E extends Env = DefaultEnv,
  V = unknown,
> = (ctx: Context<P, E, V>) => unknown;

/** Runs what is inside of a middleware and gives its answer, errors included. */
export type Next = () => Response | Promise<Response>;

/**
 * Runs around handlers. It returns the answer of `next()`, changed or not, or
 * an own answer without calling it; returning nothing after `next()` was
 * called passes the answer on.
 */
export type Middleware<E extends Env = DefaultEnv> = (
  ctx: Context<Record<string, string>, E>,
  next: Next,
) => unknown;

/** Answers a web request: another router's or library's `fetch`. */
export type FetchHandler = (
  request: Request,
  info?: Deno.ServeHandlerInfo,
) => Response | Promise<Response>;

/**
 * A validator as of the Standard Schema specification, version 1, which
 * valibot, zod, arktype and others implement.
 *
 * @typeParam T What comes out of it.
 */
export interface Schema<T = unknown> {
  /** The properties of the specification. */
  readonly "~standard": {
    /** Always 1. */
    readonly version: 1;
    /** Who made the library. */
    readonly vendor: string;
    /** Checks a value. */
    readonly validate: (
      value: unknown,
    ) => SchemaResult<T> | Promise<SchemaResult<T>>;
    /** Types alone, no value. */
    readonly types?:
      | { readonly input: unknown; readonly output: T }
      | undefined;
  };
}

/** What a schema says of a value. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  /** What was expected. */
  readonly message: string;
  /** Where. */
  readonly path?:
    | readonly (PropertyKey | { readonly key: PropertyKey })[]
    | undefined;
}

/** What can be said of a route beside its handler. */
export interface RouteOptions {
  /** For `urlFor`. */
  name?: string;
  /** Checks the parameters of the path: 400 with issues. */
  params?: Schema;
  /** Checks the query, an object of texts: 400 with issues. */
  query?: Schema;
  /** Checks the body, JSON or a form: 422 with issues. */
  body?: Schema;
  /** How long the handler may take, in seconds, before 503 is answered. */
  timeout?: Duration;
  /** Bytes of a body. */
  bodyLimit?: Size;
  /** Where the route was declared, for lists of routes. */
  source?: string;
}

/** The output of a schema, or undefined where there is none. */
export type SchemaOutput<S> = S extends Schema<infer T> ? T : undefined;

/** Type of `ctx.valid` for the options of a route. */
export type Validated<O> = {
  readonly [
    K in "params" | "query" | "body" as O extends { [N in K]: Schema } ? K
      : never
  ]: O extends { [N in K]: infer S } ? SchemaOutput<S> : never;
};

/** A route as `routes()` lists it. */
export interface RouteInfo {
  /** The method; `"*"` is any. */
  readonly method: string;
  /** The whole pattern. */
  readonly pattern: string;
  /** Its name, if it has one. */
  readonly name: string | undefined;
  /** Where it was declared, where that is known: the file of a controller. */
  readonly source: string | undefined;
}

/** Adds a route; parameters are typed by the pattern. */
export interface AddRoute<E extends Env, Prefix extends string, Self> {
  /** Adds a handler. */
  <const P extends string>(
    pattern: P,
    handler: Handler<PathParams<`${Prefix}${P}`>, E>,
  ): Self;
  /** Adds a handler with options. */
  <const P extends string, const O extends RouteOptions>(
    pattern: P,
    options: O,
    handler: Handler<PathParams<`${Prefix}${P}`>, E, Validated<O>>,
  ): Self;
}
