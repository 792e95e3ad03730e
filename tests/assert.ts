/**
 * The names of `@std/assert` on node:assert, so that the suite runs where only
 * the npm registry is reachable. With `deno.jsr.json` the real package is used.
 */
import nodeAssert from "node:assert/strict";

export const AssertionError: typeof nodeAssert.AssertionError =
  nodeAssert.AssertionError;

// deno-lint-ignore no-explicit-any -- as the constructors of any error are
type ErrorClass<E extends Error = Error> = abstract new (...args: any[]) => E;

export function fail(message = "failed"): never {
  throw new AssertionError({ message });
}

export function unreachable(): never {
  fail("unreachable");
}

export function assert(value: unknown, message = ""): asserts value {
  if (!value) fail(message || `expected a truthy value, got ${show(value)}`);
}

export function assertFalse(
  value: unknown,
  message = "",
): asserts value is false | 0 | "" | null | undefined {
  if (value) fail(message || `expected a falsy value, got ${show(value)}`);
}

/**
 * Structural; as in std an object without a prototype equals a plain one and 0
 * equals -0.
 */
export function assertEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  nodeAssert.deepStrictEqual(plain(actual), plain(expected), message);
}

export function assertNotEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  nodeAssert.notDeepStrictEqual(plain(actual), plain(expected), message);
}

export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T {
  nodeAssert.strictEqual(actual, expected, message);
}

export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  nodeAssert.notStrictEqual(actual, expected, message);
}

export function assertExists<T>(
  actual: T,
  message = "",
): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    fail(message || `expected a value, got ${actual}`);
  }
}

export function assertInstanceOf<T>(
  actual: unknown,
  // deno-lint-ignore no-explicit-any -- as any constructor is
  expected: abstract new (...args: any[]) => T,
  message = "",
): asserts actual is T {
  if (!(actual instanceof expected)) {
    fail(message || `expected a ${expected.name}, got ${show(actual)}`);
  }
}

export function assertMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void {
  nodeAssert.match(actual, expected, message);
}

export function assertNotMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void {
  nodeAssert.doesNotMatch(actual, expected, message);
}

export function assertStringIncludes(
  actual: string,
  expected: string,
  message = "",
): void {
  if (!actual.includes(expected)) {
    fail(message || `expected ${show(expected)} in ${show(actual)}`);
  }
}

export function assertArrayIncludes<T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
  message = "",
): void {
  const all = Array.from(actual);
  const missing = Array.from(expected)
    .filter((item) => !all.some((one) => isEqual(one, item)));
  if (missing.length > 0) {
    fail(message || `expected ${show(missing)} in ${show(all)}`);
  }
}

export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any -- any object, as in std
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  message?: string,
): void {
  assertEquals<unknown>(pick(actual, expected), expected, message);
}

export function assertGreater<T>(a: T, b: T, message = ""): void {
  if (!(a > b)) fail(message || `expected ${show(a)} > ${show(b)}`);
}

export function assertGreaterOrEqual<T>(a: T, b: T, message = ""): void {
  if (!(a >= b)) fail(message || `expected ${show(a)} >= ${show(b)}`);
}

export function assertLess<T>(a: T, b: T, message = ""): void {
  if (!(a < b)) fail(message || `expected ${show(a)} < ${show(b)}`);
}

export function assertLessOrEqual<T>(a: T, b: T, message = ""): void {
  if (!(a <= b)) fail(message || `expected ${show(a)} <= ${show(b)}`);
}

export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance: number = Math.max(Math.abs(expected) * 1e-7, 1e-7),
  message = "",
): void {
  if (Object.is(actual, expected)) return;
  if (!(Math.abs(actual - expected) <= tolerance)) {
    fail(message || `expected ${expected} ± ${tolerance}, got ${actual}`);
  }
}

export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  includes?: string,
  message = "",
): E {
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error ?? new Error(`${error} was thrown`);
  }
  if (thrown === undefined) fail(message || "expected the function to throw");
  return checkError(thrown, errorClass, includes, message);
}

export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  includes?: string,
  message = "",
): Promise<E> {
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch {
    fail(message || "expected a promise that rejects, the function threw");
  }
  let thrown: unknown;
  try {
    await promise;
  } catch (error) {
    thrown = error ?? new Error(`${error} was the reason`);
  }
  if (thrown === undefined) fail(message || "expected the promise to reject");
  return checkError(thrown, errorClass, includes, message);
}

function checkError<E extends Error>(
  thrown: unknown,
  errorClass: ErrorClass<E> | undefined,
  includes: string | undefined,
  message: string,
): E {
  if (errorClass !== undefined) assertInstanceOf(thrown, errorClass, message);
  if (includes !== undefined) {
    assertInstanceOf(thrown, Error, message);
    assertStringIncludes(thrown.message, includes, message);
  }
  return thrown as E;
}

function isEqual(a: unknown, b: unknown): boolean {
  try {
    assertEquals(a, b);
    return true;
  } catch {
    return false;
  }
}

/**
 * Copies objects without a prototype into plain ones, wherever arrays, objects,
 * maps and sets hold them. What has a class of its own is left to node.
 */
function plain(value: unknown, seen = new Map<object, unknown>()): unknown {
  if (value === 0) return 0;
  if (typeof value !== "object" || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const prototype = Object.getPrototypeOf(value);
  if (Array.isArray(value) && prototype === Array.prototype) {
    const copy: unknown[] = new Array(value.length);
    seen.set(value, copy);
    for (const key of Object.keys(value)) {
      copy[Number(key)] = plain(value[Number(key)], seen);
    }
    return copy;
  }
  if (value instanceof Map && prototype === Map.prototype) {
    const copy = new Map<unknown, unknown>();
    seen.set(value, copy);
    for (const [key, item] of value) {
      copy.set(plain(key, seen), plain(item, seen));
    }
    return copy;
  }
  if (value instanceof Set && prototype === Set.prototype) {
    const copy = new Set<unknown>();
    seen.set(value, copy);
    for (const item of value) copy.add(plain(item, seen));
    return copy;
  }
  if (prototype === null || prototype === Object.prototype) {
    const copy: Record<PropertyKey, unknown> = {};
    seen.set(value, copy);
    for (const key of Reflect.ownKeys(value)) {
      if (!Object.getOwnPropertyDescriptor(value, key)!.enumerable) continue;
      Object.defineProperty(copy, key, {
        value: plain((value as Record<PropertyKey, unknown>)[key], seen),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return copy;
  }
  return value;
}

function pick(actual: unknown, expected: unknown): unknown {
  if (typeof actual !== "object" || actual === null) return actual;
  if (typeof expected !== "object" || expected === null) return actual;
  if (Array.isArray(expected)) {
    return Array.isArray(actual)
      ? expected.map((item, i) => pick(actual[i], item))
      : actual;
  }
  const picked: Record<PropertyKey, unknown> = {};
  for (const key of Reflect.ownKeys(expected)) {
    if (key in actual) {
      picked[key] = pick(
        (actual as Record<PropertyKey, unknown>)[key],
        (expected as Record<PropertyKey, unknown>)[key],
      );
    }
  }
  return picked;
}

function show(value: unknown): string {
  return Deno.inspect(value, { depth: 4 });
}
