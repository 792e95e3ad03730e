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
