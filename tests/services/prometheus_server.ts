import { available, canStart, findProgram } from "./available.ts";
import { until } from "./ports.ts";
import { Service } from "./service.ts";

/** Whether a test can have a Prometheus. */
export function hasPrometheus(): boolean {
  if (!canStart()) return false;
  return available("prometheus", missing("prometheus"));
}

/** Whether a test can have promtool, which checks metrics and rules. */
export function hasPromtool(): boolean {
  if (!canStart()) return false;
  return available("promtool", missing("promtool"));
}

function missing(program: string): string | undefined {
  return findProgram(program) === undefined ? "it is not installed" : undefined;
}

/** A server of Prometheus, and what it is asked. */
export class Prometheus implements AsyncDisposable {
  readonly service: Service;

  private constructor(service: Service) {
    this.service = service;
  }

  /**
   * Starts one that scrapes addresses each second.
   *
   * @param targets `127.0.0.1:9464`.
   */
  static async start(targets: readonly string[]): Promise<Prometheus> {
    return new Prometheus(
      await Service.start((port, folder) => {
        const config = `${folder}/prometheus.yml`;
        // JSON is YAML, too.
        Deno.writeTextFileSync(
          config,
          JSON.stringify({
            global: { scrape_interval: "1s", scrape_timeout: "900ms" },
            scrape_configs: [
              { job_name: "oresty", static_configs: [{ targets }] },
            ],
          }),
        );
        return {
          name: "prometheus",
          program: "prometheus",
          cwd: folder,
          args: [
            `--config.file=${config}`,
            `--storage.tsdb.path=${folder}/data`,
            `--web.listen-address=127.0.0.1:${port}`,
            "--log.level=error",
          ],
          async ready() {
            const response = await fetch(`http://127.0.0.1:${port}/-/ready`, {
              signal: AbortSignal.timeout(2000),
            });
            await response.body?.cancel();
            if (!response.ok) throw new Error(`status ${response.status}`);
          },
        };
      }, 60),
    );
  }

  /** The values of an instant query, by the labels that are no instance. */
  async query(query: string): Promise<Record<string, number>> {
    const { result } = await this.#get(
      `query?${new URLSearchParams({ query })}`,
    ) as { result: Sample[] };
    return Object.fromEntries(result.map(({ metric, value }) => {
      const { instance: _, job: __, ...labels } = metric;
      const text = Object.entries(labels).map(([name, value]) =>
        `${name}=${value}`
      ).sort().join();
      return [text, Number(value[1])];
    }));
  }

  /** The one value of a query; NaN when there is none. */
  async value(query: string): Promise<number> {
    const values = Object.values(await this.query(query));
    if (values.length > 1) throw new Error(`"${query}" has several values`);
    return values[0] ?? NaN;
  }

  /** Waits until a query has a value. */
  async waitFor(query: string, value: number, seconds = 15): Promise<void> {
    await until(`${query} to be ${value}`, seconds, async () => {
      const found = await this.value(query);
      if (found === value) return true;
      throw new Error(`it is ${found}`);
    });
  }

  /** How it fares with those that it scrapes. */
  async targets(): Promise<{ health: string; lastError: string }[]> {
    const { activeTargets } = await this.#get("targets?state=active") as {
      activeTargets: { health: string; lastError: string }[];
    };
    return activeTargets;
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(
      `http://${this.service.address}/api/v1/${path}`,
      { signal: AbortSignal.timeout(5000) },
    );
    const { status, data, error } = await response.json();
    if (status !== "success") throw new Error(`"${path}": ${error}`);
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service[Symbol.asyncDispose]();
  }
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}
