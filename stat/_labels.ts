import { quote } from "./_definition.ts";

/**
 * Labels of series: an object, or the text `"a=b&c=d"`, which is taken as it
 * is, without decoding.
 */
export type Labels =
  | string
  | Readonly<Record<string, string | number | boolean>>;

/** Labels by their names, sorted, without empty ones. */
export type LabelMap = ReadonlyMap<string, string>;

const MOST_LABELS = 32;
const LONGEST_VALUE = 1024;

/** Of what was refused in one isolate for want of room. */
export const OVERFLOW_LABELS = 'overflow="true"';

/**
 * Reads labels. Those with an empty value are none, as Prometheus has it.
 *
 * @param base Labels that they are added to.
 * @throws {TypeError} On a name or a value that cannot be.
 */
export function readLabels(
  labels: Labels | undefined,
  base: LabelMap = new Map(),
): LabelMap {
  const all = new Map(base);
  for (const [name, value] of pairs(labels)) {
    if (!/^(?!__)[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > 200) {
      throw new TypeError(
        `Cannot use label ${quote(name)}: NAME_FORMAT_ERR, expected letters, ` +
          `digits and "_", no digit and no "__" first`,
      );
    }
    all.set(name, valueOf(name, value));
  }
  if (all.size > MOST_LABELS) {
    throw new RangeError(
      `Cannot use ${all.size} labels: NAME_FORMAT_ERR, expected ` +
        `${MOST_LABELS} at most`,
    );
  }
  const sorted = [...all].filter(([, value]) => value !== "");
  return new Map(sorted.sort(([a], [b]) => a < b ? -1 : 1));
}

/** Labels as they stand in a line, `a="b",c="d"`: it names them uniquely. */
export function labelText(labels: LabelMap): string {
  let text = "";
  for (const [name, value] of labels) {
    text += `${text === "" ? "" : ","}${name}="${escapeValue(value)}"`;
  }
  return text;
}

/** The labels of a text that `labelText` made. */
export function parseLabelText(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (
    const [, name, value] of text.matchAll(
      /([A-Za-z0-9_]+)="((?:[^"\\]|\\.)*)"/g,
    )
  ) {
    labels[name!] = value!.replaceAll(
      /\\(.)/g,
      (_, char) => char === "n" ? "\n" : char,
    );
  }
  return labels;
}

function escapeValue(value: string): string {
  return /["\\\n]/.test(value)
    ? value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')
      .replaceAll("\n", "\\n")
    : value;
}

function valueOf(name: string, value: unknown): string {
  const kind = typeof value;
  if (kind !== "string" && kind !== "number" && kind !== "boolean") {
    throw new TypeError(
      `Cannot use ${quote(value)} as value of label "${name}": ` +
        `NAME_FORMAT_ERR, expected a text`,
    );
  }
  const text = String(value);
  if (text.length > LONGEST_VALUE) {
    throw new RangeError(
      `Cannot use ${quote(text)} as value of label "${name}": ` +
        `NAME_FORMAT_ERR, it has ${text.length} characters, expected ` +
        `${LONGEST_VALUE} at most`,
    );
  }
  // Half of a pair has no UTF-8: a client's path may hold one.
  return text.toWellFormed();
}

function pairs(labels: unknown): [string, unknown][] {
  if (labels === undefined || labels === "") return [];
  if (typeof labels === "string") return textPairs(labels);
  // A Map or a URLSearchParams has entries, but none that Object.entries sees.
  if (
    typeof labels !== "object" || labels === null || Symbol.iterator in labels
  ) {
    throw new TypeError(
      `Cannot use ${quote(labels)} as labels: NAME_FORMAT_ERR, expected an ` +
        `object or a text such as "a=b&c=d"`,
    );
  }
  return Object.entries(labels);
}

function textPairs(text: string): [string, string][] {
  const names = new Set<string>();
  return text.split("&").map((pair) => {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at);
    if (at < 1 || names.has(name)) {
      throw new TypeError(
        `Cannot use ${quote(text)} as labels: NAME_FORMAT_ERR, expected ` +
          `"name=value" pairs with "&" between them, each name once`,
      );
    }
    names.add(name);
    return [name, pair.slice(at + 1)];
  });
}
