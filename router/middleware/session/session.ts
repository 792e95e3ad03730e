import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import type { AnyContext } from "../../_access.ts";
import type { CookieOptions } from "../../cookies.ts";
import type { Env, Middleware } from "../../types.ts";
import { checkBoolean, isToken, refuse } from "../_refuse.ts";
import { newId, pack, type Stored, unpack } from "./_session_state.ts";
import { MemorySessionStore } from "./memory_store.ts";

/** Where sessions are kept; every method may give a promise. */
export interface SessionStore {
  /** The text of a session, or undefined when there is none or it expired. */
  get(id: string): string | undefined | Promise<string | undefined>;
  /** Keeps the text of a session for so many seconds. */
  set(id: string, text: string, ttl: number): void | Promise<void>;
  /** Forgets a session. */
  delete(id: string): void | Promise<void>;
}

/** How sessions are kept. */
export interface SessionOptions {
  /**
   * Where.
   *
   * @default {a MemorySessionStore of 10,000}
   */
  store?: SessionStore;
  /**
   * How long an unused session lives, in seconds.
   *
   * @default {"1d"}
   */
  ttl?: Duration;
  /**
   * Whether a used session lives longer; else it ends `ttl` after its last
   * change.
   *
   * @default {true}
   */
  rolling?: boolean;
  /**
   * The name of the cookie.
   *
   * @default {"session"}
   */
  name?: string;
  /**
   * Its attributes: those of `ctx.cookies.set` but its age. `secure` is on by
   * default where the request came by https; behind a proxy that speaks https
   * set it.
   */
  cookie?: Pick<
    CookieOptions,
    "domain" | "path" | "sameSite" | "secure" | "partitioned"
  >;
}

/** What has become of a session when the handler is done. */
export type SessionFate = "keep" | "regenerate" | "destroy";

/** Type of `ctx.state` where there are sessions. */
export interface SessionState {
  /** The session of the visitor. */
  session: Session;
}

/**
 * Values that stay with a visitor, and are JSON. An object that came out of it
 * may be changed in place: what differs in the end is saved.
 */
export class Session {
  readonly #values: Map<string, unknown>;
  #fate: SessionFate = "keep";

  /** Made by the middleware. */
  constructor(data: Record<string, unknown> = {}) {
    this.#values = new Map(Object.entries(data));
  }

  /** A value, or undefined. */
  get<T = unknown>(name: string): T | undefined {
    return this.#values.get(name) as T | undefined;
  }

  /** Whether there is such a value. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Keeps a value. */
  set(name: string, value: unknown): this {
    this.#values.set(name, value);
    return this;
  }

  /** Forgets a value. */
  delete(name: string): boolean {
    return this.#values.delete(name);
  }

  /** Forgets all values. */
  clear(): void {
    this.#values.clear();
  }

  /** All values, as a copy. */
  entries(): [string, unknown][] {
    return [...this.#values];
  }

  /**
   * Gives the session a new id, and forgets the old one. Call it whenever a
   * visitor signs in: who planted the old id then holds nothing.
   */
  regenerate(): void {
    if (this.#fate === "keep") this.#fate = "regenerate";
  }

  /** Ends the session: its values and its cookie go. */
  destroy(): void {
    this.#values.clear();
    this.#fate = "destroy";
  }

  /** What has become of it; for the middleware. */
  get fate(): SessionFate {
    return this.#fate;
  }
}

/** The part of a session's time after which it is renewed. */
const RENEW_AFTER = 0.1;

/**
 * Keeps `ctx.state.session` for a visitor. The cookie has a signed id of 256
 * random bits alone, so the router needs `secrets`; an id that the store does
 * not know is never taken up. A session is saved when it changed, and without
 * values there is neither a cookie nor an entry in the store. It is saved when
 * the handler has answered: a stream cannot change it.
 *
 * @param options How they are kept.
 * @returns The middleware.
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 * @throws {RangeError} On a time out of range.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { session, type SessionState } from "@oresty/router/session";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter<{ app: unknown; state: SessionState }>({
 *   secrets: ["a secret of 32 characters or so."],
 * });
 * router.use(session({ ttl: "30m" }));
 * router.get("/", (ctx) => {
 *   const visits = (ctx.state.session.get<number>("visits") ?? 0) + 1;
 *   ctx.state.session.set("visits", visits);
 *   return `${visits}`;
 * });
 *
 * const first = await router.request("/");
 * assertEquals(await first.text(), "1");
 * const cookie = first.headers.get("set-cookie")!.split(";", 1)[0]!;
 * const second = await router.request("/", { headers: { cookie } });
 * assertEquals(await second.text(), "2");
 * ```
 */
export function session(options: SessionOptions = {}): Middleware<Env> {
  checkOptions("session", options, [
    "store",
    "ttl",
    "rolling",
    "name",
    "cookie",
  ]);
  const { store = new MemorySessionStore(), name = "session" } = options;
  const { rolling = true, cookie = {} } = options;
  checkBoolean("session", "rolling", rolling);
  if (!isToken(name)) refuse("session", "name", name, "the name of a cookie");
  checkOptions(`option "cookie" of session`, cookie, [
    "domain",
    "path",
    "sameSite",
    "secure",
    "partitioned",
  ]);
  for (const method of ["get", "set", "delete"] as const) {
    if (typeof store?.[method] !== "function") {
      refuse("session", "store", store, `a store with the method "${method}"`);
    }
  }
  const ttl = parseDuration(options.ttl ?? "1d", `option "ttl" of session`);
  if (!(ttl >= 1)) {
    throw new RangeError(
      `Cannot use option "ttl" of session: "${options.ttl}" was given, ` +
        `expected 1 second or more`,
    );
  }

  const send = (ctx: AnyContext, id: string) =>
    ctx.cookies.setSigned(name, id, {
      ...cookie,
      maxAge: Math.round(ttl),
      secure: cookie.secure ?? ctx.request.url.startsWith("https:"),
    });

  const save = async (
    ctx: AnyContext,
    session: Session,
    stored: Stored | undefined,
    before: string,
  ) => {
    const values = new Map(session.entries());
    const isGone = session.fate === "destroy" || values.size === 0;
    if (stored !== undefined && (isGone || session.fate === "regenerate")) {
      await store.delete(stored.id);
    }
    if (isGone) {
      if (stored !== undefined) {
        const { path, domain } = cookie;
        ctx.cookies.delete(name, {
          ...path === undefined ? {} : { path },
          ...domain === undefined ? {} : { domain },
        });
      }
      return;
    }
    const now = Math.floor(Date.now() / 1000);
    const isOld = rolling && stored !== undefined &&
      now - stored.saved >= ttl * RENEW_AFTER;
    const isSame = stored !== undefined && session.fate === "keep" &&
      pack(values, 0) === before;
    if (isSame && !isOld) return;
    const id = stored === undefined || session.fate === "regenerate"
      ? newId()
      : stored.id;
    await store.set(id, pack(values, now), ttl);
    await send(ctx, id);
  };

  return async (ctx, next) => {
    const id = ctx.cookies.get(name) === undefined
      ? undefined
      : await ctx.cookies.getSigned(name);
    const text = id === undefined ? undefined : await store.get(id);
    const stored = id === undefined || typeof text !== "string"
      ? undefined
      : unpack(id, text);
    const session = new Session(stored?.data);
    const before = pack(new Map(session.entries()), 0);
    (ctx.state as Record<string, unknown>)["session"] = session;
    const response = await next();
    await save(ctx, session, stored, before);
    return response;
  };
}
