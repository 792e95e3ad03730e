import { compileConstraint, type Constraint } from "./_constraint.ts";
import { normalizePath } from "./_path.ts";

/** A part of a segment: text as it stands, or a parameter. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | {
    readonly kind: "param";
    readonly name: string;
    readonly constraint: Constraint | null;
  };

/** What stands between two slashes of a pattern. */
export type Segment =
  | { readonly kind: "static"; readonly text: string }
  | { readonly kind: "dynamic"; readonly pieces: readonly Piece[] }
  | { readonly kind: "wildcard"; readonly name: string };

/** A pattern taken apart; an optional last parameter gives two of them. */
export interface ParsedPattern {
  readonly segments: readonly Segment[];
  readonly names: readonly string[];
}

const NAME_START = /[A-Za-z_]/;
const NAME = /[A-Za-z0-9_]/;

/**
 * Takes a pattern apart.
 *
 * @throws {TypeError} When the pattern is no text that starts with a slash.
 * @throws {SyntaxError} When it breaks a rule of the pattern language.
 */
export function parsePattern(
  pattern: string,
  caseSensitive: boolean,
): ParsedPattern[] {
  if (typeof pattern !== "string" || !pattern.startsWith("/")) {
    throw new TypeError(
      `Cannot add route "${pattern}": expected a pattern that starts with "/"`,
    );
  }
  const parser = new PatternParser(pattern, caseSensitive);
  return parser.parse();
}

class PatternParser {
  readonly #pattern: string;
  readonly #caseSensitive: boolean;
  readonly #segments: Segment[] = [];
  readonly #names: string[] = [];
  #at = 1;

  constructor(pattern: string, caseSensitive: boolean) {
    this.#pattern = pattern;
    this.#caseSensitive = caseSensitive;
  }

