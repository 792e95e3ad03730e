import { type Duration, parseDuration } from "@oresty/core";
import { Header } from "./_layout.ts";
import type { Memory } from "./_memory.ts";

/** Those of a dictionary in this isolate who wait for a word to change. */
export class Waits {
  readonly #ends: Set<(isChanged: boolean) => void> = new Set();

  /**
   * Waits until a word says something else than `version`. The wait keeps no
   * process alive.
   *
   * @param timeout Seconds.
   * @returns Whether it does; false when the time is over.
   * @throws The signal's reason when it aborts.
   */
  async changed(
    memory: Memory,
    slot: number,
    version: number,
    timeout: Duration,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const milliseconds = parseDuration(timeout, "timeout") * 1000;
    memory.checkSlot(slot);
    signal?.throwIfAborted();
    if (memory.versionAt(slot) !== version) return true;
    const { words } = memory;
    const ended = Promise.withResolvers<boolean>();
    let isOver = false;
    const end = (isChanged: boolean) => {
      isOver = true;
      ended.resolve(isChanged);
      // A wait cannot be called off: it is woken, with others, who look again.
      Atomics.notify(words, slot);
    };
    const abort = () => {
      end(false);
    };
    this.#ends.add(end);
    signal?.addEventListener("abort", abort);
    // Counted before the word is looked at: who changes it later wakes.
    Atomics.add(words, Header.waiters, 1);
    const until = performance.now() + milliseconds;
    try {
      while (!isOver) {
        const left = until - performance.now();
        if (left <= 0) return memory.versionAt(slot) !== version;
        const wait = Atomics.waitAsync(
          words,
          slot,
          memory.wordOf(version),
          left,
        );
        if (!wait.async) return true;
        const result = await Promise.race([wait.value, ended.promise]);
        if (typeof result === "boolean") {
          signal?.throwIfAborted();
          return result;
        }
        if (memory.versionAt(slot) !== version) return true;
      }
      signal?.throwIfAborted();
      return await ended.promise;
    } finally {
      Atomics.sub(words, Header.waiters, 1);
      signal?.removeEventListener("abort", abort);
      this.#ends.delete(end);
    }
  }

  /** Ends all waits. */
  end(isChanged: boolean): void {
    for (const end of [...this.#ends]) end(isChanged);
  }
}
