/** A line of metrics, taken apart. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A family with its lines. */
export interface TextFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  untyped: [""],
  unknown: [""],
  gauge: [""],
  counter: [""],
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
};

/**
 * Reads metrics as strictly as no server does: it fails on everything that the
 * format forbids, and on what servers take but is wrong.
 *
 * @throws {Error} With the line.
 */
export function parseText(text: string, isOpen = false): TextFamily[] {
  let body = text;
  if (isOpen) {
    if (!text.endsWith("# EOF\n")) throw new Error("no # EOF at the end");
    body = text.slice(0, -"# EOF\n".length);
  }
  if (body !== "" && !body.endsWith("\n")) throw new Error("no LF at the end");
  const families: {
    name: string;
    type: string;
    help: string;
    samples: Sample[];
  }[] = [];
  const names = new Set<string>();
  const seen = new Set<string>();
  for (const line of body.split("\n").slice(0, -1)) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${JSON.stringify(line)}`);
    };
    const head = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (head !== null) {
      const [, kind, name, rest] = head as unknown as string[];
      if (kind === "HELP") {
        if (names.has(name!)) fail("a family twice");
        names.add(name!);
        families.push({ name: name!, help: rest!, type: "", samples: [] });
        continue;
      }
      const family = families.at(-1);
      if (family?.name !== name || family?.type !== "") fail("stray TYPE");
      family!.type = rest!;
      if (!(rest! in SUFFIXES)) fail("unknown type");
      if (rest === (isOpen ? "untyped" : "unknown")) fail("wrong word");
      continue;
    }
    if (line.startsWith("#") || line.includes("\r")) fail("stray comment");
    const sample = parseSample(line) ?? fail("no sample");
    const family = families.at(-1) ?? fail("no family");
    if (family.type === "") fail("no TYPE");
    const ends = isOpen && family.type === "counter"
      ? ["_total"]
      : SUFFIXES[family.type]!;
    if (!ends.some((end) => sample.name === family.name + end)) {
      fail(`not of family ${family.name}`);
    }
    const key = `${sample.name} ${JSON.stringify(sample.labels)}`;
    if (seen.has(key)) fail("a series twice");
    seen.add(key);
    family.samples.push(sample);
  }
  for (const { name, type, samples } of families) {
    if (samples.length === 0) throw new Error(`${name} has no line`);
    if (type === "histogram") checkHistogram(name, samples);
    if (type === "counter" && samples.some(({ value }) => !(value >= 0))) {
      throw new Error(`${name} is negative`);
    }
  }
  return families;
}

/** The value of a line; NaN when it is not there. */
export function valueOf(
  families: readonly TextFamily[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  return families.flatMap(({ samples }) => samples).find((sample) =>
    sample.name === name &&
    JSON.stringify(Object.entries(sample.labels).sort()) === wanted
  )?.value ?? NaN;
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const groups = Map.groupBy(samples, ({ labels }) => {
    const { le: _, ...rest } = labels;
    return JSON.stringify(rest);
  });
  for (const [key, group] of groups) {
    const fail = (why: string): never => {
      throw new Error(`histogram ${name}${key}: ${why}`);
    };
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => bound(labels.le!));
    const counts = buckets.map(({ value }) => value);
    if (bounds.at(-1) !== Infinity) fail("no +Inf");
    for (let i = 1; i < bounds.length; i++) {
      if (!(bounds[i]! > bounds[i - 1]!)) fail("bounds do not grow");
      if (!(counts[i]! >= counts[i - 1]!)) fail("counts fall");
    }
    const of = (end: string) =>
      group.find((sample) => sample.name === name + end)?.value;
    if (of("_count") !== counts.at(-1)) fail("_count is not that of +Inf");
    if (of("_sum") === undefined) fail("no _sum");
  }
}

function bound(text: string): number {
  return text === "+Inf" ? Infinity : Number(text);
}

function parseSample(line: string): Sample | undefined {
  const head = /^([a-zA-Z_:][\w:]*)(\{)? ?/.exec(line);
  if (head === null) return undefined;
  const labels: Record<string, string> = {};
  let at = head[0].length;
  if (head[2] !== undefined) {
    const pair = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(,|\} )/y;
    for (;;) {
      pair.lastIndex = at;
      const match = pair.exec(line);
      if (match === null || match[1]! in labels) return undefined;
      labels[match[1]!] = match[2]!.replaceAll(
        /\\(.)/g,
        (_, char) => char === "n" ? "\n" : char,
      );
      at = pair.lastIndex;
      if (match[3] !== ",") break;
    }
  } else if (line[at - 1] !== " ") return undefined;
  const text = line.slice(at);
  const value = /^[+-]Inf$/.test(text) ? Number(`${text}inity`) : Number(text);
  if (text === "" || /\s/.test(text) || Number.isNaN(value)) return undefined;
  return { name: head[1]!, labels, value };
}
