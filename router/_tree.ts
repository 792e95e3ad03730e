import type { Constraint } from "./_constraint.ts";
import { decodeRest } from "./_path.ts";
import { lowerCase, type Piece, type Segment } from "./_pattern.ts";

/** What a pattern leads to for one method. */
export interface Entry<T> {
  readonly value: T;
  readonly pattern: string;
  readonly names: readonly string[];
}

/** The entries of one shape of path, by method; "*" is any method. */
export class Leaf<T> {
  readonly entries: Map<string, Entry<T>> = new Map();

  find(method: string): Entry<T> | undefined {
    const entry = this.entries.get(method);
    if (entry !== undefined) return entry;
    if (method === "HEAD") {
      const get = this.entries.get("GET");
      if (get !== undefined) return get;
    }
    return this.entries.get("*");
  }
}

/** A segment with parameters, and what follows it. */
interface Edge<T> {
  readonly key: string;
  readonly rank: number;
  readonly textLength: number;
  readonly pieces: readonly Piece[];
  /** Names are the entry's; a plain parameter needs no look at its value. */
  readonly plain: boolean;
  readonly node: Node<T>;
}

/** Above this many neighbours a Map beats comparing one by one (measured). */
const FEW = 24;

/** A place in the tree: what may follow the slash before it. */
export class Node<T> {
  leaf: Leaf<T> | null = null;
  wildcard: Leaf<T> | null = null;
  readonly keys: string[] = [];
  readonly children: Node<T>[] = [];
  many: Map<string, Node<T>> | null = null;
  readonly edges: Edge<T>[] = [];

  /** Finds or makes the leaf at the end of the segments. */
  leafFor(segments: readonly Segment[]): Leaf<T> {
    // deno-lint-ignore no-this-alias -- the walk starts here
    let node: Node<T> = this;
    for (const segment of segments) {
      if (segment.kind === "wildcard") return node.wildcard ??= new Leaf();
      node = segment.kind === "static"
        ? node.#static(segment.text)
        : node.#dynamic(segment.pieces);
    }
    return node.leaf ??= new Leaf();
  }

  #static(text: string): Node<T> {
    const known = this.keys.indexOf(text);
    if (known >= 0) return this.children[known]!;
    const node = new Node<T>();
    this.keys.push(text);
    this.children.push(node);
    if (this.keys.length > FEW) {
      this.many = new Map(this.keys.map((key, i) => [key, this.children[i]!]));
    }
    return node;
  }

  #dynamic(pieces: readonly Piece[]): Node<T> {
    const key = pieces.map((piece) =>
      piece.kind === "text"
        ? `t${JSON.stringify(piece.text)}`
        : `p${JSON.stringify(piece.constraint?.source ?? "")}`
    ).join();
    const known = this.edges.find((edge) => edge.key === key);
    if (known !== undefined) return known.node;
    const constrained = pieces.some((piece) =>
      piece.kind === "param" && piece.constraint !== null
    );
    const textLength = pieces.reduce(
      (sum, piece) => sum + (piece.kind === "text" ? piece.text.length : 0),
      0,
    );
    const edge: Edge<T> = {
      key,
      // static > constrained > with affix > plain > wildcard
      rank: constrained ? 0 : textLength > 0 ? 1 : 2,
      textLength,
      pieces,
      plain: !constrained && textLength === 0,
      node: new Node(),
    };
    this.edges.push(edge);
    // Array.sort is stable: equals stay in the order of registration.
    this.edges.sort((a, b) => a.rank - b.rank || b.textLength - a.textLength);
    return edge.node;
  }
}

/** The values of the last successful walk, by depth. */
export const values: string[] = [];

/**
 * Walks the tree with backtracking; fills `values` on the way back from a hit,
 * so that a path given up costs no copies of its parameters.
 *
 * @param look The path as it is compared (lower case in a case-insensitive
 * router); `path` is the same with its own case, offsets are equal.
 */
