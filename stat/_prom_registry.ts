import * as promClient from "prom-client";
import { isolateRegistry } from "./_isolate.ts";
import { atStop } from "./_lifecycle.ts";
import { mergeProm, type PromMetric, writeProm } from "./_prom_merge.ts";
import { PromSnapshots } from "./_prom_snapshots.ts";
import { addMetricsSource, renderAll } from "./_render.ts";
import type { MetricsFormat } from "./_text.ts";

/** How often an isolate publishes what it has, in milliseconds. */
const PUBLISH_EVERY = 1000;

/**
 * A registry of prom-client whose `metrics()` holds those of all isolates: what
 * `@oresty/stat` counts, and what is registered here. Each isolate publishes its
 * own once a second; one that dies without a word loses what it counted since.
 */
export class SharedRegistry extends promClient.Registry {
  #snapshots: Promise<PromSnapshots> | undefined;

  /** @internal Registers a metric, as its option `registers` does. */
  override registerMetric(
    ...args: Parameters<promClient.Registry["registerMetric"]>
  ): void {
    super.registerMetric(...args);
    this.#join().catch(reportError);
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
    return this.#snapshots ??= this.#begin().catch((error) => {
      this.#snapshots = undefined;
      throw error;
    });
  }

  async #begin(): Promise<PromSnapshots> {
    let forget = () => {};
    let snapshots: PromSnapshots | undefined;
    let isEnded = false;
    const end = async () => {
      isEnded = true;
      forget();
      this.#snapshots = undefined;
      if (snapshots === undefined) return;
      try {
        snapshots.publish(await this.#own());
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
      throw new Error("Cannot share metrics: stat was stopped meanwhile");
    }
    const publish = async () => joined.publish(await this.#own());
    const timer = setInterval(
      () => publish().catch(reportError),
      PUBLISH_EVERY,
    );
    Deno.unrefTimer(timer);
    const drop = addMetricsSource((format, taken) =>
      this.#write(joined, format, taken)
    );
    forget = () => {
      clearInterval(timer);
      drop();
    };
    await publish();
    return joined;
  }

  async #write(
    snapshots: PromSnapshots,
    format: MetricsFormat,
    taken: ReadonlySet<string>,
  ): Promise<string> {
    snapshots.publish(await this.#own());
    return writeProm(mergeProm(snapshots.read()), format, taken);
  }

  async #own(): Promise<PromMetric[]> {
    return await this.getMetricsAsJSON() as unknown as PromMetric[];
  }
}
