import type { TLCache } from "@oresty/cache";
import * as stat from "@oresty/stat";
import { RequestMetrics } from "./_request_metrics.ts";

/** Apps of this isolate that have counted something, and are not closed. */
let users = 0;

/** What an app counts, and where it is shown. */
export class AppStat {
  /** Hears of the requests of servers. */
  readonly observer: RequestMetrics;
  #own: stat.Stat | undefined;
  #isUsed = false;
  #isClosed = false;

  /**
   * @param cache Counts its hits with the requests.
   * @param refused Hears what cannot be counted.
   */
  constructor(
    cache: Partial<Pick<TLCache, "measure">> | undefined,
    refused: (error: unknown) => void,
  ) {
    this.observer = new RequestMetrics(() => {
      this.#use();
      cache?.measure?.(stat.metricsSink());
    }, refused);
  }

  /** For what handlers count. */
  get own(): stat.Stat {
    this.#use();
    return this.#own ??= stat.create();
  }

  /** With its first use it has something to end. */
  #use(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    users++;
  }

  /**
   * Shows metrics and status on a port of its own.
   *
   * @throws {TypeError} On an unknown option or one of a wrong kind.
   */
  async serve(
    options: number | stat.ServeOptions,
  ): Promise<stat.StatListener> {
    this.#use();
    return await stat.serve(
      typeof options === "number" ? { port: options } : options,
    );
  }

  /** With the last app of the isolate counting ends. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isUsed && --users === 0) await stat.stop();
  }
}
