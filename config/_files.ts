import type { Problem } from "./config_error.ts";
import { isTree, type Tree } from "./schema.ts";

/** A folder of files as one tree; file `redis.json` is the part `redis`. */
export interface Folder {
  readonly tree: Tree;
  readonly problems: readonly Problem[];
}

type Parse = (text: string, url: URL) => Promise<unknown> | unknown;

/** Formats by ending. Libraries are loaded where a file of theirs is. */
const FORMATS: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ["json", (text) => JSON.parse(text)],
  ["jsonc", parseJsonc],
  ["toml", async (text) => (await import("smol-toml")).parse(text)],
]);
/** Modules are read once: each import of a changed one stays in memory. */
const MODULES = new Set(["ts", "js", "mjs"]);
/** This file's values are no part but stand at the top. */
const ROOT = "config";
const DEPTH = 64;

async function parseJsonc(text: string): Promise<unknown> {
  const { parse, printParseErrorCode } = await import("jsonc-parser");
  const errors: { error: number; offset: number; length: number }[] = [];
  const value = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined) return value;
  const line = text.slice(0, first.offset).split("\n").length;
  throw new SyntaxError(`${printParseErrorCode(first.error)} in line ${line}`);
}

/**
 * Reads the files of a folder.
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
  const tree: Tree = {};
  const problems: Problem[] = [];
  for (const name of names) {
    const path = `${label}/${name}`;
    try {
      const value = await readFile(`${folder}/${name}`, limit);
      if (!isTree(value)) throw new TypeError("expected an object");
      assertPlain(value, DEPTH);
      const part = name.slice(0, name.lastIndexOf("."));
      mergeInto(tree, part === ROOT ? value : { [part]: value });
    } catch (error) {
      problems.push({ path, message: reasonOf(error) });
    }
  }
  return { tree, problems };
}

/** The files of a folder that are read, or null when there is no folder. */
export async function listFiles(folder: string): Promise<string[] | null> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      const extension = entry.name.slice(entry.name.lastIndexOf(".") + 1);
      if (entry.name.startsWith(".")) continue;
      if (!FORMATS.has(extension) && !MODULES.has(extension)) continue;
      names.push(entry.name);
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

const modules = new Map<string, unknown>();

async function readFile(path: string, limit: number): Promise<unknown> {
  const extension = path.slice(path.lastIndexOf(".") + 1);
  const { size, isFile } = await Deno.stat(path);
  if (!isFile) throw new TypeError("expected a file");
  if (size > limit) {
    throw new RangeError(`has ${size} bytes, expected at most ${limit}`);
  }
  const url = new URL("file:///");
  url.pathname = path.replaceAll("%", "%25");
  const parse = FORMATS.get(extension);
  if (parse !== undefined) return parse(await Deno.readTextFile(path), url);
  let value = modules.get(url.href);
  if (value === undefined) {
    value = (await import(url.href)).default;
    modules.set(url.href, value);
  }
  return value;
}

/** @throws {TypeError} On a key that would reach a prototype, or deep nests. */
export function assertPlain(value: unknown, depth: number): void {
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
    if (!isTree(value)) under[key] = value;
    else {
      const part: Tree = {};
      if (isTree(below)) mergeInto(part, below);
      mergeInto(part, value);
      under[key] = part;
    }
  }
}

/** What is wrong with a file, without a quote of its text. */
function reasonOf(error: unknown): string {
  const { message } = error as Error;
  if (
    !(error instanceof SyntaxError) && (error as Error).name !== "TomlError"
  ) {
    return message;
  }
  const place = /(?:in )?line \d+(?: column \d+)?|at position \d+/.exec(
    message,
  );
  const line = (error as { line?: number }).line;
  return `is malformed${
    place !== null
      ? `, ${place[0]}`
      : line === undefined
      ? ""
      : `, line ${line}`
  }`;
}
