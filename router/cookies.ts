import { checkOptions } from "@oresty/core";
import { parseCookie, type SetCookie, stringifySetCookie } from "cookie";
import type { Signer } from "./_hmac.ts";

/** Attributes of a cookie. */
export interface CookieOptions {
  /** Seconds the browser keeps it; until it is closed when left out. */
  maxAge?: number;
  /** When the browser drops it; `maxAge` wins over it. */
  expires?: Date;
  /** The host and all below it; this host alone when left out. */
  domain?: string;
  /**
   * Where it is sent.
   *
   * @default {"/"}
   */
  path?: string;
  /**
   * Whether it is hidden from scripts.
   *
   * @default {true}
   */
  httpOnly?: boolean;
  /**
   * Whether it is sent over https alone. Names that start with `__Secure-` or
   * `__Host-`, and `sameSite: "none"`, need it and have it.
   *
   * @default {false}
   */
  secure?: boolean;
  /**
   * Whether it goes along with requests from other sites.
   *
   * @default {"lax"}
   */
  sameSite?: "strict" | "lax" | "none";
  /** Whether it is kept apart for each top-level site (CHIPS). */
  partitioned?: boolean;
}

const OPTIONS: readonly (keyof CookieOptions)[] = [
  "maxAge",
  "expires",
  "domain",
  "path",
  "httpOnly",
  "secure",
  "sameSite",
  "partitioned",
];

/**
 * The cookies of a request, and those of its answer.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter();
 * router.get("/", (ctx) => {
 *   ctx.cookies.set("seen", "yes", { maxAge: 60 });
 *   return ctx.cookies.get("seen") ?? "no";
 * });
 * const response = await router.request("/", { headers: { cookie: "seen=1" } });
 * assertEquals(await response.text(), "1");
 * assertEquals(
 *   response.headers.get("set-cookie"),
 *   "seen=yes; Max-Age=60; Path=/; HttpOnly; SameSite=Lax",
 * );
 * ```
 */
export class Cookies {
  readonly #header: string | null;
  readonly #answer: () => Headers;
  readonly #signer: () => Signer;
  #parsed: Record<string, string | undefined> | undefined;

  /** Made by the context. */
  constructor(
    header: string | null,
    answer: () => Headers,
    signer: () => Signer,
  ) {
    this.#header = header;
    this.#answer = answer;
    this.#signer = signer;
  }

  /**
   * A cookie that the client sent, decoded.
   *
   * @returns Its value, or undefined. Anybody can write it: see `getSigned`.
   */
  get(name: string): string | undefined {
    this.#parsed ??= parseCookie(this.#header ?? "");
    return Object.hasOwn(this.#parsed, name) ? this.#parsed[name] : undefined;
  }

  /**
   * Sends a cookie.
   *
   * @throws {TypeError} When the name or an attribute cannot be in a cookie, or
   * an option is unknown.
   */
  set(name: string, value: string, options: CookieOptions = {}): void {
    checkOptions(`cookie "${name}"`, options, OPTIONS);
    const { path = "/", httpOnly = true, sameSite = "lax", ...rest } = options;
    const host = name.startsWith("__Host-");
    if (host && (path !== "/" || options.domain !== undefined)) {
      throw new TypeError(
        `Cannot set cookie "${name}": with "__Host-" ` +
          `expected the path "/" and no domain`,
      );
    }
    const secure = options.secure ?? false;
    const cookie: SetCookie = {
      ...rest,
      name,
      value,
      path,
      httpOnly,
      sameSite,
    };
    cookie.secure = secure || host || name.startsWith("__Secure-") ||
      sameSite === "none" || (options.partitioned ?? false);
    this.#answer().append("set-cookie", stringifySetCookie(cookie));
  }

  /**
   * Tells the client to drop a cookie; path and domain must be those it was
   * set with.
   */
  delete(
    name: string,
    options: Pick<CookieOptions, "path" | "domain"> = {},
  ): void {
    this.set(name, "", { ...options, maxAge: 0, expires: new Date(0) });
  }

  /**
   * A cookie that this application signed. The signature covers the name, so
   * that one cookie cannot stand in for another.
   *
   * @returns Its value, or undefined when it is absent, forged or cut.
   * @throws {TypeError} When the application has no `secrets`.
   */
  async getSigned(name: string): Promise<string | undefined> {
    const signer = this.#signer();
    const signed = this.get(name);
    const dot = signed?.lastIndexOf(".") ?? -1;
    if (signed === undefined || dot < 0) return undefined;
    const value = signed.slice(0, dot);
    return await signer.verify(`${name}=${value}`, signed.slice(dot + 1))
      ? value
      : undefined;
  }

  /**
   * Sends a cookie with a signature: readable by the client, but not writable.
   *
   * @throws {TypeError} When the application has no `secrets`, or the name or
   * an attribute cannot be in a cookie.
   */
  async setSigned(
    name: string,
    value: string,
    options: CookieOptions = {},
  ): Promise<void> {
    const signature = await this.#signer().sign(`${name}=${value}`);
    this.set(name, `${value}.${signature}`, options);
  }
}
