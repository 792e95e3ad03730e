/** The lines around the place where an error was thrown. */
export interface SourceExcerpt {
  file: string;
  line: number;
  column: number;
  lines: { line: number; text: string }[];
}

const AROUND = 4;

/**
 * Reads the source lines of the topmost frame in a local file, where the
 * program may read it.
 */
export function sourceOf(error: Error): SourceExcerpt | undefined {
  const frame = /(file:\/\/\/[^\s()]+?)(?:\?[^\s():]*)?:(\d+):(\d+)/
    .exec(error.stack ?? "");
  if (frame === null) return undefined;
  const url = new URL(frame[1]!);
  const line = Number(frame[2]);
  // Asking for the permission would block.
  const permission = { name: "read", path: url } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") {
    return undefined;
  }
  let text: string;
  try {
    text = Deno.readTextFileSync(url);
  } catch {
    return undefined; // Not there: the stack alone must do.
  }
  const first = Math.max(1, line - AROUND);
  const lines = text.split("\n").slice(first - 1, line + AROUND)
    .map((text, i) => ({ line: first + i, text }));
  return { file: url.pathname, line, column: Number(frame[3]), lines };
}
