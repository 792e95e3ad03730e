import { refuse } from "../_refuse.ts";

/** Bytes of a shared secret; fewer can be guessed (RFC 7518, section 3.2). */
const LEAST = 32;

/**
 * Checks a key by what can be seen of it.
 *
 * @returns The algorithms that it can verify: a token with another would be an
 * error of the service, and not the token's.
 * @throws {TypeError} When it is no key, or none of the algorithms is its own.
 */
export function algorithmsOf(
  key: unknown,
  algorithms: readonly string[],
): string[] {
  // The key itself stays out of the error.
  const no = (given: string, expected: string): never =>
    refuse("jwt", "key", given, expected);
  const isShared = algorithms.some((one) => one.startsWith("HS"));
  if (typeof key === "function") return [...algorithms];
  if (typeof key === "string" || key instanceof Uint8Array) {
    if (key.length < LEAST) {
      no(typeof key, `a key; a secret has ${LEAST} bytes or more`);
    }
    if (!algorithms.every((one) => one.startsWith("HS"))) {
      no(typeof key, "a CryptoKey or JSON Web Key for a public key");
    }
    return [...algorithms];
  }
  if (key instanceof CryptoKey) {
    if (!key.usages.includes("verify")) no("CryptoKey", "a key that verifies");
    const own = algorithms.filter((one) => ofCryptoKey(key).includes(one));
    if (own.length === 0) no("CryptoKey", `a key for ${algorithms.join(", ")}`);
    return own;
  }
  const { kty, d } = Object(key) as { kty?: unknown; d?: unknown };
  if (typeof kty !== "string") no(typeof key, "a key");
  if (d !== undefined) no("private key", "the public one");
  if (isShared && kty !== "oct") {
    no("public key", "a shared secret for HS algorithms");
  }
  return [...algorithms];
}

/** As RFC 7518 calls what Web Crypto has. */
function ofCryptoKey({ algorithm }: CryptoKey): string[] {
  const { name, namedCurve, hash } = algorithm as EcKeyAlgorithm & {
    hash?: { name: string };
  };
  const bits = hash?.name.slice("SHA-".length);
  switch (name) {
    case "HMAC":
      return [`HS${bits}`];
    case "RSASSA-PKCS1-v1_5":
      return [`RS${bits}`];
    case "RSA-PSS":
      return [`PS${bits}`];
    case "ECDSA":
      return [namedCurve === "P-521" ? "ES512" : `ES${namedCurve.slice(2)}`];
    case "Ed25519":
      return ["EdDSA", "Ed25519"];
    default:
      return [];
  }
}
