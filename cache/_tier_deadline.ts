import { type Duration, parseDuration } from "@oresty/core";

/** Seconds of a call when nothing else is said. */
const DEFAULT_TIMEOUT = 0.5;
/** A day: not far beyond, timers end at once instead. */
const MOST_TIMEOUT = 86_400;

/**
 * Reads the option `timeout` of a driver; no time at all could never be kept.
 *
 * @returns Seconds.
 * @throws {TypeError} When it is no length of time.
 * @throws {RangeError} When it is none, or more than a day.
 */
export function timeoutOf(given: Duration | undefined): number {
  const timeout = parseDuration(given ?? DEFAULT_TIMEOUT, "timeout");
  if (timeout === 0) {
    throw new RangeError(
      `Cannot read timeout: "0" is out of range, expected more than 0 seconds`,
    );
  }
  if (timeout > MOST_TIMEOUT) {
    throw new RangeError(
      `Cannot read timeout: "${given}" is out of range, ` +
        `expected ${MOST_TIMEOUT} seconds at most`,
    );
  }
  return timeout;
}

/** Thrown by {@linkcode within} when the time is over. */
export class LateError extends Error {
  override readonly name = "LateError";
}

/**
 * Waits for work at most so many seconds. The timer holds the process alive
 * while somebody waits, since the connections below do not.
 *
 * @throws {LateError} When the time is over; the work's end is then ignored.
 */
export async function within<T>(
  seconds: number,
  work: Promise<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new LateError(`no answer within ${seconds} s`)),
      seconds * 1000,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
