import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import type { AnyContext } from "../_access.ts";
import { acceptedEncodings } from "../middleware/compress/_accept_encoding.ts";
import { after } from "../middleware/_after.ts";
import { checkBoolean, refuse } from "../middleware/_refuse.ts";
import { discard } from "../middleware/_replace_body.ts";
import { HttpError } from "../http_error.ts";
import type { Env, Middleware } from "../types.ts";
import { fileAnswer, type HeaderRecord } from "./_file_answer.ts";
import { namesOf } from "./_file_path.ts";
import { Folder, type Found, isAbsent } from "./_folder.ts";
import { type MediaTypeOf, mediaTypes } from "./_media_type.ts";

/** Which files are served, and how. */
export interface StaticFilesOptions {
  /** The folder: a path, from the working directory, or a file URL. */
  root: string | URL;
  /**
   * The path that stands for the folder.
   *
   * @default {"/"}
   */
  prefix?: string;
  /**
   * The file that stands for a folder; false for none.
   *
   * @default {"index.html"}
   */
  index?: string | false;
  /**
   * Whether `app.js.zst`, `.br` or `.gz` beside `app.js` is sent to who takes
   * it.
   *
   * @default {false}
   */
  precompressed?: boolean;
  /**
   * Whether names that start with a dot are served, beside `.well-known`.
   *
   * @default {false}
   */
  dotfiles?: boolean;
  /**
   * Whether links are followed, also out of the folder.
   *
   * @default {false}
   */
  symlinks?: boolean;
  /**
   * How long a file may be used without asking, in seconds.
   *
   * @default {the browser decides}
   */
  maxAge?: Duration;
  /**
   * Whether a file of this name never changes within `maxAge`.
   *
   * @default {false}
   */
  immutable?: boolean;
}

const ENDINGS = { zstd: ".zst", br: ".br", gzip: ".gz" } as const;
type Encoding = keyof typeof ENDINGS;
const ENCODINGS = Object.keys(ENDINGS) as Encoding[];

/**
 * Serves the files of a folder to GET and HEAD; what is no file goes on to the
 * routes. Of other methods a file that no route has is answered 405.
 * Conditional requests and ranges, several at once too, are answered
 * (RFC 9110, sections 13 and 14). Names that climb, devices, dotfiles and links
 * are not found. Needs the permission to read the folder.
 *
 * @param options Which, and how.
 * @returns The middleware. Give it a prefix: without one every request that is
 * no file costs a look at the disk.
 * @throws {TypeError} On an unknown option, or when the folder is none.
 * @throws {Deno.errors.NotCapable} When it may not be read.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { staticFiles } from "@oresty/router/static";
 * import { assertEquals } from "@std/assert";
 *
 * const root = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${root}/hello.txt`, "hello");
 *
 * const router = new HttpRouter().use(staticFiles({ root, prefix: "/assets" }));
 * const response = await router.request("/assets/hello.txt", {
 *   headers: { range: "bytes=1-3" },
 * });
 * assertEquals([response.status, await response.text()], [206, "ell"]);
 * await Deno.remove(root, { recursive: true });
 * ```
 */
