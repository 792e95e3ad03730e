import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import type { JWK, JWTPayload, JWTVerifyGetKey } from "jose";
import type { Env, Middleware } from "../../types.ts";
import { credentialsOf, quoteRealm } from "../_authorization.ts";
import { refuse } from "../_refuse.ts";
import { unauthorized } from "../_unauthorized.ts";

/**
 * Finds the key of a token by its header, such as what `createRemoteJWKSet(url)`
 * of npm:jose gives.
 */
export type JwtKeyFinder = (
  // deno-lint-ignore no-explicit-any -- jose's types of a header and a token
  header: any,
  // deno-lint-ignore no-explicit-any
  token: any,
) => CryptoKey | Uint8Array | Promise<CryptoKey | Uint8Array>;

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
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    refuse("jwt", "algorithms", algorithms, `a list such as ["ES256"]`);
  }
  for (const one of algorithms) {
    if (typeof one !== "string" || !ALGORITHMS.test(one)) {
      refuse("jwt", "algorithms", one, `algorithms that sign, such as "ES256"`);
    }
  }
  if (algorithms.some((one) => one.startsWith("HS")) && !isShared(key)) {
    refuse("jwt", "key", typeof key, "a shared secret for HS algorithms");
  }
  if (
    key === undefined || key === null ||
    (typeof key === "string" || key instanceof Uint8Array) && key.length < 32
  ) refuse("jwt", "key", typeof key, "a key; a secret has 32 bytes or more");
  const clockTolerance = parseDuration(
    options.clockTolerance ?? 0,
    `option "clockTolerance"`,
  );
  const challenge = `Bearer realm=${quoteRealm("jwt", realm)}`;
  const verifyOptions = {
    algorithms: [...algorithms],
    clockTolerance,
    requiredClaims: ["exp", ...options.requiredClaims ?? []],
    ...(issuer === undefined ? {} : { issuer: listOf(issuer) }),
    ...(audience === undefined ? {} : { audience: listOf(audience) }),
  };
  let verify: ((token: string) => Promise<JWTPayload>) | undefined;
  return async (ctx, next) => {
    const token = credentialsOf(ctx.request, "bearer");
    if (token === null) throw unauthorized(challenge);
    verify ??= await verifier(key, verifyOptions);
    let claims: JWTPayload;
    try {
      if (token.length > 16_384) throw new RangeError("too long");
      claims = await verify(token);
    } catch (error) {
      // Only the token's own faults; that a key cannot be had is ours.
      if (!isTokenError(error)) throw error;
      throw unauthorized(`${challenge}, error="invalid_token"`);
    }
    (ctx.state as Record<string, unknown>)["claims"] = claims;
    return await next();
  };
}

function isShared(key: unknown): boolean {
  if (typeof key === "function" || typeof key === "string") return true;
  if (key instanceof Uint8Array) return true;
  const { type, kty } = Object(key) as { type?: string; kty?: string };
  return type === "secret" || kty === "oct";
}

function listOf(value: string | readonly string[]): string[] {
  return typeof value === "string" ? [value] : [...value];
}

async function verifier(
  key: JwtOptions["key"],
  options: Parameters<typeof import("jose").jwtVerify>[2],
): Promise<(token: string) => Promise<JWTPayload>> {
  const { jwtVerify } = await import("jose");
  if (typeof key === "function") {
    const find: JWTVerifyGetKey = key;
    return async (token) => (await jwtVerify(token, find, options)).payload;
  }
  const ready = typeof key === "string"
    ? new TextEncoder().encode(key)
    : key as Uint8Array | CryptoKey | JWK;
  return async (token) => (await jwtVerify(token, ready, options)).payload;
}

function isTokenError(error: unknown): boolean {
  if (error instanceof RangeError) return true;
  const { code } = Object(error) as { code?: unknown };
  return typeof code === "string" &&
    /^ERR_(?:JWT|JWS|JOSE_ALG|JOSE_NOT_SUPPORTED|JWKS_NO_MATCHING)/.test(code);
}
