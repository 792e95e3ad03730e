/**
 * Parser of the part of the regular expression language that a constraint may use.
 *
 * @module
 */
import {
  type CodePoints,
  complement,
  dot,
  escapedSet,
  propertySet,
  range,
  union,
} from "./_constraint_sets.ts";

/** A parsed expression. `max` is Infinity for `*`, `+` and `{n,}`. */
export type Expression =
  | { type: "set"; set: CodePoints }
  | { type: "sequence"; items: Expression[] }
  | { type: "alternation"; items: Expression[] }
  | { type: "repeat"; item: Expression; min: number; max: number };

/** The expression as a tree, and as text without anchors and capturing groups. */
export interface ParsedConstraint {
  tree: Expression;
  text: string;
}

/** The error for a constraint that is refused; a long one is quoted in part. */
export function constraintError(
  source: string,
  state: string,
  cause?: unknown,
): SyntaxError {
  const shown = source.length > 80 ? source.slice(0, 80) + "..." : source;
  return new SyntaxError(
    `Cannot use constraint "${shown}": ${state}`,
    cause === undefined ? undefined : { cause },
  );
}

/** One character or one set, with the text that means it under the `u` flag. */
interface Atom {
  text: string;
  code?: number;
  set?: CodePoints;
}

const CONTROLS: Record<string, number | undefined> = {
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  f: 12,
};

/**
 * Parses a constraint.
 *
 * @throws {SyntaxError} When it uses what a constraint may not, or is not a valid expression.
 */
export function parseConstraint(
  source: string,
  ignoreCase: boolean,
): ParsedConstraint {
  return new ConstraintParser(source, ignoreCase).parse();
}

class ConstraintParser {
  readonly #source: string;
  readonly #ignoreCase: boolean;
  readonly #properties = new Map<string, CodePoints>();
  #at = 0;
  #depth = 0;
  #text = "";

  constructor(source: string, ignoreCase: boolean) {
    this.#source = source;
    this.#ignoreCase = ignoreCase;
  }