export function staticFiles(options: StaticFilesOptions): Middleware<Env> {
  checkOptions("staticFiles", options, [
    "root",
    "prefix",
    "index",
    "precompressed",
    "dotfiles",
    "symlinks",
    "maxAge",
    "immutable",
  ]);
  const root = pathOf(options?.root);
  const { index = "index.html", prefix = "/" } = options;
  const { precompressed = false, dotfiles = false } = options;
  const { symlinks = false, immutable = false } = options;
  checkBoolean("staticFiles", "precompressed", precompressed);
  checkBoolean("staticFiles", "dotfiles", dotfiles);
  checkBoolean("staticFiles", "symlinks", symlinks);
  checkBoolean("staticFiles", "immutable", immutable);
  if (typeof prefix !== "string" || !/^\/[^?#]*$/.test(prefix)) {
    refuse("staticFiles", "prefix", prefix, `a path such as "/assets"`);
  }
  if (
    index !== false && (typeof index !== "string" || /^$|[/\\]/.test(index))
  ) {
    refuse("staticFiles", "index", index, "the name of a file, or false");
  }
  const folder = new Folder(root, symlinks);
  const start = prefix.endsWith("/") ? prefix : `${prefix}/`;
  const always: HeaderRecord = {
    "x-content-type-options": "nosniff",
    ...cacheControlOf(options.maxAge, immutable),
    ...precompressed ? { vary: "accept-encoding" } : {},
  };

  const find = (names: readonly string[]): Found | "folder" | null => {
    const found = folder.find(names);
    const isFolder = names.at(-1) === "";
    if (found === null || found.isFolder) {
      if (found === null || index === false) return null;
      const file = folder.find([...names.filter((name) => name), index]);
      if (file === null || file.isFolder) return null;
      return isFolder ? file : "folder";
    }
    return isFolder ? null : found;
  };

  const look = (path: string): Found | "folder" | null => {
    const names = namesOf(path.slice(start.length), { dotfiles });
    return names === null ? null : find(names);
  };

  /** Null where the file is gone by now, or may not be read. */
  const send = (
    ctx: AnyContext,
    plain: Found,
    typeOf: MediaTypeOf,
  ): Response | null => {
    try {
      return answer(ctx, plain, typeOf);
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  };

  const answer = (
    ctx: AnyContext,
    plain: Found,
    typeOf: MediaTypeOf,
  ): Response => {
    const type = typeOf(plain.path);
    if (!precompressed) {
      const headers = { always, content: { "content-type": type } };
      return fileAnswer(ctx.request, plain, headers, folder);
    }
    const { file, encoding } = smaller(ctx.request, plain);
    const content = encoding === null
      ? { "content-type": type }
      : { "content-type": type, "content-encoding": encoding };
    return fileAnswer(ctx.request, file, { always, content }, folder);
  };

  const smaller = (
    request: Request,
    plain: Found,
  ): { file: Found; encoding: Encoding | null } => {
    const accepted = acceptedEncodings(request.headers.get("accept-encoding"));
    const name = plain.path.slice(folder.root.length + 1).split("/");
    const last = name.pop()!;
    let left: readonly Encoding[] = ENCODINGS;
    while (left.length > 0) {
      const encoding = accepted.best(left) as Encoding | null;
      if (encoding === null) break;
      const file = folder.find([...name, last + ENDINGS[encoding]]);
      if (file !== null && !file.isFolder) return { file, encoding };
      left = left.filter((one) => one !== encoding);
    }
    return { file: plain, encoding: null };
  };

  let typeOf: MediaTypeOf | undefined;
  return (ctx, next) => {
    const { method, path } = ctx;
    if (!path.startsWith(start)) return next();
    if (method !== "GET" && method !== "HEAD") {
      return after(
        next(),
        (response) =>
          response.status === 404 && ctx.route === null && look(path) !== null
            ? otherMethod(method, response)
            : response,
      );
    }
    const found = look(path);
    if (found === null) return next();
    if (found === "folder") {
      // Links of the index count from the folder.
      const { search } = ctx.url;
      return new Response(null, {
        status: 301,
        headers: { location: `${path}/${search}` },
      });
    }
    if (typeOf !== undefined) return send(ctx, found, typeOf) ?? next();
    return mediaTypes().then((types) =>
      send(ctx, found, typeOf = types) ?? next()
    );
  };
}

/** Answers for a file that no route has, as the router does for a route. */
function otherMethod(method: string, response: Response): Response {
  discard(response);
  const headers = { allow: "GET, HEAD, OPTIONS" };
  if (method !== "OPTIONS") throw new HttpError(405, undefined, { headers });
  return new Response(null, { status: 204, headers });
}

function cacheControlOf(
  maxAge: Duration | undefined,
  immutable: boolean,
): HeaderRecord {
  if (maxAge === undefined) {
    if (immutable) refuse("staticFiles", "immutable", immutable, `a "maxAge"`);
    return {};
  }
  const seconds = parseDuration(maxAge, `option "maxAge" of staticFiles`);
  const value = `public, max-age=${Math.round(seconds)}`;
  return { "cache-control": immutable ? `${value}, immutable` : value };
}

function pathOf(root: unknown): string {
  if (typeof root === "string" && root !== "") return root;
  if (!(root instanceof URL) || root.protocol !== "file:") {
    refuse("staticFiles", "root", root, "a path or a file URL");
  }
  const path = decodeURIComponent(root.pathname);
  return Deno.build.os === "windows" ? path.slice(1) : path;
}
