import * as promClient from "prom-client";
import { isolateRegistry } from "./_isolate.ts";
import { atStop } from "./_lifecycle.ts";
import { mergeProm, type PromMetric, writeProm } from "./_prom_merge.ts";
import { PromSnapshots } from "./_prom_snapshots.ts";
import { sayProblem } from "./_problem.ts";
import { addMetricsSource, renderAll } from "./_render.ts";
import type { MetricsFormat } from "./_text.ts";

/** How often an isolate publishes what it has, in milliseconds. */
const PUBLISH_EVERY = 1000;
/** How long a metric's `collect()` is waited for, in milliseconds. */
const COLLECT_WITHIN = 1000;
/** When all are asked again after one that hangs, in milliseconds. */
const COLLECT_AGAIN = 10_000;

/** While it was joined stat was stopped: nothing went wrong. */
class StoppedError extends Error {}

/**
 * A registry of prom-client whose `metrics()` holds those of all isolates: what
 * `@oresty/stat` counts, and what is registered here. Each isolate publishes its
 * own once a second; one that dies without a word loses what it counted since.
 */
export class SharedRegistry extends promClient.Registry {
  #snapshots: Promise<PromSnapshots> | undefined;
  /** Until then one hangs, by `performance.now()`. */
  #hangsUntil = 0;
  #hasFailed = false;

  /** @internal Registers a metric, as its option `registers` does. */
  override registerMetric(
    ...args: Parameters<promClient.Registry["registerMetric"]>
  ): void {
    super.registerMetric(...args);
    this.#join().catch((error) => {
      if (error instanceof StoppedError) return;
      sayProblem("metrics of prom-client are not shared", error);
    });
  }

  /** The metrics of all isolates as text, in the registry's content type. */
  override async metrics(): Promise<string> {
    await this.#join();
    return await renderAll(
      isolateRegistry(),
      this.contentType.startsWith("application/openmetrics-text")
        ? "openmetrics"
        : "text",
    );
  }

  /** Sets what this isolate has registered here to nothing. */
  override resetMetrics(): void {
    super.resetMetrics();
    this.#snapshots?.then((snapshots) => snapshots.flush(), () => {});
  }

  #join(): Promise<PromSnapshots> {
    if (this.#snapshots !== undefined) return this.#snapshots;
    const begun: Promise<PromSnapshots> = this.#begin().catch((error) => {
      // After a stop the next one may have begun already.
      if (this.#snapshots === begun) this.#snapshots = undefined;
      throw error;
    });
    return this.#snapshots = begun;
  }

  async #begin(): Promise<PromSnapshots> {
    let forget = () => {};
    let snapshots: PromSnapshots | undefined;
    let isEnded = false;
    const end = async () => {
      isEnded = true;
      this.#hangsUntil = 0;
      forget();
      this.#snapshots = undefined;
      if (snapshots === undefined) return;
      try {
        await this.#publish(snapshots);
      } finally {
        snapshots[Symbol.dispose]();
      }
    };
    const dropEnd = atStop(end);
    try {
      snapshots = await PromSnapshots.join();
    } catch (error) {
      dropEnd();
      throw error;
    }
    const joined = snapshots;
    if (isEnded) {
      joined[Symbol.dispose]();
      throw new StoppedError(
        "Cannot share metrics: stat was stopped meanwhile",
      );
    }
    const timer = setInterval(() => this.#publish(joined), PUBLISH_EVERY);
    Deno.unrefTimer(timer);
    const drop = addMetricsSource((format, taken) =>
      this.#write(joined, format, taken)
    );
    forget = () => {
      clearInterval(timer);
      drop();
    };
    await this.#publish(joined);
    return joined;
  }

  async #write(
    snapshots: PromSnapshots,
    format: MetricsFormat,
    taken: ReadonlySet<string>,
  ): Promise<string> {
    await this.#publish(snapshots);
    return writeProm(mergeProm(snapshots.read()), format, taken);
  }

  /**
   * A `collect()` that throws or hangs is its library's: the last metrics are
   * shown on, and those of others with them.
   */
  async #publish(snapshots: PromSnapshots): Promise<void> {
    // What hangs would only be called once more.
    if (performance.now() < this.#hangsUntil) return;
    const published = this.#own().then((metrics) => {
      snapshots.publish(metrics);
      this.#hasFailed = false;
    }).catch((error) => {
      if (!this.#hasFailed) {
        sayProblem("metrics of prom-client cannot be read", error);
      }
      this.#hasFailed = true;
    }).finally(() => this.#hangsUntil = 0);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waited = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#hangsUntil = performance.now() + COLLECT_AGAIN;
        resolve();
      }, COLLECT_WITHIN);
    });
    await Promise.race([published, waited]);
    clearTimeout(timer);
  }

  async #own(): Promise<PromMetric[]> {
    return await this.getMetricsAsJSON() as unknown as PromMetric[];
  }
}
