import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import { access, type AnyContext } from "../../_access.ts";
import { type CookieOptions, Cookies } from "../../cookies.ts";
import type { Env, Middleware } from "../../types.ts";
import { checkBoolean, isToken, refuse } from "../_refuse.ts";
import {
  changed,
  newId,
  pack,
  type Snapshot,
  snapshotOf,
  type Stored,
  unpack,
} from "./_session_state.ts";
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
 * the handler has answered: a stream cannot change it. Of requests at the same
 * time each writes the values that it changed itself; one whose session ended
 * meanwhile writes nothing.
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

  // An attribute that no cookie has is refused here, and not with the first
  // session.
  new Cookies(null, () => new Headers(), () => {
    throw new TypeError("Cannot sign: it is only tried");
  }).set(name, "", cookie);

  const send = (ctx: AnyContext, id: string) =>
    ctx.cookies.setSigned(name, id, {
      ...cookie,
      maxAge: Math.round(ttl),
      secure: cookie.secure ?? ctx.url.protocol === "https:",
    });

  const end = async (ctx: AnyContext, id: string) => {
    await store.delete(id);
    const { path, domain } = cookie;
    ctx.cookies.delete(name, {
      ...path === undefined ? {} : { path },
      ...domain === undefined ? {} : { domain },
    });
  };

  const read = (id: string, text: string | undefined): Stored | undefined => {
    const stored = typeof text === "string" ? unpack(id, text) : undefined;
    // A store may be late to forget.
    return stored !== undefined && secondsNow() - stored.saved > ttl
      ? undefined
      : stored;
  };

  /** Saves under a new id, which nobody can have planted. */
  const begin = async (ctx: AnyContext, values: Map<string, unknown>) => {
    const id = newId();
    await store.set(id, pack(values, secondsNow()), ttl);
    await send(ctx, id);
  };

  /**
   * Other requests of the visitor may have changed it meanwhile: only what this
   * one changed is written, and nothing where it ended.
   */
  const update = async (
    ctx: AnyContext,
    id: string,
    values: Map<string, unknown>,
    names: readonly string[],
  ) => {
    const text = store.get(id);
    // No await without need: a store in memory is read and written as one.
    const stored = read(id, text instanceof Promise ? await text : text);
    if (stored === undefined) return;
    const merged = new Map(Object.entries(stored.data));
    for (const name of names) {
      if (values.has(name)) merged.set(name, values.get(name));
      else merged.delete(name);
    }
    if (snapshotOf(merged).size === 0) return await end(ctx, id);
    await store.set(id, pack(merged, secondsNow()), ttl);
    await send(ctx, id);
  };

  const save = async (
    ctx: AnyContext,
    session: Session,
    stored: Stored | undefined,
    before: Snapshot,
  ) => {
    const values = new Map(session.entries());
    const after = snapshotOf(values);
    if (stored === undefined) {
      if (session.fate !== "destroy" && after.size > 0) {
        await begin(ctx, values);
      }
      return;
    }
    if (session.fate === "destroy") return await end(ctx, stored.id);
    if (session.fate === "regenerate") {
      if (after.size === 0) return await end(ctx, stored.id);
      await store.delete(stored.id);
      return await begin(ctx, values);
    }
    const names = changed(before, after);
    const isOld = rolling && secondsNow() - stored.saved >= ttl * RENEW_AFTER;
    if (names.length > 0 || isOld) await update(ctx, stored.id, values, names);
  };

  return async (ctx, next) => {
    // Without secrets every request says so, and not the first session alone.
    access.runtime(ctx).signer();
    const id = ctx.cookies.get(name) === undefined
      ? undefined
      : await ctx.cookies.getSigned(name);
    const stored = id === undefined ? undefined : read(id, await store.get(id));
    const session = new Session(stored?.data);
    const before = snapshotOf(new Map(session.entries()));
    (ctx.state as Record<string, unknown>)["session"] = session;
    const response = await next();
    await save(ctx, session, stored, before);
    return response;
  };
}

function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}
