/**
 * Constraints of route parameters, such as `\d+` in `/users/:id(\d+)`.
 *
 * @module
 */
import { buildAutomaton } from "./_constraint_automaton.ts";
import { costOf } from "./_constraint_cost.ts";
import {
  constraintError,
  parseConstraint,
  type ParsedConstraint,
} from "./_constraint_parser.ts";

/** A checked constraint: its anchored expression and whether its matching is linear. */
export interface Constraint {
  /** The constraint as it was written. */
  source: string;
  /** The expression, anchored at both ends and without capturing groups. */
  regexp: RegExp;
  /**
   * The longest value, in UTF-16 code units, that the expression may be tried on; a longer one
   * does not match. Infinity when the time to match is proportional to the length, else 256.
   */
  maxLength: number;
}

/** In UTF-16 code units. */
const MAX_SOURCE = 512;
/** In UTF-16 code units, for expressions whose time is more than proportional to the length. */
const MAX_LENGTH = 256;
/**
 * The matcher takes about 3 ns for a step: a million are 3 ms, and 128 for each character are
 * 4 ms for a value of 10,000.
 */
const LIMITS = { each: 128, total: 1_000_000, length: MAX_LENGTH };

/**
 * Checks a constraint and makes its expression.
 *
 * JavaScript's matcher tries all ways to read a value, and a value that just fails can be read
 * in very many ways: `(a+)+` takes seconds over thirty letters "a" and a "!", and twice as
 * long for each further letter. The ways are those through the expression's position automaton (Glushkov 1961), whose steps are counted as often
 * as the matcher can take them. An expression is refused when two ways lead from a place back
 * to itself over one word, the exponential degree of ambiguity (EDA) of Weber & Seidl 1991,
 * applied to matchers by Weideman, van der Merwe, Berglund & Watson ("Analyzing matching time
 * behavior of backtracking regular expression matchers by using ambiguity of NFA", 2016).
 * For the others the largest number of ways over any word is counted: when it has a small limit
 * the time is proportional to the length (no infinite degree of ambiguity, IDA); when it grows
 * with the length (`.*-.*`), `maxLength` is 256 and the ways over so many characters are
 * bounded too, so that `a*a*a*a*a*b` and `(a?){40}b` are refused as well.
 *
 * The check itself is bounded in time; what it cannot decide within is refused.
 *
 * Allowed are characters, escapes, `.`, classes, groups, alternatives and repeats. A `^` in
 * front and a `$` at the end are dropped, since the whole is anchored. What `\p{...}` holds
 * beyond ASCII is not known here, nor which letters there differ in case alone: it counts as
 * overlapping with everything beyond ASCII.
 *
 * @param source The expression without delimiters, at most 512 characters.
 * @param options `caseSensitive`: whether letters match in one case only. Default true.
 * @returns The constraint.
 * @throws {SyntaxError} When the expression is invalid, empty or too large, uses a lookaround,
 *   backreference, named group, inner anchor, word boundary or inline flags, or can take too
 *   long.
 *
 * @example
 * ```ts ignore
 * const { regexp, maxLength } = compileConstraint("\\d{4}-\\d{2}");
 * const value = "2024-05";
 * value.length <= maxLength && regexp.test(value); // true
 * ```
 */
export function compileConstraint(
  source: string,
  options: { caseSensitive?: boolean } = {},
): Constraint {
  const { caseSensitive = true } = options;
  const fail = (state: string): never => {
    throw constraintError(source, state);
  };
  if (source.length > MAX_SOURCE) {
    fail(`it has ${source.length} characters, expected at most ${MAX_SOURCE}`);
  }
  const parsed = parseConstraint(source, !caseSensitive);
  const cost = costOf(buildAutomaton(parsed.tree, fail), LIMITS);
  switch (cost) {
    case "exponential":
      return fail("it can take exponential time");
    case "excessive":
      return fail(
        `it can take too long, over ${LIMITS.total} steps on ${MAX_LENGTH} characters`,
      );
    case "unknown":
      return fail("it is too ambiguous to bound its time");
  }
  const regexp = makeRegExp(source, parsed, caseSensitive);
  return {
    source,
    regexp,
    maxLength: cost === "linear" ? Infinity : MAX_LENGTH,
  };
}

function makeRegExp(
  source: string,
  { text }: ParsedConstraint,
  caseSensitive: boolean,
): RegExp {
  try {
    const regexp = new RegExp(`^(?:${text})$`, caseSensitive ? "u" : "iu");
    // The engine compiles on first use and only then finds an expression too large.
    regexp.test("");
    return regexp;
  } catch (cause) {
    throw constraintError(
      source,
      "it is not a valid regular expression",
      cause,
    );
  }
}
