import { nearest } from "@oresty/core";
import { fileIn } from "./_folder.ts";
import type { Context, Handler } from "@oresty/router";

/** A method function of a controller. */
export interface ControllerRoute {
  readonly method: string;
  readonly pattern: string;
  readonly source: string;
  readonly handler: Handler;
}

type Action = (params: unknown, ctx: Context) => unknown;

const METHODS: ReadonlyMap<string, string> = new Map([
  ["get", "GET"],
  ["post", "POST"],
  ["put", "PUT"],
  ["patch", "PATCH"],
  ["delete", "DELETE"],
  ["del", "DELETE"],
  ["options", "OPTIONS"],
  ["head", "HEAD"],
]);
const EXTENSION = /\.(?:ts|tsx|js|jsx|mjs|mts)$/;

/**
 * Loads the controllers of a folder: a file is a route, an exported function
 * named for an HTTP method answers it.
 *
 * @param hasHome Whether "/" is a route already, so that home.ts is not it.
 * @throws {TypeError} When a file has no such function, or a name that is no
 * route.
 * @throws {Error} When two files are one route.
 */
export async function loadControllers(
  folder: URL,
  hasHome: boolean,
): Promise<ControllerRoute[]> {
  const files: string[] = [];
  await collectFiles(folder, "", files);
  const sources = new Map<string, string>();
  for (const file of files) {
    const pattern = patternOf(file);
    // Names of parameters do not tell routes apart.
    const shape = pattern.replace(/([:*])[^/.]+/g, "$1");
    const other = sources.get(shape);
    if (other !== undefined) {
      throw new Error(
        `Cannot load controllers: "${other}" and "${file}" are both ` +
          `the route "${pattern}"`,
      );
    }
    sources.set(shape, file);
  }
  const routes: ControllerRoute[] = [];
  for (const file of files) {
    const module = await import(fileIn(folder, file).href);
    const patterns = [patternOf(file)];
    // The predecessor's home: ctrl/home.ts is the first page.
    if (patterns[0] === "/home" && !sources.has("/") && !hasHome) {
      patterns.push("/");
    }
    routes.push(...routesOf(file, module, patterns));
  }
  return routes;
}

async function collectFiles(
  folder: URL,
  prefix: string,
  files: string[],
): Promise<void> {
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) entries.push(entry);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `Cannot load controllers: no folder "${folder.pathname}"`,
    );
  }
  // The order of a folder is the file system's; that of routes is ours.
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory } of entries) {
    if (name.startsWith("_") || name.startsWith(".")) continue;
    if (isDirectory) {
      await collectFiles(
        fileIn(folder, `${name}/`),
        `${prefix}${name}/`,
        files,
      );
    } else if (EXTENSION.test(name) && !/(?:_test|\.test|\.d)\./.test(name)) {
      files.push(prefix + name);
    }
  }
}

/** `users/[id].ts` is `/users/:id`, `index.ts` its folder, `[...rest]` a rest. */
function patternOf(file: string): string {
  const segments = file.replace(EXTENSION, "").split("/");
  if (segments.at(-1) === "index") segments.pop();
  return "/" + segments.map((segment, i) => {
    const rest = /^\[\.\.\.([A-Za-z_]\w*)\]$/.exec(segment);
    if (rest !== null && i === segments.length - 1) return `*${rest[1]}`;
    return segment.split(/(\[[A-Za-z_]\w*\])/).map((part, i) => {
      if (i % 2 === 1) return `:${part.slice(1, -1)}`;
      if (!/[[\]*?#\\]/.test(part)) return part.replaceAll(":", "\\:");
      throw new TypeError(
        `Cannot load controller "${file}": "${segment}" is no route, ` +
          `expected a name, "[param]", or "[...rest]" at the end`,
      );
    }).join("");
  }).join("/");
}

function routesOf(
  file: string,
  module: Record<string, unknown>,
  patterns: string[],
): ControllerRoute[] {
  const actions = new Map<string, Action>();
  for (const [name, value] of Object.entries(module)) {
    const method = METHODS.get(name);
    if (method === undefined || typeof value !== "function") continue;
    if (actions.has(method)) {
      throw new TypeError(
        `Cannot load controller "${file}": it exports both "del" and "delete"`,
      );
    }
    actions.set(method, value as Action);
  }
  if (actions.size === 0) {
    const guess = Object.keys(module)
      .filter((name) => !METHODS.has(name))
      .map((name) => [name, nearest(name, METHODS.keys())])
      .find(([, guess]) => guess !== undefined);
    throw new TypeError(
      `Cannot load controller "${file}": it exports no function named ` +
        `get, post, put, patch, del, options or head` +
        (guess === undefined
          ? ""
          : `, is "${guess[0]}" meant as "${guess[1]}"?`),
    );
  }
  return patterns.flatMap((pattern) =>
    [...actions].map(([method, action]) => ({
      method,
      pattern,
      source: file,
      handler: handlerOf(action),
    }))
  );
}

function handlerOf(action: Action): Handler {
  return (ctx) => {
    const params = ctx.input();
    return params instanceof Promise
      ? params.then((params) => action(params, ctx))
      : action(params, ctx);
  };
}
