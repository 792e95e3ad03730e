/** Levels of options of the driver that are looked into. */
const DEPTH = 3;

/**
 * All passwords in options, those passed on to the driver too: none of them may
 * be read in an error.
 */
export function passwordsIn(options: unknown, depth: number = DEPTH): string[] {
  if (typeof options !== "object" || options === null || depth === 0) return [];
  return Object.entries(options).flatMap(([name, value]) => {
    if (typeof value !== "string") return passwordsIn(value, depth - 1);
    return /pass(?:word|phrase)$/i.test(name) && value !== "" ? [value] : [];
  });
}
