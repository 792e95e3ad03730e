import { type AppContext, HttpError } from "@oresty/oresty";

const TYPES: ReadonlyMap<string, string> = new Map([
  ["demo.css", "text/css; charset=utf-8"],
  ["icon.svg", "image/svg+xml"],
  ["demo.js", "text/javascript; charset=utf-8"],
]);

/** The page's own files: a fixed list, read when they are asked for. */
export async function assets(
  ctx: AppContext<{ file: string }>,
): Promise<Response> {
  const type = TYPES.get(ctx.params.file);
  if (type === undefined) throw new HttpError(404);
  const url = new URL(`./public/${ctx.params.file}`, import.meta.url);
  return new Response(await Deno.readFile(url), {
    headers: { "content-type": type, "cache-control": "no-cache" },
  });
}
