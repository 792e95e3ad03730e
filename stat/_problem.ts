/**
 * Says what went wrong while nobody waits for it. Counting is no reason for a
 * program to end, as it would by an error that nobody catches.
 */
export function sayProblem(what: string, error: unknown): void {
  // deno-lint-ignore no-console -- there is no logger this far down
  console.error(`oresty: ${what}:`, error);
}
