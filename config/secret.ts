/** What console.log, Deno.inspect and node:util ask an object for. */
const INSPECT = [
  Symbol.for("Deno.customInspect"),
  Symbol.for("nodejs.util.inspect.custom"),
];

/**
 * A value that is not for eyes: printed, logged or turned into JSON it says
 * `[secret]`.
 *
 * @example
 * ```ts
 * import { Secret } from "@oresty/config";
 * import { assertEquals } from "@std/assert";
 *
 * const password = new Secret("1234");
 * assertEquals(JSON.stringify({ password }), `{"password":"[secret]"}`);
 * assertEquals(password.reveal(), "1234");
 * ```
 */
export class Secret {
  readonly #value: string;

  /** Hides a value. */
  constructor(value: string) {
    this.#value = value;
    for (const symbol of INSPECT) {
      Object.defineProperty(this, symbol, { value: () => "[secret]" });
    }
  }

  /** The value. */
  reveal(): string {
    return this.#value;
  }

  /** `[secret]`. */
  toString(): string {
    return "[secret]";
  }

  /** `[secret]`. */
  toJSON(): string {
    return "[secret]";
  }
}
