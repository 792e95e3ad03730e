import { checkOptions } from "@oresty/core";
import { normalizePath } from "./_path.ts";
import { lowerCase, parsePattern, type Segment } from "./_pattern.ts";
import { collect, type Entry, Leaf, Node, values, walk } from "./_tree.ts";

/** How paths are compared. */
export interface RouterOptions {
  /**
   * Whether `/Users` and `/users` are different paths. Parameters keep their
   * case either way.
   *
   * @default {true}
   */
  caseSensitive?: boolean;
  /**
   * Whether `/users/` is another path than `/users`: `"strict"` (it is),
   * `"ignore"` (both are found), `"redirect"` (strict here; an application
   * answers 308 to the one that exists).
   *
   * @default {"strict"}
   */
  trailingSlash?: "strict" | "ignore" | "redirect";
}

/** What was found for a path. */
export interface Match<T> {
  /** What was registered. */
  readonly value: T;
  /** The decoded parameters by name; an object without a prototype. */
  readonly params: Record<string, string>;
}

/**
 * Finds values by method and path. Made of one tree of segments: no generated
 * code, and a cost that does not depend on ambiguous neighbours.
 *
 * Patterns: `/users/:id`, constrained `/users/:id(\\d+)` (anchored, refused
 * when it could take exponential time), several in a segment `/:name.:ext`,
 * `/@:scope`, optional at the end `/:lang?`, the rest of the path
 * `/files/*path` (may be empty), a literal colon `/a\\:b`.
 *
 * Of several matching patterns the most specific wins, segment by segment and
 * with backtracking: static, constrained, with a text beside it, plain,
 * wildcard; the order of registration decides only between two constraints or
 * texts of equal length.
 *
 * A path is decoded once; `%2F` stays in its segment.
 *
 * @typeParam T What is registered and found.
 *
 * @example
 * ```ts
 * import { Router } from "@oresty/router";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new Router<string>();
 * router.add("GET", "/users/:id", "one user");
 * assertEquals(router.find("GET", "/users/7"), {
 *   value: "one user",
 *   params: { id: "7" },
 * });
 * assertEquals(router.find("POST", "/users/7"), null);
 * assertEquals(router.allowed("/users/7"), ["GET", "HEAD"]);
 * ```
 */
export class Router<T> {
  readonly #caseSensitive: boolean;
  readonly #ignoreSlash: boolean;
  readonly #root: Node<T> = new Node();
  /** Leaves without parameters by path, and a bit for each of their lengths. */
  readonly #statics: Map<string, Leaf<T>> = new Map();
  #staticLengths = 0;

  /**
   * Makes a router without routes.
   *
   * @throws {TypeError} On an unknown option or value.
   */
  constructor(options: RouterOptions = {}) {
    checkOptions("Router", options, ["caseSensitive", "trailingSlash"]);
    const { caseSensitive = true, trailingSlash = "strict" } = options;
    if (!["strict", "ignore", "redirect"].includes(trailingSlash)) {
      throw new TypeError(
        `Cannot use option "trailingSlash" of Router: "${trailingSlash}" ` +
          `was given, expected "strict", "ignore" or "redirect"`,
      );
    }
    if (typeof caseSensitive !== "boolean") {
      throw new TypeError(
        `Cannot use option "caseSensitive" of Router: "${caseSensitive}" ` +
          `was given, expected true or false`,
      );
    }
    this.#caseSensitive = caseSensitive;
    this.#ignoreSlash = trailingSlash === "ignore";
  }

