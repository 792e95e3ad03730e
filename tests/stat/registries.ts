import { Registry, type RegistryOptions } from "../../stat/_registry.ts";
import { type Labels, readLabels } from "../../stat/_labels.ts";
import { type MetricsFormat, writeMetrics } from "../../stat/_text.ts";
import { type MetricRow, metricRows } from "../../stat/metric_rows.ts";
import { Stat } from "../../stat/stat.ts";
import type { Declaration } from "@oresty/stat";
import { definitionOf } from "../../stat/_definition.ts";
import { parseText, type TextFamily } from "./parse_text.ts";

let count = 0;

/** A name that no other test has: the tests of all files are one process. */
export function groupName(): string {
  return `stat_test ${crypto.randomUUID()} ${count++}`;
}

/** A registry in a group of its own, as an isolate has one. */
export class TestRegistry implements AsyncDisposable {
  readonly group: string;
  readonly registry: Registry;

  constructor(options: RegistryOptions = {}) {
    this.group = options.group ?? groupName();
    this.registry = new Registry({ ...options, group: this.group });
  }

  create(labels?: Labels): Stat {
    return new Stat(readLabels(labels), this.registry);
  }

  declare(key: string, declaration: Declaration): void {
    this.registry.declare(definitionOf(key, declaration));
  }

  rows(): MetricRow[] {
    return metricRows(this.registry.read());
  }

  /** The lines as the original prints them. */
  lines(): string[] {
    return this.rows().map(({ metric, labels = "", value }) =>
      `${metric}${labels} ${value}`
    );
  }

  text(format: MetricsFormat = "text"): string {
    const text = writeMetrics(this.registry.read(), format);
    return format === "openmetrics" ? `${text}# EOF\n` : text;
  }

  families(format: MetricsFormat = "text"): TextFamily[] {
    return parseText(this.text(format), format === "openmetrics");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.registry.stop();
  }
}
