import type { MetricRow } from "./metric_rows.ts";

/**
 * Takes the lines of metrics in text form apart; comments and empty lines are
 * left out.
 *
 * @throws {SyntaxError} On a line that is none.
 */
export function parseMetrics(text: string): MetricRow[] {
  return text.split("\n").filter((line) => !/^\s*(#|$)/.test(line)).map(
    (line) => {
      const match =
        /^([A-Za-z_:][\w:]*)(\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?\s+(\S+)(?:\s+-?\d+)?\s*$/
          .exec(line);
      const value = match === null ? NaN : numberOf(match[3]!);
      if (match === null || Number.isNaN(value) && match[3] !== "NaN") {
        throw new SyntaxError(
          `Cannot parse ${JSON.stringify(line.slice(0, 200))}: expected a ` +
            `name, labels and a value`,
        );
      }
      return { metric: match[1]!, labels: match[2], value };
    },
  );
}

function numberOf(text: string): number {
  if (/^\+?Inf$/.test(text)) return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}
