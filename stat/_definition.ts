import { checkOptions } from "@oresty/core";

/** What a metric is: `untyped` are the four lines of a stat series. */
export type MetricType = "untyped" | "counter" | "gauge" | "histogram";

/** How the gauges of all isolates become one. */
export type GaugeAggregate = "sum" | "max" | "min" | "avg" | "last";

/** What `declare` says of a metric. */
export interface Declaration {
  /**
   * `untyped`: sum, count, and delta and average of the last window, as four
   * lines. `counter`: one line, which ends in `_total`. `gauge` and
   * `histogram` as Prometheus has them.
   *
   * @default {"untyped"}
   */
  type?: MetricType;
  /** What it says, for people: the HELP line. */
  help?: string;
  /**
   * Upper bounds of a histogram's buckets, growing; the last one, to infinity,
   * is there without being named.
   *
   * @default {[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]}
   */
  buckets?: readonly number[];
  /**
   * How the gauges of all isolates become one.
   *
   * @default {"sum"}
   */
  aggregate?: GaugeAggregate;
}

/** What a metric is, wherever it came from. */
export interface Definition {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** Of a histogram; else empty. */
  readonly buckets: readonly number[];
  readonly aggregate: GaugeAggregate;
}

/** Bounds of a histogram for which none were given, in seconds as Prometheus. */
export const DEFAULT_BUCKETS: readonly number[] = [
  ...[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
];

const TYPES: readonly MetricType[] = [
  "untyped",
  "counter",
  "gauge",
  "histogram",
];
const AGGREGATES: readonly GaugeAggregate[] = [
  "sum",
  "max",
  "min",
  "avg",
  "last",
];
const MOST_BUCKETS = 100;
const LONGEST_HELP = 1000;
const LONGEST_KEY = 200;

/**
 * @throws {TypeError} When it is no name that Prometheus takes; a colon is for
 * its rules.
 */
export function checkKey(key: unknown): asserts key is string {
  if (
    typeof key === "string" && key.length <= LONGEST_KEY &&
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(key)
  ) return;
  throw new TypeError(
    `Cannot use key ${quote(key)}: KEY_FORMAT_ERR, expected 1 to ` +
      `${LONGEST_KEY} letters, digits and "_", and no digit first`,
  );
}

/**
 * The definition of a declaration.
 *
 * @throws {TypeError} On a bad key, an unknown option, or one of a wrong kind.
 * @throws {RangeError} When buckets do not grow.
 */
export function definitionOf(
  name: string,
  declaration: Declaration,
): Definition {
  checkKey(name);
  const where = `declare("${name}")`;
  checkOptions(where, declaration, ["type", "help", "buckets", "aggregate"]);
  const { type = "untyped", help = "", buckets, aggregate } = declaration ?? {};
  oneOf(where, "type", type, TYPES);
  if (type === "counter" && baseName(name) === "") {
    throw new TypeError(
      `Cannot use key ${quote(name)} for a counter: KEY_FORMAT_ERR, expected ` +
        `something before "_total"`,
    );
  }
  if (
    typeof help !== "string" || help.length > LONGEST_HELP ||
    /[^\n\P{Cc}]/u.test(help)
  ) {
    throw new TypeError(
      `Cannot use option "help" of ${where}: ${quote(help)} was given, ` +
        `expected a text of at most ${LONGEST_HELP} characters, none of them a ` +
        `control character but line feeds`,
    );
  }
  if (buckets !== undefined && type !== "histogram") {
    throw new TypeError(
      `Cannot use option "buckets" of ${where}: it is of type "${type}", ` +
        `expected "histogram"`,
    );
  }
  if (aggregate !== undefined && type !== "gauge") {
    throw new TypeError(
      `Cannot use option "aggregate" of ${where}: it is of type "${type}", ` +
        `expected "gauge"`,
    );
  }
  if (aggregate !== undefined) {
    oneOf(where, "aggregate", aggregate, AGGREGATES);
  }
  return {
    name,
    type,
    help: help.toWellFormed(),
    buckets: type === "histogram"
      ? bucketsOf(name, buckets === undefined ? DEFAULT_BUCKETS : buckets)
      : [],
    aggregate: aggregate ?? "sum",
  };
}

function bucketsOf(name: string, buckets: readonly number[]): number[] {
  const bounds = Array.isArray(buckets) ? [...buckets] : [];
  const isGrowing = bounds.every((bound, i) =>
    Number.isFinite(bound) && (i === 0 || bound > bounds[i - 1]!)
  );
  if (bounds.length === 0 || bounds.length > MOST_BUCKETS || !isGrowing) {
    throw new RangeError(
      `Cannot use buckets ${quote(buckets)} of "${name}": VALUE_FORMAT_ERR, ` +
        `expected 1 to ${MOST_BUCKETS} finite numbers, each larger than the ` +
        `one before`,
    );
  }
  return bounds;
}

function oneOf(
  where: string,
  option: string,
  value: unknown,
  all: readonly string[],
): void {
  if (all.includes(value as string)) return;
  throw new TypeError(
    `Cannot use option "${option}" of ${where}: ${quote(value)} was given, ` +
      `expected one of ${all.join(", ")}`,
  );
}

/** What two definitions have in common when their series can be added up. */
export function identityOf(definition: Definition): string {
  const { type, buckets, aggregate } = definition;
  return `${type} ${type === "gauge" ? aggregate : buckets.join()}`;
}

/** What a series has in its slot: numbers of one kind can be added up. */
export type NumberKind = Exclude<MetricType, "untyped">;

/** What the series of a definition have in their slots. */
export function kindOf({ type }: Definition): NumberKind {
  return type === "untyped" ? "counter" : type;
}

/** Names that the lines of a metric have, in one of the two formats. */
export function sampleNames({ name, type }: Definition): string[] {
  switch (type) {
    case "untyped":
      return ["", "_count", "_delta", "_avg"].map((end) => name + end);
    case "counter": {
      const base = baseName(name);
      return [base, `${base}_total`];
    }
    case "gauge":
      return [name];
    case "histogram":
      return ["", "_bucket", "_sum", "_count"].map((end) => name + end);
  }
}

/** A counter's name without the `_total` that its line has. */
export function baseName(name: string): string {
  return name.endsWith("_total") ? name.slice(0, -"_total".length) : name;
}

/** A value in an error: short, and in quotes. */
export function quote(value: unknown): string {
  let text: string;
  try {
    text = typeof value === "string"
      ? JSON.stringify(value)
      : `"${String(value)}"`;
  } catch {
    text = `"${typeof value}"`; // an object that is no text
  }
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
