import { assert, assertEquals } from "@std/assert";
import {
  compileConstraint,
  type Constraint,
} from "../../router/_constraint.ts";
import {
  type Automaton,
  buildAutomaton,
  START,
} from "../../router/_constraint_automaton.ts";
import {
  type Expression,
  parseConstraint,
} from "../../router/_constraint_parser.ts";
import type { CodePoints } from "../../router/_constraint_sets.ts";

const MAX_MATCH_MS = 200;
const MAX_STEPS = 1_000_000;
const MAX_STEPS_EACH = 128;
const DOUBLINGS = 13;

/** Mulberry32: the same expressions in every run. */
function randomFrom(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function randomExpression(
  random: (below: number) => number,
  depth: number,
): string {
  const pick = (items: string[]) => items[random(items.length)]!;
  const inner = () => randomExpression(random, depth - 1);
  if (depth === 0) return pick(["a", "b", "a", "b", "[ab]", "."]);
  switch (random(4)) {
    case 0:
      return `(?:${inner()}|${pick([inner(), inner(), ""])})`;
    case 1:
      return inner() + inner();
    default:
      return `(?:${inner()})${
        pick(["*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{0,2}", "{2,}"])
      }`;
  }
}

function expressions(seed: number, count: number): string[] {
  const random = randomFrom(seed);
  return Array.from(
    { length: count },
    () => randomExpression(random, 1 + random(4)),
  );
}

function holds({ ranges }: CodePoints, code: number): boolean {
  return ranges.some((first, at) =>
    at % 2 === 0 && first <= code && code <= ranges[at + 1]!
  );
}

/** All words of one to `length` letters "a" and "b". */
function words(length: number): string[] {
  const all = [""];
  for (const word of all) {
    if (word.length < length) all.push(word + "a", word + "b");
  }
  return all.slice(1);
}

function tryCompile(source: string): Constraint | string {
  try {
    return compileConstraint(source);
  } catch (error) {
    assert(error instanceof SyntaxError, String(error));
    return error.message.slice(error.message.lastIndexOf(": ") + 2);
  }
}

/**
 * The matcher of the ECMAScript specification, by continuations, which never accepts: counts
 * the characters and ends it tries over one word, and stops beyond `most`.
 */
function backtrackingSteps(
  tree: Expression,
  word: string,
  most: number,
): number {
  let steps = 0;
  const run = (
    node: Expression,
    at: number,
    then: (at: number) => void,
  ): void => {
    if (steps > most) return;
    switch (node.type) {
      case "set": {
        steps++;
        if (holds(node.set, word.charCodeAt(at))) then(at + 1);
        return;
      }
      case "sequence": {
        const from = (index: number, at: number): void =>
          index === node.items.length
            ? then(at)
            : run(node.items[index]!, at, (next) => from(index + 1, next));
        return from(0, at);
      }
      case "alternation":
        for (const item of node.items) run(item, at, then);
        return;
      case "repeat": {
        const round = (count: number, at: number): void => {
          if (count < node.max) {
            run(node.item, at, (next) => {
              if (count >= node.min && next === at) steps++;
              else round(count + 1, next);
            });
          }
          if (count >= node.min) then(at);
        };
        return round(0, at);
      }
    }
  };
  run(tree, 0, () => steps++);
  return steps;
}

Deno.test("constraint: accepted random ones stay within their steps on pumped words", () => {
  let accepted = 0;
  for (const source of expressions(1, 600)) {
    const constraint = tryCompile(source);
    if (typeof constraint === "string") continue;
    accepted++;
    const { tree } = parseConstraint(source, false);
    const linear = constraint.maxLength === Infinity;
    for (const prefix of ["", "a", "b"]) {
      for (const word of words(3)) {
        const text = prefix + word.repeat(10);
        const most = linear ? MAX_STEPS_EACH * (text.length + 1) : MAX_STEPS;
        const steps = backtrackingSteps(tree, text, most);
        assert(steps <= most, `${source} takes over ${most} steps on ${text}`);
      }
    }
  }
  assert(accepted >= 200, `only ${accepted} accepted`);
});

Deno.test("constraint: random ones refused as exponential double on some pumped word", () => {
  let refused = 0;
  for (const source of expressions(2, 300)) {
    if (tryCompile(source) !== "it can take exponential time") continue;
    refused++;
    const { tree } = parseConstraint(source, false);
    const doubles = ["", ...words(4)].some((prefix) =>
      words(4).some((word) => {
        const text = prefix + word.repeat(DOUBLINGS);
        return backtrackingSteps(tree, text, 2 ** DOUBLINGS) > 2 ** DOUBLINGS;
      })
    );
    assert(doubles, `${source} is refused, but no word shows why`);
  }
  assert(refused >= 50, `only ${refused} refused`);
});

Deno.test("constraint: accepted random ones match attack strings in bounded time", () => {
  let accepted = 0;
  for (const source of expressions(3, 300)) {
    const constraint = tryCompile(source);
    if (typeof constraint === "string") continue;
    accepted++;
    const length = Math.min(constraint.maxLength, 2_000);
    for (const word of words(3)) {
      for (const tail of ["!", "\n"]) {
        for (const size of [31, length]) {
          const attack = word.repeat(size).slice(0, size - 1) + tail;
          const start = performance.now();
          constraint.regexp.test(attack);
          const took = performance.now() - start;
          assert(
            took < MAX_MATCH_MS,
            `${source}: ${took} ms on ${size} of "${word}"`,
          );
        }
      }
    }
  }
  assert(accepted >= 100, `only ${accepted} accepted`);
});

Deno.test("constraint: the automaton reads the words that the expression matches", () => {
  const reads = ({ follow, sets }: Automaton, word: string): boolean => {
    let places = [START];
    for (const letter of word) {
      const next = new Set(
        places.flatMap((place) => [...follow[place]!.keys()]),
      );
      places = [...next].filter((place) =>
        holds(sets[place]!, letter.charCodeAt(0))
      );
    }
    // The place of the closing "!" was made last.
    return places.includes(sets.length - 1);
  };
  for (const source of expressions(4, 300)) {
    const { tree } = parseConstraint(`(?:${source})!`, false);
    const automaton = buildAutomaton(tree, (state): never => {
      throw new Error(state);
    });
    const regexp = new RegExp(`^(?:${source})!$`, "u");
    for (const word of ["", ...words(5)]) {
      assertEquals(
        reads(automaton, word + "!"),
        regexp.test(word + "!"),
        `${source} on "${word}"`,
      );
    }
  }
});

Deno.test("constraint: the sets hold what the engine matches", () => {
  // deno-fmt-ignore
  const sources = [
    ".", "a", "K", "s", "\\.", "é", "\u212a", "\u017f", "\\d", "\\D", "\\s", "\\S", "\\w", "\\W",
    "[a-f]", "[^a-f]", "[X-c]", "[^X-c]", "[^k]", "[^s]", "[\\d-]", "[^\\W_]", "[^\\s/]", "[\\w\\W]",
    "[à-ü]", "[^à-ü]", "[a-ü]", "[^a-ü]", "[\\u0100-\\u{10ffff}]", "\\p{L}", "\\P{L}", "[^\\p{Lu}]",
    "[\\p{Lu}\\d]", "[^\\P{Ll}]", "[]", "[^]",
  ];
  const codes = [
    0x2028,
    0x2029,
    0x212a,
    0x3000,
    0xd800,
    0xfeff,
    0x1f600,
    0x10ffff,
  ];
  for (let code = 0; code < 0x250; code++) codes.push(code);
  for (const source of sources) {
    for (const caseSensitive of [true, false]) {
      const { tree } = parseConstraint(source, !caseSensitive);
      const { regexp } = compileConstraint(source, { caseSensitive });
      assert(tree.type === "set", source);
      const { set } = tree;
      for (const code of codes) {
        const held = holds(set, code);
        const matched = regexp.test(String.fromCodePoint(code));
        const where = `${source} on ${
          code.toString(16)
        }, case sensitive: ${caseSensitive}`;
        if (set.exact || code < 0x80) assertEquals(held, matched, where);
        else assert(held, where);
      }
    }
  }
});
