/** A hundred years: no server's arithmetic is at its end there. */
const LONGEST_MS = 3_155_760_000_000;

/**
 * Milliseconds of a length of time that may be absurd.
 *
 * @throws {RangeError} When it is negative or no number.
 */
export function milliseconds(seconds: number, what: string): number {
  if (!(seconds >= 0)) {
    throw new RangeError(
      `Cannot use ${what}: "${seconds}" was given, expected 0 or more seconds`,
    );
  }
  return Math.min(Math.ceil(seconds * 1000), LONGEST_MS);
}

/** How long a value is fresh. */
export function freshTime(seconds: number): number {
  return milliseconds(seconds, "the time that a value is fresh");
}

/** How long a value is kept after that. */
export function graceTime(seconds: number): number {
  return milliseconds(seconds, "the time that a value is kept");
}

/** How long a lock is held: one of no time would never be free again. */
export function lockTime(seconds: number): number {
  return Math.max(1, milliseconds(seconds, "the life of a lock"));
}

/**
 * The number under which values count.
 *
 * @throws {RangeError} When it is no whole number.
 */
export function checkedEpoch(epoch: number): number {
  if (!Number.isSafeInteger(epoch) || epoch < 0) {
    throw new RangeError(
      `Cannot use the epoch: "${epoch}" was given, expected a whole number`,
    );
  }
  return epoch;
}
