import type { JWK, JWTPayload, JWTVerifyGetKey } from "jose";
import type { JwtKeyFinder, JwtOptions } from "./jwt.ts";

type Jose = typeof import("jose");
type Options = NonNullable<Parameters<Jose["jwtVerify"]>[2]>;

/** The claims of a token, or null when it is not to be believed. */
export type Verify = (token: string) => Promise<JWTPayload | null>;

/** Makes the verification by a key, or by one that is found for each token. */
export async function verifier(
  key: JwtOptions["key"],
  options: Options,
): Promise<Verify> {
  const jose = await import("jose");
  if (typeof key === "function") return byFinder(jose, key, options);
  const ready = typeof key === "string"
    ? new TextEncoder().encode(key)
    : key as Uint8Array | CryptoKey | JWK;
  return async (token) => {
    try {
      return (await jose.jwtVerify(token, ready, options)).payload;
    } catch (error) {
      // That the key is none is ours, and not the token's fault.
      if (isTokenError(error)) return null;
      throw error;
    }
  };
}

function byFinder(
  { jwtVerify }: Jose,
  finder: JwtKeyFinder,
  options: Options,
): Verify {
  return async (token) => {
    let failure: { readonly error: unknown } | undefined;
    const find = async (...args: Parameters<JwtKeyFinder>) => {
      try {
        return await finder(...args);
      } catch (error) {
        failure = { error };
        throw error;
      }
    };
    try {
      const result = await jwtVerify(token, find as JWTVerifyGetKey, options);
      return result.payload;
    } catch (error) {
      // Without one, or with one of another kind, no signature is right.
      if (failure === undefined || isTokenError(failure.error)) return null;
      if (codeOf(error) !== "ERR_JWKS_MULTIPLE_MATCHING_KEYS") throw error;
      // The token does not name its key: one of those that fit has to do.
      for await (const key of error as AsyncIterable<CryptoKey>) {
        const result = await jwtVerify(token, key, options).catch(() => null);
        if (result !== null) return result.payload;
      }
      return null;
    }
  };
}

function isTokenError(error: unknown): boolean {
  return /^ERR_(?:JWT|JWS|JOSE_ALG|JOSE_NOT_SUPPORTED|JWKS_NO_MATCHING)/.test(
    codeOf(error),
  );
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === "string" ? code : "";
}