  parse(): ParsedPattern[] {
    const pattern = this.#pattern;
    while (true) {
      const optional = this.#segment();
      const ended = this.#at >= pattern.length;
      if (optional) {
        if (!ended) this.#fail("an optional parameter must come last");
        const full = { segments: this.#segments, names: this.#names };
        const without = this.#segments.slice(0, -1);
        return [
          full,
          {
            // "/:lang?" without its parameter is "/", not nothing.
            segments: without.length === 0
              ? [{ kind: "static", text: "" }]
              : without,
            names: this.#names.slice(0, -1),
          },
        ];
      }
      if (ended) return [{ segments: this.#segments, names: this.#names }];
      if (this.#segments.at(-1)!.kind === "wildcard") {
        this.#fail("a wildcard must come last");
      }
      this.#at++; // the slash between two segments
    }
  }

  /** Reads one segment; true when it is an optional parameter. */
  #segment(): boolean {
    const pattern = this.#pattern;
    if (pattern[this.#at] === "*") {
      this.#wildcard();
      return false;
    }
    const pieces: Piece[] = [];
    let text = "";
    let optional = false;
    while (this.#at < pattern.length && pattern[this.#at] !== "/") {
      const char = pattern[this.#at]!;
      if (char === "\\") {
        const next = pattern[this.#at + 1];
        if (next === undefined || next === "/") {
          this.#fail('"\\" must be followed by the character it escapes');
        }
        text += next;
        this.#at += 2;
      } else if (char === ":") {
        if (text !== "") pieces.push({ kind: "text", text });
        if (text === "" && pieces.at(-1)?.kind === "param") {
          this.#fail("two parameters in a segment need text between them");
        }
        text = "";
        pieces.push(this.#param());
        if (pattern[this.#at] === "?") {
          optional = true;
          this.#at++;
          break;
        }
      } else if (char === "*") {
        this.#fail(
          'a wildcard must be a whole segment, a literal "*" is written "\\*"',
        );
      } else if (char === "?" || char === "#") {
        this.#fail(
          `"${char}" cannot be part of a path, ` +
            `an optional parameter is written ":name?"`,
        );
      } else {
        text += char;
        this.#at++;
      }
    }
    if (optional) {
      const next = pattern[this.#at];
      if (pieces.length > 1 || (next !== undefined && next !== "/")) {
        this.#fail("an optional parameter must be a whole segment");
      }
    }
    if (pieces.length === 0) {
      this.#segments.push({ kind: "static", text: this.#literal(text, true) });
    } else {
      if (text !== "") pieces.push({ kind: "text", text });
      this.#segments.push({
        kind: "dynamic",
        pieces: pieces.map((piece) =>
          piece.kind === "text"
            ? { kind: "text", text: this.#literal(piece.text, false) }
            : piece
        ),
      });
    }
    return optional;
  }

  #wildcard(): void {
    const end = this.#pattern.length;
    const name = this.#pattern.slice(this.#at + 1);
    if (name.includes("/")) this.#fail("a wildcard must come last");
    if (name !== "" && !(NAME_START.test(name[0]!) && isName(name))) {
      this.#fail(`"${name}" is no name, expected letters, digits and "_"`);
    }
    this.#segments.push({ kind: "wildcard", name: this.#name(name || "*") });
    this.#at = end;
  }

  #param(): Piece {
    const pattern = this.#pattern;
    let end = this.#at + 1;
    if (end < pattern.length && NAME_START.test(pattern[end]!)) {
      while (end < pattern.length && NAME.test(pattern[end]!)) end++;
    }
    const name = pattern.slice(this.#at + 1, end);
    if (name === "") {
      this.#fail(
        '":" must be followed by a name, a literal ":" is written "\\:"',
      );
    }
    this.#at = end;
    let constraint: Constraint | null = null;
    if (pattern[end] === "(") {
      const source = this.#group();
      constraint = compileConstraint(source, {
        caseSensitive: this.#caseSensitive,
      });
    }
    return { kind: "param", name: this.#name(name), constraint };
  }

  /** Reads the constraint in parentheses at the cursor. */
  #group(): string {
    const pattern = this.#pattern;
    const start = this.#at + 1;
    let depth = 0;
    let inClass = false;
    for (let i = this.#at; i < pattern.length; i++) {
      const char = pattern[i];
      if (char === "\\") i++;
      else if (inClass) inClass = char !== "]";
      else if (char === "[") inClass = true;
      else if (char === "(") depth++;
      else if (char === ")" && --depth === 0) {
        this.#at = i + 1;
        return pattern.slice(start, i);
      }
    }
    return this.#fail("a constraint is not closed");
  }

  #name(name: string): string {
    if (this.#names.includes(name)) {
      this.#fail(`parameter "${name}" stands twice`);
    }
    this.#names.push(name);
    return name;
  }

  /**
   * Text as the matcher compares it: a static segment against the path that
   * keeps %2F and %25, a text beside a parameter against the decoded segment.
   */
  #literal(text: string, keepEscapes: boolean): string {
    const escaped = text.replace(/%(?![0-9A-Fa-f]{2})/g, "%25");
    let literal: string;
    try {
      literal = normalizePath(escaped);
    } catch {
      this.#fail(`"${text}" is not percent-encoded UTF-8`);
    }
    if (!keepEscapes) {
      literal = literal.replace(/%2F/g, "/").replace(/%25/g, "%");
    }
    return this.#caseSensitive ? literal : lowerCase(literal);
  }

  #fail(why: string): never {
    throw new SyntaxError(`Cannot add route "${this.#pattern}": ${why}`);
  }
}

function isName(text: string): boolean {
  return [...text].every((char) => NAME.test(char));
}

/**
 * Lower case that keeps every offset and does not depend on neighbours: "İ" has
 * a longer one and stays, "Σ" is "σ" also at the end of a word.
 */
export function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower.replaceAll("ς", "σ");
  return text.replace(/./gsu, (char) => {
    const small = char.toLowerCase();
    return small.length === char.length ? small : char;
  }).replaceAll("ς", "σ");
}
