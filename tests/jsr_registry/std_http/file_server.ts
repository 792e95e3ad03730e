import { join, normalize } from "node:path";

/** The options of `@std/http`'s `serveDir` that are understood here. */
export interface ServeDirOptions {
  /** Folder that is served. */
  fsRoot?: string;
  /** Part of the path that is cut off, without slashes around it. */
  urlRoot?: string;
  /** Accepted; nothing is logged in any case. */
  quiet?: boolean;
}

/** Stands in for `serveDir` of `@std/http/file-server`: plain files by name. */
export async function serveDir(
  request: Request,
  options: ServeDirOptions = {},
): Promise<Response> {
  const { fsRoot = ".", urlRoot } = options;
  if (request.method !== "GET") {
    return new Response("Method Not Allowed", { status: 405 });
  }
  let path = decodeURIComponent(new URL(request.url).pathname);
  if (urlRoot !== undefined) {
    if (!path.startsWith(`/${urlRoot}/`)) return notFound();
    path = path.slice(urlRoot.length + 1);
  }
  try {
    const bytes = await Deno.readFile(join(fsRoot, normalize(path)));
    const type = path.endsWith(".txt")
      ? "text/plain; charset=UTF-8"
      : "application/octet-stream";
    return new Response(bytes, { headers: { "content-type": type } });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return notFound();
    throw error;
  }
}

function notFound(): Response {
  return new Response("Not Found", { status: 404 });
}
