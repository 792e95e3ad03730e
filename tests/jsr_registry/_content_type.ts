const TYPES = new Map([
  ["ts", "application/typescript"],
  ["mts", "application/typescript"],
  ["tsx", "text/tsx"],
  ["js", "application/javascript"],
  ["mjs", "application/javascript"],
  ["json", "application/json"],
  ["wasm", "application/wasm"],
  ["md", "text/markdown"],
  ["html", "text/html"],
  ["css", "text/css"],
  ["svg", "image/svg+xml"],
]);

/** The type that JSR serves a file of a package with. */
export function contentType(path: string): string {
  const ending = path.slice(path.lastIndexOf(".") + 1);
  return TYPES.get(ending) ?? "application/octet-stream";
}
