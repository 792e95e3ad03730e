import { type Duration, parseDuration } from "@oresty/core";

const LONGEST_NAME = 255;

/**
 * Checks the name of something shared.
 *
 * @param what What it names, for the error: `dictionary`.
 * @throws {TypeError} When it is no text of 1 to 255 characters, or has control
 * characters or lone surrogates, which logs and locks cannot show.
 */
export function checkName(what: string, name: unknown): void {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(
      `Cannot open ${what} "${String(name)}": expected a name`,
    );
  }
  if (name.length > LONGEST_NAME) {
    throw new TypeError(
      `Cannot open ${what} "${shorten(name)}": its name has ${name.length} ` +
        `characters, expected ${LONGEST_NAME} at most`,
    );
  }
  if (/\p{Cc}/u.test(name) || !name.isWellFormed()) {
    throw new TypeError(
      `Cannot open ${what} ${JSON.stringify(name)}: expected a name without ` +
        `control characters and lone surrogates`,
    );
  }
}

/**
 * When something expires, in milliseconds since 1970; 0 is never.
 *
 * @throws {TypeError} When it is no length of time.
 * @throws {RangeError} When it is negative or without end.
 */
export function expiryOf(ttl: Duration): number {
  if (ttl === 0) return 0;
  const seconds = typeof ttl === "number" && ttl > 0 && ttl < Infinity
    ? ttl
    : parseDuration(ttl, "ttl");
  return seconds === 0 ? 0 : Date.now() + seconds * 1000;
}

/** @throws {RangeError} When it is no whole number of 32 bits. */
export function checkFlags(flags: number): void {
  // Of a bigint or a symbol the shift would throw in words of its own.
  if (typeof flags !== "number" || flags >>> 0 !== flags) {
    throw new RangeError(
      `Cannot use flags "${String(flags)}": expected a whole number of 0 to ` +
        `4294967295`,
    );
  }
}

/** @throws {TypeError} When it is no number. */
export function checkNumber(name: string, of: string, value: unknown): void {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError(
      `Cannot use "${name}" of ${of}: "${String(value)}" was given, ` +
        `expected a number`,
    );
  }
}

/** @throws {RangeError} When it is no whole number of 0 or more. */
export function checkCount(name: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || value as number < 0) {
    throw new RangeError(
      `Cannot use "${String(value)}" as the most of ${name}: ` +
        `expected a whole number of 0 or more, where 0 is all`,
    );
  }
}

/** Enough of a key for an error. */
export function shorten(key: string): string {
  return key.length > 100 ? `${key.slice(0, 100)}…` : key;
}
