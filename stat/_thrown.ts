/** The kind of what was thrown, which may be anything: its name, or its type. */
export function kindOf(error: unknown): string {
  return error instanceof Error && typeof error.name === "string"
    ? error.name
    : typeof error;
}

/** What it says; also an object that is no text has something. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    return typeof error;
  }
}
