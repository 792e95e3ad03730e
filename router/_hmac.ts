/** Signs texts with HMAC-SHA256; the newest secret signs, all of them verify. */
export class Signer {
  readonly #keys: Promise<CryptoKey>[];

  /**
   * @param secrets Newest first, each of 16 characters or more.
   * @throws {TypeError} When there is none, or one is too short to be secret.
   */
  constructor(secrets: readonly string[]) {
    if (
      secrets.length === 0 ||
      !secrets.every((s) => typeof s === "string" && s.length >= 16)
    ) {
      throw new TypeError(
        `Cannot sign: expected secrets of 16 characters or more`,
      );
    }
    this.#keys = secrets.map((secret) =>
      crypto.subtle.importKey(
        "raw",
        new TextEncoder().encode(secret),
        { name: "HMAC", hash: "SHA-256" },
        false,
        ["sign", "verify"],
      )
    );
  }

  /** The signature of a text, base64url. */
  async sign(text: string): Promise<string> {
    const bytes = await crypto.subtle.sign(
      "HMAC",
      await this.#keys[0]!,
      new TextEncoder().encode(text),
    );
    return new Uint8Array(bytes).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
  }

  /** Whether one of the secrets made the signature; in constant time. */
  async verify(text: string, signature: string): Promise<boolean> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = Uint8Array.fromBase64(signature, { alphabet: "base64url" });
    } catch {
      return false;
    }
    const data = new TextEncoder().encode(text);
    for (const key of this.#keys) {
      if (await crypto.subtle.verify("HMAC", await key, bytes, data)) {
        return true;
      }
    }
    return false;
  }
}
