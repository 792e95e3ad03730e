/**
 * Arrays that a client sent. A handler that returns one unchanged answers JSON,
 * whatever it looks like: `[{}, "page.html"]` in a body must not choose a
 * template.
 */
const sent = new WeakSet<object>();

/** Whether the array came out of a body or query. */
export function isSent(array: object): boolean {
  return sent.has(array);
}

/** Marks one array. */
export function markSent<T extends object>(array: T): T {
  sent.add(array);
  return array;
}

/**
 * Marks every array in a parsed body, or in what a schema made of one. Without
 * recursion: bodies may be deep.
 */
export function markBody(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const open: object[] = [value];
  // What a schema made may be a cycle.
  const seen = new Set<object>(open);
  while (open.length > 0) {
    const next = open.pop()!;
    if (Array.isArray(next)) sent.add(next);
    for (const child of Object.values(next)) {
      if (typeof child !== "object" || child === null || seen.has(child)) {
        continue;
      }
      seen.add(child);
      open.push(child);
    }
  }
}
