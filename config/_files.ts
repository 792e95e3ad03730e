import { type Problem, reasonOf } from "./config_error.ts";
import { isTree, type Tree } from "./schema.ts";

/** A folder of files as one tree; file `redis.json` is the part `redis`. */
export interface Folder {
  readonly tree: Tree;
  readonly problems: readonly Problem[];
}

type Parse = (text: string) => Promise<unknown> | unknown;

/** Formats by ending. Libraries are loaded where a file of theirs is. */
const FORMATS: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ["json", parseJson],
  ["jsonc", (text) => parseJsonc(text, true)],
  ["toml", async (text) => (await import("smol-toml")).parse(text)],
]);
/** Modules are read once: each import of a changed one stays in memory. */
const MODULES = new Set(["ts", "js", "mjs"]);
/** This file's values are no part but stand at the top. */
const ROOT = "config";
const DEPTH = 64;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Slower, but it knows the line.
    return parseJsonc(text, false);
  }
}

async function parseJsonc(text: string, lenient: boolean): Promise<unknown> {
  const { parse } = await import("jsonc-parser");
  const errors: { error: number; offset: number; length: number }[] = [];
  const value = parse(text, errors, {
    allowTrailingComma: lenient,
    disallowComments: !lenient,
  });
  const [first] = errors;
  if (first === undefined && lenient) return value;
  throw new Malformed(
    first === undefined
      ? undefined
      : text.slice(0, first.offset).split("\n").length,
  );
}

/** A file whose text cannot be read; says where, and quotes nothing of it. */
class Malformed extends Error {
  constructor(line: number | undefined) {
    super(`is malformed${line === undefined ? "" : `, line ${line}`}`);
  }
}

/**
 * Reads the files of a folder; the parts win over what stands at the top.
 *
 * @param limit Bytes of a file.
 * @returns null when there is no such folder.
 */
export async function readFolder(
  folder: string,
  label: string,
  limit: number,
): Promise<Folder | null> {
  const names = await listFiles(folder);
  if (names === null) return null;
  const top: Tree = {};
  const parts: Tree = {};
  const problems: Problem[] = [];
  for (const name of names) {
    const path = `${label}/${name}`;
    try {
      const value = await readFile(`${folder}/${name}`, limit);
      if (!isTree(value)) throw new TypeError("expected an object");
      const part = name.slice(0, name.lastIndexOf("."));
      const layer = part === ROOT ? value : { [part]: value };
      assertPlain(layer);
      mergeInto(part === ROOT ? top : parts, layer);
    } catch (error) {
      problems.push({ path, message: reasonOf(error) });
    }
  }
  mergeInto(top, parts);
  return { tree: top, problems };
}

/** The files of a folder that are read, or null when there is no folder. */
export async function listFiles(folder: string): Promise<string[] | null> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      const extension = extensionOf(name);
      if (name.startsWith(".") || extension === undefined) continue;
      if (!FORMATS.has(extension) && !MODULES.has(extension)) continue;
      names.push(name);
    }
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ) return null;
    throw error;
  }
  return names.sort();
}

/** Names, times and sizes of the files of a folder; they change with it. */
export async function marksOf(folder: string): Promise<string> {
  const marks: string[] = [];
  for (const name of await listFiles(folder) ?? []) {
    marks.push(await markOf(`${folder}/${name}`));
  }
  return marks.join("\n");
}

/** Time, size and identity of what is at a path, behind all links. */
export async function markOf(path: string): Promise<string> {
  try {
    const { mtime, size, ino, dev } = await Deno.stat(path);
    return `${path} ${mtime?.getTime()} ${size} ${ino} ${dev}`;
  } catch {
    return `${path} none`;
  }
}

function extensionOf(name: string): string | undefined {
  return /[^/]\.([^./]+)$/.exec(name)?.[1];
}

const modules = new Map<string, unknown>();

async function readFile(path: string, limit: number): Promise<unknown> {
  const parse = FORMATS.get(extensionOf(path)!);
  const text = await readText(path, limit);
  if (parse === undefined) return await readModule(path);
  try {
    return await parse(text);
  } catch (error) {
    if (error instanceof Malformed) throw error;
    throw new Malformed((error as { line?: number }).line);
  }
}

/**
 * The text of a file, without the mark that some editors put before it.
 *
 * @throws {TypeError} When it is no file.
 * @throws {RangeError} When it has more bytes than the limit.
 */
export async function readText(path: string, limit: number): Promise<string> {
  const { size, isFile } = await Deno.stat(path);
  if (!isFile) throw new TypeError("expected a file");
  if (size > limit) {
    throw new RangeError(`has ${size} bytes, expected at most ${limit}`);
  }
  return (await Deno.readTextFile(path)).replace(/^\uFEFF/, "");
}

async function readModule(path: string): Promise<unknown> {
  const url = new URL("file:///");
  url.pathname = path.replaceAll("%", "%25");
  let value = modules.get(url.href);
  if (value !== undefined) return value;
  try {
    value = (await import(url.href)).default;
  } catch (error) {
    const { message } = error as Error;
    // The runtime quotes the line that it cannot parse.
    if (!/^(?:Uncaught )?SyntaxError|could not be parsed/.test(message)) {
      throw error;
    }
    const line = /:(\d+):\d+\s*$/.exec(message)?.[1];
    throw new Malformed(line === undefined ? undefined : Number(line));
  }
  modules.set(url.href, value);
  return value;
}

/** @throws {TypeError} On a key that would reach a prototype, or deep nests. */
export function assertPlain(value: unknown, depth: number = DEPTH): void {
  if (depth === 0) throw new RangeError(`is nested over ${DEPTH} levels`);
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    if (key === "__proto__") throw new TypeError(`has a key "__proto__"`);
    assertPlain((value as Tree)[key], depth - 1);
  }
}

/** Lays values over others; objects are merged, all else is replaced. */
export function mergeInto(under: Tree, over: Tree): void {
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = Object.hasOwn(under, key) ? under[key] : undefined;
    if (isTree(value) && isTree(below)) mergeInto(below, value);
    else under[key] = copy(value);
  }
}

/** Lists and objects are copied: what comes out is frozen. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (!isTree(value)) return value;
  const tree: Tree = {};
  mergeInto(tree, value);
  return tree;
}
