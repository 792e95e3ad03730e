/**
 * Any value as it is shown in an error; not all have a text, and who gave
 * such a one should read what was expected.
 */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  try {
    return `"${String(value)}"`;
  } catch {
    return `"${typeof value}"`;
  }
}
