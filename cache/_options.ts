import { checkOptions } from "@oresty/core";
import { SharedDict } from "@oresty/shm";
import {
  DEFAULTS,
  GET_NAMES,
  type Settings,
  settingsOf,
  wrongKind,
} from "./_settings.ts";
import type { CacheOptions } from "./options.ts";

const OWN_NAMES: readonly string[] = [
  "lruSize",
  "lru",
  "l1Mode",
  "l1Serializer",
  "serializer",
  "shmMiss",
  "shmSetTries",
  "ipc",
  "l3",
  "breaker",
  "on",
  "metrics",
  "now",
];
const LOAD_NAMES = GET_NAMES.filter((name) => name !== "forceFresh");
/** The first tier takes room for all of them at once. */
const MOST_VALUES = 10_000_000;
const LONGEST_NAME = 255;
const MODES: readonly unknown[] = ["shared", "frozen", "clone"];

/**
 * Checks what a cache is called, and where it is.
 *
 * @throws {TypeError} When it has no name, or the dictionary is none.
 * @throws {RangeError} When its name is too long.
 */
export function checkPlace(name: unknown, dict: unknown): void {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(`Cannot open cache "${String(name)}": expected a name`);
  }
  if (name.length > LONGEST_NAME) {
    throw new RangeError(
      `Cannot open a cache with a name of ${name.length} characters: ` +
        `expected ${LONGEST_NAME} at most`,
    );
  }
  if (
    !(dict instanceof SharedDict) && (typeof dict !== "string" || dict === "")
  ) {
    throw new TypeError(
      `Cannot open cache "${name}" in "${String(dict)}": expected a ` +
        `SharedDict or the name of one`,
    );
  }
}

/**
 * Checks the options of a cache.
 *
 * @returns What holds for calls that say nothing.
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 * @throws {RangeError} On one out of range.
 */
export function checkCacheOptions(
  where: string,
  options: CacheOptions,
): Settings {
  checkOptions(where, options, [...LOAD_NAMES, ...OWN_NAMES]);
  const { lruSize, lru, l1Mode, serializer, shmMiss, l3 } = options;
  const need = (
    name: string,
    value: unknown,
    isRight: (value: never) => boolean,
    expected: string,
  ) => {
    if (value !== undefined && !isRight(value as never)) {
      throw wrongKind(where, name, value, expected);
    }
  };
  const isFunction = (value: unknown) => typeof value === "function";
  const has = (...names: string[]) => (value: unknown) =>
    typeof value === "object" && value !== null &&
    names.every((name) => isFunction((value as Record<string, unknown>)[name]));
  need(
    "lruSize",
    lruSize,
    (value: unknown) =>
      Number.isSafeInteger(value) && value as number > 0 &&
      value as number <= MOST_VALUES,
    `a whole number over 0, ${MOST_VALUES} at most`,
  );
  need(
    "lru",
    lru,
    has("get", "set", "delete", "clear"),
    "an object with get, set, delete and clear",
  );
  if (lru !== undefined && lruSize !== undefined) {
    throw new TypeError(
      `Cannot use options "lru" and "lruSize" of ${where}: expected one of them`,
    );
  }
  need(
    "l1Mode",
    l1Mode,
    (value: unknown) => MODES.includes(value),
    '"shared", "frozen" or "clone"',
  );
  need("l1Serializer", options.l1Serializer, isFunction, "a function");
  need(
    "serializer",
    serializer,
    has("encode", "decode"),
    "an object with encode and decode",
  );
  need(
    "shmMiss",
    shmMiss,
    (value: unknown) =>
      value instanceof SharedDict || typeof value === "string" && value !== "",
    "a SharedDict or the name of one",
  );
  need(
    "shmSetTries",
    options.shmSetTries,
    (value: unknown) => Number.isSafeInteger(value) && value as number > 0,
    "a whole number over 0",
  );
  need("l3", l3, has("open"), "a store such as redis(…) or mongo(…)");
  need("on", options.on, isFunction, "a function");
  need("now", options.now, isFunction, "a function");
  need(
    "metrics",
    options.metrics,
    has("counter", "histogram"),
    "an object with counter and histogram",
  );
  const { breaker } = options;
  need(
    "breaker",
    breaker,
    (value: unknown) =>
      value === false || typeof value === "object" && value !== null,
    "an object or false",
  );
  const said: Record<string, unknown> = {};
  for (const name of LOAD_NAMES) {
    const value = options[name as keyof CacheOptions];
    if (value !== undefined) said[name] = value;
  }
  return settingsOf(where, said, DEFAULTS, LOAD_NAMES);
}
