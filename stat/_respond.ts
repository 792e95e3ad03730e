import { formatOf, takesGzip } from "./_negotiate.ts";
import type { Registry } from "./_registry.ts";
import { renderAll } from "./_render.ts";
import { CONTENT_TYPES } from "./_text.ts";

/** Smaller bodies are not worth it, in characters. */
const GZIP_FROM = 1400;

/** Answers a scrape. */
export async function respond(
  registry: Registry,
  request: Request,
): Promise<Response> {
  const { method, headers } = request;
  if (method !== "GET" && method !== "HEAD") {
    return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const format = formatOf(headers.get("accept"));
  const fields = new Headers({
    "content-type": CONTENT_TYPES[format],
    "cache-control": "no-store",
    "vary": "accept, accept-encoding",
    "x-content-type-options": "nosniff",
  });
  if (method === "HEAD") return new Response(null, { headers: fields });
  const text = await renderAll(registry, format);
  if (
    text.length < GZIP_FROM || !takesGzip(headers.get("accept-encoding"))
  ) return new Response(text, { headers: fields });
  fields.set("content-encoding", "gzip");
  const body = new Blob([text]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Response(body, { headers: fields });
}
