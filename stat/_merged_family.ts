import { type Definition, sampleNames } from "./_definition.ts";
import { OVERFLOW_LABELS } from "./_labels.ts";
import { CounterRow, GaugeRow, HistogramRow, type Row } from "./_row.ts";

/** A metric of all isolates together. */
export class MergedFamily {
  #definition: Definition;
  /** In the order of their labels; a row without parts is not there. */
  readonly rows: Row[] = [];
  readonly #byLabels: Map<string, Row> = new Map();
  #isSorted = true;

  constructor(definition: Definition) {
    this.#definition = definition;
  }

  /** What it is, and under which name it is shown. */
  get definition(): Definition {
    return this.#definition;
  }

  /** Names of its lines. */
  get names(): string[] {
    return sampleNames(this.#definition);
  }

  /** Takes another name or help. */
  rename(definition: Definition): void {
    if (definition.name !== this.#definition.name) {
      for (const row of this.rows) row.prefixes = undefined;
    }
    this.#definition = definition;
  }

  /** The row of labels; undefined when there are too many. */
  row(labels: string, most: number): Row | undefined {
    let row = this.#byLabels.get(labels);
    if (row === undefined) {
      if (this.rows.length >= most && labels !== OVERFLOW_LABELS) return;
      row = this.#make(labels);
      this.#byLabels.set(labels, row);
      this.rows.push(row);
      this.#isSorted = false;
    }
    return row;
  }

  /** Puts the rows into their order. */
  sort(): void {
    if (this.#isSorted) return;
    this.rows.sort((a, b) => a.labels < b.labels ? -1 : 1);
    this.#isSorted = true;
  }

  #make(labels: string): Row {
    const { type, buckets, aggregate } = this.#definition;
    if (type === "gauge") return new GaugeRow(labels, aggregate);
    return type === "histogram"
      ? new HistogramRow(labels, buckets.length)
      : new CounterRow(labels);
  }
}
