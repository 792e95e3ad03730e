/**
 * Sets of code points as sorted, disjoint ranges: what one place of a constraint can match.
 *
 * @module
 */

/**
 * A set of code points. Its ASCII part is what the expression matches; beyond ASCII a set that
 * is not `exact` holds all code points, for want of the engine's tables.
 */
export interface CodePoints {
  /** Sorted, disjoint, inclusive pairs: `[first, last, first, last, ...]`. */
  readonly ranges: readonly number[];
  readonly exact: boolean;
}

const LAST = 0x10ffff;
const DIGITS = [0x30, 0x39];
const WORD = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
// deno-fmt-ignore
const SPACES = [
  0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029,
  0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff,
];
const LINE_ENDS = [0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029];
/** The only two code points beyond ASCII whose simple case folding is an ASCII letter. */
const LONG_S = 0x17f;
const KELVIN = 0x212a;

/** What nothing matches. */
export const NOTHING: CodePoints = { ranges: [], exact: true };

const BEYOND_ASCII: CodePoints = { ranges: [0x80, LAST], exact: false };

/** The union of sets. */
export function union(sets: readonly CodePoints[]): CodePoints {
  const pairs: [number, number][] = [];
  for (const { ranges } of sets) {
    for (let at = 0; at < ranges.length; at += 2) {
      pairs.push([ranges[at]!, ranges[at + 1]!]);
    }
  }
  pairs.sort((a, b) => a[0] - b[0]);
  const ranges: number[] = [];
  for (const [first, last] of pairs) {
    const end = ranges.length - 1;
    if (end > 0 && first <= ranges[end]! + 1) {
      ranges[end] = Math.max(ranges[end]!, last);
    } else ranges.push(first, last);
  }
  return { ranges, exact: sets.every((set) => set.exact) };
}

/** Everything that is not in the set, or, beyond ASCII, that may not be in it. */
export function complement(set: CodePoints): CodePoints {
  const ranges: number[] = [];
  let next = 0;
  for (let at = 0; at < set.ranges.length; at += 2) {
    if (set.ranges[at]! > next) ranges.push(next, set.ranges[at]! - 1);
    next = set.ranges[at + 1]! + 1;
  }
  if (next <= LAST) ranges.push(next, LAST);
  return set.exact
    ? { ranges, exact: true }
    : union([{ ranges, exact: true }, BEYOND_ASCII]);
}

/** What `.` matches: everything but the four line ends. */
export function dot(): CodePoints {
  return complement({ ranges: LINE_ENDS, exact: true });
}

/** What `\d \D \w \W \s \S` match, or undefined for another letter. */
export function escapedSet(
  letter: string,
  ignoreCase: boolean,
): CodePoints | undefined {
  switch (letter) {
    case "d":
      return { ranges: DIGITS, exact: true };
    case "s":
      return { ranges: SPACES, exact: true };
    case "w":
      return {
        ranges: ignoreCase ? [...WORD, LONG_S, LONG_S, KELVIN, KELVIN] : WORD,
        exact: true,
      };
    case "D":
    case "S":
    case "W":
      return complement(escapedSet(letter.toLowerCase(), ignoreCase)!);
    default:
      return undefined;
  }
}

/**
 * What `\p{...}` or `\P{...}` matches.
 *
 * @throws {SyntaxError} When there is no such property.
 */
export function propertySet(escape: string, ignoreCase: boolean): CodePoints {
  const property = new RegExp(escape, ignoreCase ? "iu" : "u");
  const ascii: CodePoints[] = [];
  for (let code = 0; code < 0x80; code++) {
    if (property.test(String.fromCharCode(code))) {
      ascii.push({ ranges: [code, code], exact: true });
    }
  }
  return union([...ascii, BEYOND_ASCII]);
}

/** What a range matches; a single character is a range of one. */
export function range(
  first: number,
  last: number,
  ignoreCase: boolean,
): CodePoints {
  const set = { ranges: [first, last], exact: true };
  if (!ignoreCase) return set;
  const parts: CodePoints[] = [set];
  const add = (from: number, to: number) =>
    parts.push({ ranges: [from, to], exact: true });
  const holds = (code: number) => first <= code && code <= last;
  for (const [start, shift] of [[0x41, 32], [0x61, -32]] as const) {
    const from = Math.max(first, start);
    const to = Math.min(last, start + 25);
    if (from <= to) add(from + shift, to + shift);
  }
  for (const [upper, other] of [[0x4b, KELVIN], [0x53, LONG_S]] as const) {
    if (!holds(upper) && !holds(upper + 32) && !holds(other)) continue;
    for (const code of [upper, upper + 32, other]) add(code, code);
  }
  return union(last < 0x80 ? parts : [...parts, BEYOND_ASCII]);
}
