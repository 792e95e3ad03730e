/**
 * Waits for somebody else's answer: one that never comes must not hold up a
 * start without a word.
 *
 * @throws {Error} After so many seconds.
 */
export async function within<T>(
  seconds: number,
  answer: T | Promise<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`has not answered within ${seconds} s`)),
      seconds * 1000,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
