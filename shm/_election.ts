import { webLocks } from "@oresty/core";

/** How long the lock on a name may be held by another, in milliseconds. */
const LOCK_WAIT = 3000;

/**
 * Runs while no other isolate does under the same name. Who holds the lock for
 * too long died with it, or is blocked: then two run, and heal later.
 *
 * @param run Is told whether no other isolate ever took a lock before.
 */
export async function elect(
  name: string,
  run: (isFirst: boolean) => Promise<void>,
): Promise<void> {
  const locks = webLocks();
  let running: Promise<void> | undefined;
  const body = async () => {
    const { held = [] } = await locks.query();
    // Isolates are numbered in the order in which they first took a lock.
    await run(held.find((lock) => lock.name === name)?.clientId === "1");
  };
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), LOCK_WAIT);
  try {
    await locks.request(name, { signal: controller.signal }, () => {
      clearTimeout(timer);
      return running = body();
    });
  } catch (error) {
    if (running === undefined) {
      if (!controller.signal.aborted) throw error;
      await locks.request(name, { steal: true }, () => running = body());
    }
    // Robbed in the middle, it goes on; its own failure is thrown here.
    await running;
  } finally {
    clearTimeout(timer);
  }
}