export function walk<T>(
  node: Node<T>,
  look: string,
  path: string,
  start: number,
  method: string,
  depth: number,
): Entry<T> | undefined {
  const slash = look.indexOf("/", start);
  const end = slash < 0 ? look.length : slash;
  const child = childOf(node, look, start, end);
  if (child !== undefined) {
    const entry = slash < 0
      ? child.leaf?.find(method)
      : walk(child, look, path, end + 1, method, depth);
    if (entry !== undefined) return entry;
  }
  if (end > start) {
    const edges = node.edges;
    for (let i = 0; i < edges.length; i++) {
      const edge = edges[i]!;
      if (edge.plain) {
        const entry = slash < 0
          ? edge.node.leaf?.find(method)
          : walk(edge.node, look, path, end + 1, method, depth + 1);
        if (entry !== undefined) {
          values[depth] = decode(path.slice(start, end));
          return entry;
        }
        continue;
      }
      const found = matchPieces(
        edge.pieces,
        path.slice(start, end),
        look !== path,
      );
      if (found === null) continue;
      const entry = slash < 0
        ? edge.node.leaf?.find(method)
        : walk(edge.node, look, path, end + 1, method, depth + found.length);
      if (entry !== undefined) {
        for (let j = 0; j < found.length; j++) values[depth + j] = found[j]!;
        return entry;
      }
    }
  }
  const entry = node.wildcard?.find(method);
  if (entry !== undefined) values[depth] = decode(path.slice(start));
  return entry;
}

/** Every leaf that the path leads to, most specific first. */
export function collect<T>(
  node: Node<T>,
  look: string,
  path: string,
  start: number,
  leaves: Leaf<T>[],
): void {
  const slash = look.indexOf("/", start);
  const end = slash < 0 ? look.length : slash;
  const follow = (next: Node<T>) => {
    if (slash >= 0) collect(next, look, path, end + 1, leaves);
    else if (next.leaf !== null) leaves.push(next.leaf);
  };
  const child = childOf(node, look, start, end);
  if (child !== undefined) follow(child);
  if (end > start) {
    const segment = path.slice(start, end);
    for (const edge of node.edges) {
      if (edge.plain || matchPieces(edge.pieces, segment, look !== path)) {
        follow(edge.node);
      }
    }
  }
  if (node.wildcard !== null) leaves.push(node.wildcard);
}

function childOf<T>(
  node: Node<T>,
  look: string,
  start: number,
  end: number,
): Node<T> | undefined {
  if (node.many !== null) return node.many.get(look.slice(start, end));
  const keys = node.keys;
  const length = end - start;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    if (key.length === length && look.startsWith(key, start)) {
      return node.children[i];
    }
  }
  return undefined;
}

/** Hands out what stood encoded in the path until now. */
function decode(value: string): string {
  return value.includes("%") ? decodeRest(value) : value;
}

/** Splits of one segment that are tried before it counts as no match. */
const STEP_LIMIT = 256;

/**
 * Matches a segment against texts and parameters. Parameters are as short as
 * they can be and never empty, the last one takes what is left.
 *
 * @returns The decoded values, or null.
 */
export function matchPieces(
  pieces: readonly Piece[],
  raw: string,
  foldCase: boolean,
): string[] | null {
  const segment = decode(raw);
  const search: Search = {
    pieces,
    segment,
    look: foldCase ? lowerCase(segment) : segment,
    found: [],
    steps: STEP_LIMIT,
  };
  return matchFrom(search, 0, 0) ? search.found : null;
}

interface Search {
  readonly pieces: readonly Piece[];
  readonly segment: string;
  readonly look: string;
  readonly found: string[];
  steps: number;
}

function matchFrom(search: Search, index: number, at: number): boolean {
  const { pieces, segment, look, found } = search;
  const piece = pieces[index];
  if (piece === undefined) return at === segment.length;
  if (piece.kind === "text") {
    return look.startsWith(piece.text, at) &&
      matchFrom(search, index + 1, at + piece.text.length);
  }
  const next = pieces[index + 1];
  if (next === undefined) {
    return take(piece.constraint, segment.slice(at), found);
  }
  // Two parameters never touch, so a text follows; try its places in order.
  const text = (next as Piece & { kind: "text" }).text;
  const last = index + 2 === pieces.length;
  let end = last ? look.length - text.length : look.indexOf(text, at + 1);
  if (last && (end <= at || !look.endsWith(text))) return false;
  while (end >= 0 && search.steps-- > 0) {
    const depth = found.length;
    if (
      take(piece.constraint, segment.slice(at, end), found) &&
      matchFrom(search, index + 2, end + text.length)
    ) return true;
    found.length = depth;
    if (last) return false;
    end = look.indexOf(text, end + 1);
  }
  return false;
}

function take(
  constraint: Constraint | null,
  value: string,
  found: string[],
): boolean {
  if (value === "") return false;
  if (
    constraint !== null &&
    (value.length > constraint.maxLength || !constraint.regexp.test(value))
  ) return false;
  found.push(value);
  return true;
}
