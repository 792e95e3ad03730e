import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import type { Env, Middleware } from "../../types.ts";
import { credentialsOf, quoteRealm } from "../_authorization.ts";
import { checkTexts, refuse } from "../_refuse.ts";
import { unauthorized } from "../_unauthorized.ts";
import { algorithmsOf } from "./_key.ts";
import { verifier, type Verify } from "./_verify.ts";

/** What verifies a signature. */
export type JwtKey = CryptoKey | Uint8Array;

/**
 * Finds the key of a token by its header, such as what `createRemoteJWKSet(url)`
 * of npm:jose gives. Without a key the token is refused; what it throws is an
 * error of the service.
 */
export type JwtKeyFinder = (
  // deno-lint-ignore no-explicit-any -- jose's types of a header and a token
  header: any,
  // deno-lint-ignore no-explicit-any
  token: any,
) => JwtKey | undefined | Promise<JwtKey | undefined>;

/** Which tokens are believed. */
export interface JwtOptions {
  /**
   * The key: bytes or a text of a shared secret, a CryptoKey, a JSON Web Key, or
   * a function that finds it.
   */
  key: string | Uint8Array | CryptoKey | JsonWebKey | JwtKeyFinder;
  /** The algorithms, such as `["ES256"]`; a token never chooses another. */
  algorithms: readonly string[];
  /** Who must have made it, `iss`. */
  issuer?: string | readonly string[];
  /** Whom it must be for, `aud`. */
  audience?: string | readonly string[];
  /**
   * How far clocks may differ, in seconds.
   *
   * @default {0}
   */
  clockTolerance?: Duration;
  /** Claims that must be there beside `exp`. */
  requiredClaims?: readonly string[];
  /**
   * What is protected.
   *
   * @default {"api"}
   */
  realm?: string;
}

/** Characters of a token. */
const LONGEST = 16_384;
const ALGORITHMS =
  /^(?:HS(?:256|384|512)|[RP]S(?:256|384|512)|ES(?:256|384|512)|EdDSA|Ed25519)$/;

/**
 * Lets in who has a signed token (RFC 7519) that has not expired; one without
 * `exp` is refused. Its claims are `ctx.state.claims` then. Verified by
 * npm:jose, which is loaded with the first request.
 *
 * @param options Which tokens are believed.
 * @returns The middleware.
 * @throws {TypeError} On an unknown option, no key, or an algorithm that is
 * none or proves nothing.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { jwt } from "@oresty/router/jwt";
 * import { assertEquals } from "@std/assert";
 *
 * const key = "a secret of 32 characters or more";
 * const router = new HttpRouter().use(jwt({ key, algorithms: ["HS256"] }));
 * router.get("/", (ctx) => ctx.state.claims);
 * const response = await router.request("/", {
 *   headers: { authorization: "Bearer eyJhbGciOiJub25lIn0.e30." },
 * });
 * assertEquals(response.status, 401);
 * ```
 */
export function jwt(options: JwtOptions): Middleware<Env> {
  checkOptions("jwt", options, [
    "key",
    "algorithms",
    "issuer",
    "audience",
    "clockTolerance",
    "requiredClaims",
    "realm",
  ]);
  const { key, algorithms, issuer, audience, realm = "api" } = options ?? {};
  const { requiredClaims = [] } = options ?? {};
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    refuse("jwt", "algorithms", algorithms, `a list such as ["ES256"]`);
  }
  for (const one of algorithms) {
    if (typeof one !== "string" || !ALGORITHMS.test(one)) {
      refuse("jwt", "algorithms", one, `algorithms that sign, such as "ES256"`);
    }
  }
  const fitting = algorithmsOf(key, algorithms);
  checkTexts("jwt", "issuer", issuer, "a text, or a list of some");
  checkTexts("jwt", "audience", audience, "a text, or a list of some");
  if (!Array.isArray(requiredClaims)) {
    refuse("jwt", "requiredClaims", requiredClaims, "a list of claims");
  }
  const clockTolerance = parseDuration(
    options.clockTolerance ?? 0,
    `option "clockTolerance"`,
  );
  const challenge = `Bearer realm=${quoteRealm("jwt", realm)}`;
  const verifyOptions = {
    algorithms: fitting,
    clockTolerance,
    requiredClaims: ["exp", ...requiredClaims],
    ...(issuer === undefined ? {} : { issuer: listOf(issuer) }),
    ...(audience === undefined ? {} : { audience: listOf(audience) }),
  };
  let verify: Verify | undefined;
  return async (ctx, next) => {
    const token = credentialsOf(ctx.request, "bearer");
    if (token === null) throw unauthorized(challenge);
    verify ??= await verifier(key, verifyOptions);
    const claims = token.length > LONGEST ? null : await verify(token);
    if (claims === null) {
      throw unauthorized(`${challenge}, error="invalid_token"`);
    }
    (ctx.state as Record<string, unknown>)["claims"] = claims;
    return await next();
  };
}

function listOf(value: string | readonly string[]): string[] {
  return typeof value === "string" ? [value] : [...value];
}