  parse(): ParsedConstraint {
    if (this.#source.startsWith("^")) this.#at = 1;
    const tree = this.#alternation();
    if (this.#at < this.#source.length) this.#fail("it has a ) without its (");
    if (this.#text === "") {
      this.#fail('it is empty, expected an expression such as "\\d+"');
    }
    return { tree, text: this.#text };
  }

  #fail(state: string): never {
    throw constraintError(this.#source, state);
  }

  #unsupported(construct: string): never {
    this.#fail(`${construct} is not supported (at ${this.#at})`);
  }

  #peek(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  #alternation(): Expression {
    const items = [this.#sequence()];
    while (this.#peek("|")) {
      this.#at++;
      this.#text += "|";
      items.push(this.#sequence());
    }
    return items.length === 1 ? items[0]! : { type: "alternation", items };
  }

  #sequence(): Expression {
    const items: Expression[] = [];
    while (
      this.#at < this.#source.length && !this.#peek("|") && !this.#peek(")")
    ) {
      if (
        this.#peek("$") && this.#depth === 0 &&
        this.#at === this.#source.length - 1
      ) {
        this.#at++;
        break;
      }
      items.push(this.#quantified(this.#term()));
    }
    return items.length === 1 ? items[0]! : { type: "sequence", items };
  }

  #term(): Expression {
    switch (this.#source[this.#at]) {
      case "(":
        return this.#group();
      case "[":
        return { type: "set", set: this.#class() };
      case "^":
      case "$":
        return this.#unsupported(
          `an anchor (${this.#source[this.#at]}) inside the expression`,
        );
      case "*":
      case "+":
      case "?":
        return this.#fail(
          `it has nothing to repeat before ${this.#source[this.#at]}`,
        );
      case "{":
      case "}":
      case "]":
        return this.#fail(
          `it has a lone ${this.#source[this.#at]}, expected it escaped`,
        );
      case ".":
        this.#at++;
        this.#text += ".";
        return { type: "set", set: dot() };
      default: {
        const atom = this.#atom(false);
        this.#text += atom.text;
        return { type: "set", set: this.#setOf(atom) };
      }
    }
  }

  #group(): Expression {
    if (this.#peek("(?=") || this.#peek("(?!")) {
      this.#unsupported("a lookahead");
    }
    if (this.#peek("(?<=") || this.#peek("(?<!")) {
      this.#unsupported("a lookbehind");
    }
    if (this.#peek("(?<")) this.#unsupported("a named group");
    if (this.#peek("(?") && !this.#peek("(?:")) {
      this.#unsupported("a group with inline flags");
    }
    this.#at += this.#peek("(?:") ? 3 : 1;
    this.#text += "(?:";
    this.#depth++;
    const inner = this.#alternation();
    if (!this.#peek(")")) this.#fail("it has a ( without its )");
    this.#depth--;
    this.#at++;
    this.#text += ")";
    return inner;
  }

  #quantified(item: Expression): Expression {
    const found = /(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/y;
    found.lastIndex = this.#at;
    const match = found.exec(this.#source);
    if (match === null) return item;
    this.#at += match[0].length;
    this.#text += match[0];
    switch (match[0][0]) {
      case "*":
        return { type: "repeat", item, min: 0, max: Infinity };
      case "+":
        return { type: "repeat", item, min: 1, max: Infinity };
      case "?":
        return { type: "repeat", item, min: 0, max: 1 };
    }
    const min = Number(match[1]);
    const max = match[2] === undefined
      ? min
      : match[3] === ""
      ? Infinity
      : Number(match[3]);
    if (min > max) this.#fail(`the counts of ${match[0]} are out of order`);
    return { type: "repeat", item, min, max };
  }

  #class(): CodePoints {
    this.#at++;
    const negated = this.#peek("^");
    if (negated) this.#at++;
    this.#text += negated ? "[^" : "[";
    const sets: CodePoints[] = [];
    while (!this.#peek("]")) {
      const first = this.#atom(true);
      this.#text += first.text;
      if (!this.#peek("-") || this.#source[this.#at + 1] === "]") {
        sets.push(this.#setOf(first));
        continue;
      }
      this.#at++;
      const last = this.#atom(true);
      this.#text += "-" + last.text;
      if (first.code === undefined || last.code === undefined) {
        this.#fail(
          `the range ${first.text}-${last.text} ends in a set, expected characters`,
        );
      }
      if (first.code > last.code) {
        this.#fail(`the range ${first.text}-${last.text} is out of order`);
      }
      sets.push(range(first.code, last.code, this.#ignoreCase));
    }
    this.#at++;
    this.#text += "]";
    const set = union(sets);
    return negated ? complement(set) : set;
  }

  #setOf(atom: Atom): CodePoints {
    return atom.set ?? range(atom.code!, atom.code!, this.#ignoreCase);
  }

  #atom(inClass: boolean): Atom {
    const code = this.#source.codePointAt(this.#at);
    if (code === undefined) return this.#fail("it has a [ without its ]");
    if (code === 0x5c) return this.#escape(inClass);
    const text = String.fromCodePoint(code);
    this.#at += text.length;
    return { text, code };
  }

  #escape(inClass: boolean): Atom {
    const from = this.#at;
    const letter = this.#source[from + 1];
    if (letter === undefined) return this.#fail("it ends in a backslash");
    if (/[1-9]/.test(letter)) this.#unsupported("a backreference");
    if (letter === "k") this.#unsupported("a named backreference");
    if (!inClass && /[bB]/.test(letter)) {
      this.#unsupported(`a word boundary (\\${letter})`);
    }
    if (letter === "p" || letter === "P") {
      const text = this.#take(/\\[pP]\{[\w=]+\}/y);
      return { text, set: this.#property(text) };
    }
    const set = escapedSet(letter, this.#ignoreCase);
    if (set !== undefined) return { text: this.#take(/\\./y), set };
    if (letter === "u") return this.#unicodeEscape();
    if (letter === "x") {
      const text = this.#take(/\\x[\da-fA-F]{2}/y);
      return { text, code: parseInt(text.slice(2), 16) };
    }
    if (letter === "c") {
      const text = this.#take(/\\c[a-zA-Z]/y);
      return { text, code: text.charCodeAt(2) & 31 };
    }
    if (letter === "0") return { text: this.#take(/\\0(?!\d)/y), code: 0 };
    if (letter === "b") return { text: this.#take(/\\b/y), code: 8 };
    const control = CONTROLS[letter];
    if (control !== undefined) {
      return { text: this.#take(/\\./y), code: control };
    }
    const text = this.#take(/\\[!-/:-@[-`{-~]/y);
    // The u flag, needed for whole code points, refuses escapes that mean nothing, such as
    // "\-" outside a class or "\@"; without the backslash they are the same character.
    const needed = inClass ? /[\^$\\.*+?()[\]{}|/-]/ : /[\^$\\.*+?()[\]{}|/]/;
    return {
      text: needed.test(letter) ? text : letter,
      code: letter.charCodeAt(0),
    };
  }

  #property(escape: string): CodePoints {
    let set = this.#properties.get(escape);
    if (set === undefined) {
      try {
        set = propertySet(escape, this.#ignoreCase);
      } catch (cause) {
        throw constraintError(
          this.#source,
          `there is no property ${escape}`,
          cause,
        );
      }
      this.#properties.set(escape, set);
    }
    return set;
  }

  #unicodeEscape(): Atom {
    if (this.#peek("\\u{")) {
      const text = this.#take(/\\u\{[\da-fA-F]+\}/y);
      const code = parseInt(text.slice(3), 16);
      if (code > 0x10ffff) {
        this.#fail(`the escape ${text} is beyond the last code point`);
      }
      return { text, code };
    }
    const pair = /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}/y;
    pair.lastIndex = this.#at;
    const text = this.#take(
      pair.test(this.#source) ? pair : /\\u[\da-fA-F]{4}/y,
    );
    const units = text.split("\\u").slice(1).map((digits) =>
      parseInt(digits, 16)
    );
    return { text, code: String.fromCharCode(...units).codePointAt(0)! };
  }

  /** Takes what the sticky pattern matches here. */
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match === null) {
      return this.#fail(
        `the escape ${this.#source.slice(this.#at, this.#at + 2)} is not valid`,
      );
    }
    this.#at += match[0].length;
    return match[0];
  }
}
