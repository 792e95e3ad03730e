import { Context } from "./_context.ts";
import { delayOf } from "./_delay.ts";
import type { Settings } from "./_settings.ts";
import { LoadTimeoutError, quoteKey } from "./errors.ts";

/** What is loaded. */
export interface Job {
  readonly key: string;
  readonly settings: Settings;
  readonly load: (context: Context) => unknown;
  /** The value that has ended, when there is one. */
  readonly staleValue: unknown;
}

/** What a loader gave. */
export interface Given {
  /** `null` is known absent. */
  readonly value: unknown;
  /** What it said of it. */
  readonly context: Context;
  readonly loadMs: number;
}

/**
 * Calls a loader, for as long as it may take.
 *
 * @param closing Fires when the cache is closed.
 * @throws {LoadTimeoutError} When it takes longer than `hardTimeout`.
 */
export async function callLoader(
  { key, settings, load, staleValue }: Job,
  closing: AbortSignal,
): Promise<Given> {
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const give = (error: unknown) => {
    controller.abort(error);
    reject(error);
  };
  const late = () =>
    give(
      new LoadTimeoutError(
        `Cannot load key ${quoteKey(key)}: it took longer than ` +
          `${settings.hardTimeout} s`,
      ),
    );
  const close = () => give(closing.reason);
  if (closing.aborted) throw closing.reason;
  closing.addEventListener("abort", close);
  const timer = setTimeout(late, delayOf(settings.hardTimeout));
  const began = performance.now();
  try {
    const context = new Context(key, controller.signal, staleValue, settings);
    const value = await Promise.race([load(context), promise]) ?? null;
    return { value, context, loadMs: Math.round(performance.now() - began) };
  } finally {
    clearTimeout(timer);
    closing.removeEventListener("abort", close);
  }
}
