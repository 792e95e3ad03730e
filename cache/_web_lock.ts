import { webLocks } from "@oresty/core";
import { delayOf } from "./_delay.ts";

/** What came of asking for a lock. */
export type Locked<T> =
  | { readonly state: "done"; readonly result: T }
  | { readonly state: "timed out" | "taken" };

/**
 * Runs alone among all isolates of the process.
 *
 * @param seconds How long the lock is waited for; 0 is not at all.
 * @param closing Ends the wait, and throws its reason.
 * @param isDead Is asked when the wait is over: whether who holds the lock is
 * known to be gone. It is taken from it then.
 */
export async function withWebLock<T>(
  name: string,
  seconds: number,
  closing: AbortSignal,
  isDead: () => boolean,
  run: () => Promise<T>,
): Promise<Locked<T>> {
  const locks = webLocks();
  closing.throwIfAborted();
  let running: Promise<T> | undefined;
  const start = () => running = run();
  const controller = new AbortController();
  const timer = seconds > 0
    ? setTimeout(() => controller.abort(), delayOf(seconds))
    : undefined;
  const close = () => controller.abort();
  closing.addEventListener("abort", close);
  try {
    const options = seconds > 0
      ? { signal: controller.signal }
      : { ifAvailable: true };
    await locks.request(name, options, (lock) => {
      if (lock === null) return undefined;
      clearTimeout(timer);
      return start();
    });
    if (running === undefined) return { state: "taken" };
  } catch (error) {
    // Taken away while it ran: what it does is still its own.
    if (running === undefined && !controller.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    closing.removeEventListener("abort", close);
  }
  if (running !== undefined) return { state: "done", result: await running };
  closing.throwIfAborted();
  if (!isDead()) return { state: "timed out" };
  await locks.request(name, { steal: true }, start).catch((error) => {
    if (running === undefined) throw error;
  });
  return { state: "done", result: await running! };
}
