const encoder = new TextEncoder();

/** The SHA-256 of a text. */
export async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(
    await crypto.subtle.digest("SHA-256", encoder.encode(text)),
  );
}

/**
 * Finds the entry whose secret a client gave. All of them are compared, each to
 * its last byte, so that the time tells nothing; digests are of one length.
 */
export class DigestTable {
  readonly #entries: Promise<(readonly [name: string, Uint8Array])[]>;

  /** @param secrets Secrets by name. */
  constructor(secrets: Iterable<readonly [name: string, secret: string]>) {
    this.#entries = Promise.all(
      [...secrets].map(async ([name, secret]) =>
        [name, await digest(secret)] as const
      ),
    );
  }

  /** The name of the secret, or undefined. */
  async find(secret: string): Promise<string | undefined> {
    const given = await digest(secret);
    let found: string | undefined;
    for (const [name, expected] of await this.#entries) {
      if (isEqual(given, expected)) found = name;
    }
    return found;
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}
