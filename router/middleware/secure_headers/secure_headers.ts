import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import type { Env, Middleware } from "../../types.ts";
import { answerWith } from "../_answer_headers.ts";
import { refuse } from "../_refuse.ts";

/** Headers that tell browsers to be careful; false leaves one out. */
export interface SecureHeadersOptions {
  /**
   * `Content-Security-Policy`. An answer's own wins.
   *
   * @default {"default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"}
   */
  contentSecurityPolicy?: string | false;
  /**
   * `Strict-Transport-Security`: how long browsers use https alone, in seconds.
   * Only for hosts, with all below them, that have https for good.
   *
   * @default {false}
   */
  strictTransportSecurity?: Duration | false;
  /**
   * `X-Frame-Options`, for browsers that do not know `frame-ancestors`.
   *
   * @default {"SAMEORIGIN"}
   */
  frameOptions?: "DENY" | "SAMEORIGIN" | false;
  /**
   * `Referrer-Policy`.
   *
   * @default {"strict-origin-when-cross-origin"}
   */
  referrerPolicy?: string | false;
  /**
   * `Cross-Origin-Opener-Policy`.
   *
   * @default {"same-origin"}
   */
  openerPolicy?: string | false;
  /**
   * `Cross-Origin-Resource-Policy`.
   *
   * @default {"same-origin"}
   */
  resourcePolicy?: string | false;
  /**
   * `Cross-Origin-Embedder-Policy`.
   *
   * @default {false}
   */
  embedderPolicy?: string | false;
  /**
   * `Permissions-Policy`.
   *
   * @default {"camera=(), geolocation=(), microphone=(), payment=(), usb=()"}
   */
  permissionsPolicy?: string | false;
}

const CSP = "default-src 'self'; base-uri 'self'; form-action 'self'; " +
  "frame-ancestors 'self'; object-src 'none'";
const PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), " +
  "usb=()";

/**
 * Headers that tell browsers to be careful, and `X-Content-Type-Options:
 * nosniff`. What a handler set itself wins.
 *
 * @param options What differs from the defaults.
 * @returns The middleware.
 * @throws {TypeError} On an unknown option or a value that no header takes.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { secureHeaders } from "@oresty/router/secure-headers";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter().use(secureHeaders({ frameOptions: "DENY" }));
 * const { headers } = await router.request("/");
 * assertEquals(headers.get("x-frame-options"), "DENY");
 * assertEquals(headers.get("x-content-type-options"), "nosniff");
 * ```
 */
export function secureHeaders(
  options: SecureHeadersOptions = {},
): Middleware<Env> {
  checkOptions("secureHeaders", options, [
    "contentSecurityPolicy",
    "strictTransportSecurity",
    "frameOptions",
    "referrerPolicy",
    "openerPolicy",
    "resourcePolicy",
    "embedderPolicy",
    "permissionsPolicy",
  ]);
  const { strictTransportSecurity: hsts = false } = options;
  const list: [string, string][] = [["x-content-type-options", "nosniff"]];
  const add = (
    name: string,
    option: keyof SecureHeadersOptions,
    normal: string | false,
  ) => {
    const value = options[option] ?? normal;
    if (value === false) return;
    if (typeof value !== "string" || !/^[\x20-\x7e]+$/.test(value)) {
      refuse("secureHeaders", option, value, "a text for a header, or false");
    }
    list.push([name, value]);
  };
  add("content-security-policy", "contentSecurityPolicy", CSP);
  add("x-frame-options", "frameOptions", "SAMEORIGIN");
  add("referrer-policy", "referrerPolicy", "strict-origin-when-cross-origin");
  add("cross-origin-opener-policy", "openerPolicy", "same-origin");
  add("cross-origin-resource-policy", "resourcePolicy", "same-origin");
  add("cross-origin-embedder-policy", "embedderPolicy", false);
  add("permissions-policy", "permissionsPolicy", PERMISSIONS);
  if (hsts !== false) {
    const seconds = parseDuration(hsts, `option "strictTransportSecurity"`);
    list.push([
      "strict-transport-security",
      `max-age=${Math.round(seconds)}; includeSubDomains`,
    ]);
  }
  return (ctx, next) => answerWith(ctx, next, list);
}