  /**
   * Registers a value.
   *
   * @param method An HTTP method, case-sensitive as on the wire; `"*"` is any.
   * @param pattern What the path looks like.
   * @param value What `find` gives; not undefined.
   * @returns This router.
   * @throws {TypeError} When the pattern or method is no text of its kind.
   * @throws {SyntaxError} When the pattern is malformed or a constraint unsafe.
   * @throws {Error} When a pattern of the same shape has this method already.
   */
  add(method: string, pattern: string, value: T): this {
    if (!isMethod(method)) {
      throw new TypeError(
        `Cannot add route "${pattern}": "${method}" is no HTTP method`,
      );
    }
    const variants = parsePattern(pattern, this.#caseSensitive)
      .map(({ segments, names }) => ({
        segments: this.#trim(segments),
        names,
      }));
    // All variants are looked at before one is entered: nothing half done.
    const leaves = variants.map(({ segments }) => this.#leaf(segments));
    for (const leaf of leaves) {
      const other = leaf.entries.get(method);
      if (other !== undefined) {
        throw new Error(
          `Cannot add route "${method} ${pattern}": ` +
            `"${method} ${other.pattern}" has the same shape`,
        );
      }
    }
    for (let i = 0; i < leaves.length; i++) {
      const { names } = variants[i]!;
      leaves[i]!.entries.set(method, { value, pattern, names });
    }
    return this;
  }

  /**
   * Finds what was registered for a method and path. `HEAD` finds the value of
   * `GET` where it has none of its own.
   *
   * @param method The method, as on the wire.
   * @param path The path as sent, still percent-encoded, without a query.
   * @returns The value and the parameters, or null.
   * @throws {URIError} When the path is malformed percent-encoding.
   */
  find(method: string, path: string): Match<T> | null {
    const entry = this.#find(method, path);
    if (entry === undefined) return null;
    return { value: entry.value, params: paramsOf(entry.names) };
  }

  /**
   * The methods that would be found for a path: those registered, and HEAD
   * beside GET; `"*"` stands for any.
   *
   * @param path The path as sent.
   * @throws {URIError} When the path is malformed percent-encoding.
   */
  allowed(path: string): string[] {
    const leaves: Leaf<T>[] = [];
    this.#collect(path, leaves);
    if (this.#ignoreSlash && path.length > 1 && path.endsWith("/")) {
      this.#collect(path.slice(0, -1), leaves);
    }
    const methods = new Set<string>();
    for (const leaf of leaves) {
      for (const method of leaf.entries.keys()) {
        methods.add(method);
        if (method === "GET") methods.add("HEAD");
      }
    }
    return [...methods];
  }

  #find(method: string, path: string): Entry<T> | undefined {
    if (this.#ignoreSlash && path.length > 1 && path.endsWith("/")) {
      const entry = this.#findExact(method, path.slice(0, -1));
      // A wildcard may match the empty rest after the slash.
      if (entry !== undefined) return entry;
    }
    return this.#findExact(method, path);
  }

  #findExact(method: string, path: string): Entry<T> | undefined {
    let look = path;
    if (!this.#caseSensitive || path.includes("%")) {
      [look, path] = this.#prepare(path);
    }
    // The bit saves most paths with parameters the hash of a Map look-up.
    if ((this.#staticLengths & (1 << look.length)) !== 0) {
      const entry = this.#statics.get(look)?.find(method);
      if (entry !== undefined) return entry;
    }
    if (path.charCodeAt(0) !== SLASH) return undefined;
    return walk(this.#root, look, path, 1, method, 0);
  }

  #collect(path: string, leaves: Leaf<T>[]): void {
    if (path.charCodeAt(0) !== SLASH) return;
    const [look, decoded] = this.#prepare(path);
    const literal = this.#statics.get(look);
    if (literal !== undefined) leaves.push(literal);
    collect(this.#root, look, decoded, 1, leaves);
  }

  /** The path as it is compared, and as parameters are cut from it. */
  #prepare(path: string): [look: string, path: string] {
    const decoded = normalizePath(path);
    return [this.#caseSensitive ? decoded : lowerCase(decoded), decoded];
  }

  #trim(segments: readonly Segment[]): readonly Segment[] {
    const last = segments.at(-1);
    return this.#ignoreSlash && segments.length > 1 &&
        last?.kind === "static" && last.text === ""
      ? segments.slice(0, -1)
      : segments;
  }

  #leaf(segments: readonly Segment[]): Leaf<T> {
    if (!segments.every((segment) => segment.kind === "static")) {
      return this.#root.leafFor(segments);
    }
    const path = "/" + segments.map((segment) => segment.text).join("/");
    let leaf = this.#statics.get(path);
    if (leaf === undefined) {
      leaf = new Leaf();
      this.#statics.set(path, leaf);
      this.#staticLengths |= 1 << path.length;
    }
    return leaf;
  }
}

const SLASH = 0x2f;

const NO_PARAMS: Record<string, string> = Object.freeze(Object.create(null));

function paramsOf(names: readonly string[]): Record<string, string> {
  if (names.length === 0) return NO_PARAMS;
  const params: Record<string, string> = Object.create(null);
  for (let i = 0; i < names.length; i++) params[names[i]!] = values[i]!;
  return params;
}

/** Whether it is a token of RFC 9110, or "*". */
function isMethod(method: unknown): method is string {
  return typeof method === "string" &&
    /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method);
}
