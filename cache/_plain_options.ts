/** Options that say nothing of how a fresh value is found. */
const PLAIN: ReadonlySet<string> = new Set([
  "ttl",
  "negTtl",
  "ttlL3",
  "resurrectTtl",
  "grace",
  "graceBackoff",
  "timeout",
  "lockTimeout",
]);

/**
 * Whether options, or a loader in their place, are right and change nothing
 * about a fresh value that is there; false also where a closer look is needed.
 */
export function isPlain(options: unknown): boolean {
  if (options === undefined || typeof options === "function") return true;
  if (typeof options !== "object" || options === null) return false;
  // deno-lint-ignore guard-for-in -- a list of names would be made at each hit
  for (const name in options) {
    const value = (options as Record<string, unknown>)[name];
    // Most are times; the others are looked at as a whole.
    if (
      !(typeof value === "number" && value >= 0 && value < Infinity &&
        PLAIN.has(name))
    ) return false;
  }
  return true;
}
