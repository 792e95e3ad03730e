import { baseName } from "./_definition.ts";
import type { MergedFamily } from "./_reader.ts";
import { type CounterRow, GaugeRow, HistogramRow, type Row } from "./_row.ts";
import { boundText } from "./_text.ts";

/** A line of metrics in its parts. */
export interface MetricRow {
  /** The name of the line. */
  readonly metric: string;
  /** The labels as they stand in a line, `{a="b"}`; undefined without any. */
  readonly labels: string | undefined;
  /** The value. */
  readonly value: number;
}

/** All lines, those of a series beside each other. */
export function metricRows(families: readonly MergedFamily[]): MetricRow[] {
  return families.flatMap((family) =>
    family.rows.flatMap((row) =>
      row.parts === 0 ? [] : linesOf(family, row).map(
        ([metric, labels, value]) => ({
          metric,
          labels: labels === "" ? undefined : `{${labels}}`,
          value,
        }),
      )
    )
  );
}

type Line = [metric: string, labels: string, value: number];

function linesOf({ definition }: MergedFamily, row: Row): Line[] {
  const { name, type, buckets } = definition;
  const { labels } = row;
  if (row instanceof GaugeRow) return [[name, labels, row.value]];
  if (row instanceof HistogramRow) {
    const before = labels === "" ? "" : `${labels},`;
    let count = 0;
    const lines = [...buckets, Infinity].map((bound, i): Line => {
      count += row.buckets[i]!;
      const le = `${before}le="${boundText(bound, "text")}"`;
      return [`${name}_bucket`, le, count];
    });
    return [
      ...lines,
      [`${name}_sum`, labels, row.sum],
      [`${name}_count`, labels, count],
    ];
  }
  const { sum, count, delta, deltaCount } = row as CounterRow;
  if (type === "counter") return [[`${baseName(name)}_total`, labels, sum]];
  const lines: Line[] = [
    [name, labels, sum],
    [`${name}_count`, labels, count],
    [`${name}_delta`, labels, delta],
  ];
  if (deltaCount > 0) lines.push([`${name}_avg`, labels, delta / deltaCount]);
  return lines;
}
