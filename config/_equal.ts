import { isTree, type Tree } from "./schema.ts";
import { Secret } from "./secret.ts";

/** Whether two values of a configuration are the same. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Secret && b instanceof Secret) {
    return a.reveal() === b.reveal();
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  }
  if (!isTree(a) || !isTree(b)) return isSameText(a, b);
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) =>
      Object.hasOwn(b, key) && isEqual((a as Tree)[key], (b as Tree)[key])
    );
}

/** URL, Date and the like, which a schema may make anew at each reload. */
function isSameText(a: unknown, b: unknown): boolean {
  const [one, other] = [a, b] as { toJSON?: unknown; constructor: unknown }[];
  return typeof one?.toJSON === "function" &&
    one.constructor === other?.constructor &&
    JSON.stringify(a) === JSON.stringify(b);
}

/** Makes a value and all below it unchangeable. */
export function freeze(value: unknown, seen: Set<object> = new Set()): void {
  if (typeof value !== "object" || value === null) return;
  // Bytes cannot be frozen.
  if (ArrayBuffer.isView(value) || seen.has(value)) return;
  seen.add(value);
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner, seen);
}
