import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import type { GetOptions } from "./options.ts";

/** Options of one call with all defaults, in seconds. */
export interface Settings {
  readonly ttl: number;
  readonly negTtl: number;
  readonly ttlL3: number | undefined;
  readonly jitter: number;
  /** How long after its end a value may be served; 0 is not at all. */
  readonly window: number;
  /** How long the third tier keeps it after its end. */
  readonly kept: number;
  /** How long no load is tried after one failed. */
  readonly backoff: number;
  readonly resurrectIf: ((error: unknown) => boolean) | undefined;
  /** `Infinity` where nothing is said. */
  readonly timeout: number;
  readonly hardTimeout: number;
  readonly lockTimeout: number;
  readonly earlyRefresh: number;
  readonly suppressL3Errors: boolean;
  readonly forceFresh: boolean;
  readonly tags: readonly string[];
  readonly skipL3Write: boolean;
  readonly skipBusNotify: boolean;
}

/** Names of {@linkcode GetOptions}. */
export const GET_NAMES: readonly string[] = [
  "ttl",
  "negTtl",
  "ttlL3",
  "jitter",
  "resurrectTtl",
  "grace",
  "graceBackoff",
  "resurrectIf",
  "timeout",
  "hardTimeout",
  "lockTimeout",
  "earlyRefresh",
  "suppressL3Errors",
  "forceFresh",
  "tags",
  "skipL3Write",
  "skipBusNotify",
];
/** Names of `SetOptions`. */
export const SET_NAMES: readonly string[] = [
  "ttl",
  "negTtl",
  "ttlL3",
  "jitter",
  "resurrectTtl",
  "grace",
  "graceBackoff",
  "tags",
  "suppressL3Errors",
  "skipL3Write",
  "skipBusNotify",
];

/** A hundred years: what is longer would leave the range of dates. */
const LONGEST = 3_155_760_000;
const MOST_TAGS = 64;
const LONGEST_TAG = 256;

/** What holds where nothing is said. */
export const DEFAULTS: Settings = {
  ttl: 30,
  negTtl: 5,
  ttlL3: undefined,
  jitter: 0.1,
  window: 0,
  kept: 0,
  backoff: 1,
  resurrectIf: undefined,
  timeout: Infinity,
  hardTimeout: 30,
  lockTimeout: 5,
  earlyRefresh: 0,
  suppressL3Errors: true,
  forceFresh: false,
  tags: [],
  skipL3Write: false,
  skipBusNotify: false,
};

/**
 * Checks options, and fills in what they do not say.
 *
 * @param where Who takes them, for errors.
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 * @throws {RangeError} On one out of range.
 */
export function settingsOf(
  where: string,
  options: GetOptions | undefined,
  base: Settings,
  names: readonly string[] = GET_NAMES,
): Settings {
  if (options === undefined || options === null) return base;
  checkOptions(where, options, names);
  const seconds = (name: keyof GetOptions, other: number) => {
    const value = options[name];
    return value === undefined
      ? other
      : secondsOf(value as Duration, `option "${name}" of ${where}`);
  };
  const { resurrectTtl, grace, graceBackoff } = options;
  const part = <T>(name: keyof GetOptions, kind: string, other: T): T => {
    const value = options[name];
    if (value === undefined) return other;
    // deno-lint-ignore valid-typeof -- the kinds are those of `typeof`
    if (typeof value !== kind) throw wrongKind(where, name, value, `a ${kind}`);
    return value as T;
  };
  const number = (name: "jitter" | "earlyRefresh", most: number) => {
    const value = part<number>(name, "number", base[name]);
    if (!(value >= 0 && value <= most)) {
      throw new RangeError(
        `Cannot use option "${name}" of ${where}: "${value}" was given, ` +
          `expected 0 to ${most}`,
      );
    }
    return value;
  };
  const hardTimeout = seconds("hardTimeout", base.hardTimeout);
  if (hardTimeout === 0) {
    throw new RangeError(
      `Cannot use option "hardTimeout" of ${where}: "0" was given, ` +
        `expected more than 0 seconds`,
    );
  }
  return {
    ttl: seconds("ttl", base.ttl),
    negTtl: seconds("negTtl", base.negTtl),
    ttlL3: options.ttlL3 === undefined ? base.ttlL3 : seconds("ttlL3", 0),
    jitter: number("jitter", 1),
    window: grace === undefined
      ? resurrectTtl === undefined ? base.window : Infinity
      : seconds("grace", 0),
    kept: grace === undefined && resurrectTtl === undefined
      ? base.kept
      : Math.max(seconds("grace", 0), seconds("resurrectTtl", 0)),
    backoff: resurrectTtl === undefined
      ? graceBackoff === undefined ? base.backoff : seconds("graceBackoff", 0)
      : seconds("resurrectTtl", 0),
    resurrectIf: part("resurrectIf", "function", base.resurrectIf),
    timeout: seconds("timeout", base.timeout),
    hardTimeout,
    lockTimeout: seconds("lockTimeout", base.lockTimeout),
    earlyRefresh: number("earlyRefresh", 1000),
    suppressL3Errors: part(
      "suppressL3Errors",
      "boolean",
      base.suppressL3Errors,
    ),
    forceFresh: part("forceFresh", "boolean", base.forceFresh),
    tags: options.tags === undefined
      ? base.tags
      : checkTags(options.tags, where),
    skipL3Write: part("skipL3Write", "boolean", base.skipL3Write),
    skipBusNotify: part("skipBusNotify", "boolean", base.skipBusNotify),
  };
}

/**
 * Seconds of a length of time; one of more than a hundred years is so long.
 *
 * @param name How it is called, for errors.
 * @throws {TypeError} When it is none.
 * @throws {RangeError} When it is negative or without end.
 */
export function secondsOf(value: Duration, name: string): number {
  return Math.min(LONGEST, parseDuration(value, name));
}

/**
 * Checks names of tags.
 *
 * @returns Each once.
 * @throws {TypeError} When it is no array of texts.
 * @throws {RangeError} When there are too many, or one is too long.
 */
export function checkTags(tags: unknown, where: string): string[] {
  if (
    !Array.isArray(tags) ||
    !tags.every((tag) => typeof tag === "string" && tag !== "")
  ) {
    throw wrongKind(
      where,
      "tags",
      tags,
      "an array of texts that are not empty",
    );
  }
  if (
    tags.length > MOST_TAGS || tags.some((tag) => tag.length > LONGEST_TAG)
  ) {
    throw new RangeError(
      `Cannot use option "tags" of ${where}: ${tags.length} were given, ` +
        `expected ${MOST_TAGS} at most, of ${LONGEST_TAG} characters at most`,
    );
  }
  return [...new Set(tags as string[])];
}

/** The error for an option of a wrong kind. */
export function wrongKind(
  where: string,
  name: string,
  value: unknown,
  expected: string,
): TypeError {
  return new TypeError(
    `Cannot use option "${name}" of ${where}: "${show(value)}" was given, ` +
      `expected ${expected}`,
  );
}

function show(value: unknown): string {
  return typeof value === "object" && value !== null
    ? Array.isArray(value) ? "array" : "object"
    : String(value);
}
