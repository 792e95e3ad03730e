import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import type { Context } from "../../context.ts";
import type { Env, Middleware } from "../../types.ts";
import { answerWith, type HeaderList } from "../_answer_headers.ts";
import { originMatcher } from "../_origin.ts";
import { checkBoolean, checkTokens, refuse } from "../_refuse.ts";

/** Decides on an origin; a promise is awaited. */
export type CorsOriginFunction = (
  origin: string,
  ctx: Context<Record<string, string>, Env>,
) => boolean | Promise<boolean>;

/** Who may read answers from scripts of other origins, and how. */
export interface CorsOptions {
  /**
   * The origins: `"*"` for all, exact ones, patterns such as
   * `"https://*.example.com"` (the star is one or more whole labels), regular
   * expressions (the whole origin has to match), or a function. The origin
   * `null` is let in by `"*"` alone.
   *
   * @default {"*"}
   */
  origin?: string | RegExp | readonly (string | RegExp)[] | CorsOriginFunction;
  /**
   * The methods.
   *
   * @default {["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"]}
   */
  methods?: readonly string[];
  /**
   * The headers of a request.
   *
   * @default {those that the browser asks for}
   */
  headers?: readonly string[];
  /** The headers of an answer that scripts may read beside the harmless ones. */
  exposeHeaders?: readonly string[];
  /**
   * Whether cookies and other credentials go along. Not together with `"*"`.
   *
   * @default {false}
   */
  credentials?: boolean;
  /**
   * How long a browser may keep the answer to a preflight, in seconds.
   *
   * @default {the browser's: 5}
   */
  maxAge?: Duration;
  /**
   * Whether pages of public networks may reach this host in a private one.
   *
   * @default {false}
   */
  privateNetwork?: boolean;
}

const METHODS = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"];

/**
 * Cross-origin resource sharing (Fetch standard, section 3.3). A preflight is
 * answered here, before anything inside; `Vary: Origin` is on every answer that
 * depends on the origin, those to no and to refused origins included.
 *
 * It only tells browsers who may read: requests of other origins still run.
 * Against those that change something there is `csrf`.
 *
 * @param options Who, and how.
 * @returns The middleware; outside of what refuses, such as `basicAuth`.
 * @throws {TypeError} On an unknown option, an origin that no browser sends, or
 * credentials for everybody.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { cors } from "@oresty/router/cors";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter();
 * router.use(cors({ origin: "https://*.example.com", credentials: true }));
 * router.get("/", () => "hello");
 *
 * const ask = async (origin: string) => {
 *   const { headers } = await router.request("/", { headers: { origin } });
 *   return headers.get("access-control-allow-origin");
 * };
 * assertEquals(
 *   await ask("https://a.example.com"),
 *   "https://a.example.com",
 * );
 * assertEquals(await ask("https://a.example.com.evil.net"), null);
 * ```
 */
export function cors(options: CorsOptions = {}): Middleware<Env> {
  checkOptions("cors", options, [
    "origin",
    "methods",
    "headers",
    "exposeHeaders",
    "credentials",
    "maxAge",
    "privateNetwork",
  ]);
  const { origin: origins = "*" } = options;
  const { credentials = false, privateNetwork = false } = options;
  const { methods = METHODS, headers, exposeHeaders = [] } = options;
  checkBoolean("cors", "credentials", credentials);
  checkBoolean("cors", "privateNetwork", privateNetwork);
  checkTokens("cors", "methods", methods, "a list of methods");
  checkTokens("cors", "headers", headers, "a list of header names");
  checkTokens("cors", "exposeHeaders", exposeHeaders, "a list of header names");
  const allows = originOption(origins, credentials);

  const shared: [string, string][] = credentials
    ? [["access-control-allow-credentials", "true"]]
    : [];
  const exposed: HeaderList = exposeHeaders.length > 0
    ? [["access-control-expose-headers", exposeHeaders.join(", ")]]
    : [];
  const asked: [string, string][] = [[
    "access-control-allow-methods",
    methods.join(", "),
  ]];
  if (headers !== undefined && headers.length > 0) {
    asked.push(["access-control-allow-headers", headers.join(", ")]);
  }
  if (options.maxAge !== undefined) {
    const seconds = parseDuration(options.maxAge, `option "maxAge"`);
    asked.push(["access-control-max-age", `${Math.round(seconds)}`]);
  }

  const vary = allows === null ? "" : "origin";
  const preflight = (request: Request, allowed: string | null) => {
    const answer = new Headers();
    if (vary !== "") answer.set("vary", vary);
    if (headers === undefined) {
      answer.append("vary", "access-control-request-headers");
    }
    if (allowed !== null) {
      answer.set("access-control-allow-origin", allowed);
      for (const [name, value] of [...shared, ...asked]) {
        answer.set(name, value);
      }
      const names = request.headers.get("access-control-request-headers");
      if (headers === undefined && names !== null) {
        answer.set("access-control-allow-headers", names);
      }
      const isPrivate =
        request.headers.get("access-control-request-private-network") ===
          "true";
      if (privateNetwork && isPrivate) {
        answer.set("access-control-allow-private-network", "true");
      }
    }
    return new Response(null, { status: 204, headers: answer });
  };

  return (ctx, next) => {
    const { request } = ctx;
    const origin = request.headers.get("origin");
    const isPreflight = origin !== null && request.method === "OPTIONS" &&
      request.headers.has("access-control-request-method");
    const answer = (isAllowed: boolean) => {
      const allowed = isAllowed ? (allows === null ? "*" : origin) : null;
      if (isPreflight) return preflight(request, allowed);
      const list: HeaderList = allowed === null
        ? []
        : [["access-control-allow-origin", allowed], ...shared, ...exposed];
      return answerWith(ctx, next, list, vary);
    };
    if (allows === null) return answer(true);
    if (origin === null || origin === "null") return answer(false);
    const isAllowed = allows(origin, ctx);
    return isAllowed instanceof Promise
      ? isAllowed.then((value) => answer(value === true))
      : answer(isAllowed === true);
  };
}

/** Who is allowed; null is everybody. */
function originOption(
  origin: NonNullable<CorsOptions["origin"]>,
  credentials: boolean,
): CorsOriginFunction | null {
  if (typeof origin === "function") return origin;
  if (origin !== "*") {
    const list = Array.isArray(origin) ? origin : [origin];
    return originMatcher("cors", "origin", list);
  }
  if (credentials) {
    refuse(
      "cors",
      "origin",
      "*",
      `the origins that credentials are for, since "credentials" is true`,
    );
  }
  return null;
}
