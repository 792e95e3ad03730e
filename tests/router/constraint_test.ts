import { assert, assertEquals, assertThrows } from "@std/assert";
import { compileConstraint } from "../../router/_constraint.ts";

/** What the check takes at most is about a third. */
// Cold, and under coverage on a loaded machine; it takes about 30 otherwise.
const MAX_CHECK_MS = 400;
const MAX_MATCH_MS = 50;
const LONG = 10_000;

/** The best of three, so that a pause of the machine does not count. */
function milliseconds(work: () => unknown): number {
  let best = Infinity;
  for (let run = 0; run < 3; run++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

function fill(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

interface Accepted {
  source: string;
  yes: string[];
  no: string[];
  /** Units that attack strings are made of. */
  pumps: string[];
  /** Whether values of every length are tried. */
  linear: boolean;
}

const ACCEPTED: Accepted[] = [
  {
    source: "\\d+",
    yes: ["1", "42"],
    no: ["", "4a", "a4"],
    pumps: ["1"],
    linear: true,
  },
  {
    source: "[a-z0-9-]+",
    yes: ["a-b"],
    no: ["A"],
    pumps: ["a", "-"],
    linear: true,
  },
  {
    source: "\\w+-\\w+",
    yes: ["a-b"],
    no: ["ab", "a-b-c"],
    pumps: ["a", "a-"],
    linear: true,
  },
  {
    source: "(?:en|zh)(?:-[A-Z]{2})?",
    yes: ["en", "zh-CN"],
    no: ["en-", "zh-C", "xen"],
    pumps: ["en", "zh-CN"],
    linear: true,
  },
  {
    source: "\\d{4}-\\d{2}-\\d{2}",
    yes: ["2024-05-06"],
    no: ["2024-5-6"],
    pumps: ["1", "2024-"],
    linear: true,
  },
  {
    source: "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    yes: ["0123abcd-0123-0123-0123-0123456789ab"],
    no: ["0123abcd-0123-0123-0123456789ab"],
    pumps: ["a", "aaaa-"],
    linear: true,
  },
  {
    source: "v\\d+(?:\\.\\d+)*",
    yes: ["v1.20.3"],
    no: ["v", "v1."],
    pumps: ["1.", "1"],
    linear: true,
  },
  {
    source: "(?:[a-z]+-)*[a-z]+",
    yes: ["a", "a-b-c"],
    no: ["a-", "-a"],
    pumps: ["a", "a-", "ab-"],
    linear: true,
  },
  {
    source: ".+\\.png",
    yes: ["a.png", ".png.png"],
    no: [".png"],
    pumps: [".png", "."],
    linear: true,
  },
  {
    source:
      "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}",
    yes: ["127.0.0.1", "255.255.255.255"],
    no: ["256.1.1.1", "1.1.1"],
    pumps: ["1", "1.", "111."],
    linear: true,
  },
  {
    source: "[\\w.-]+@[\\w-]+(?:\\.\\w+)+",
    yes: ["a.b@c.de"],
    no: ["a@b", "a@b."],
    pumps: ["a", "a.", "a@"],
    linear: true,
  },
  {
    source: "\\p{L}+(?:-\\p{L}+)*",
    yes: ["für-mich"],
    no: ["a-", "1"],
    pumps: ["é", "a-"],
    linear: true,
  },
  { source: "[a-z]{1,1000}", yes: ["a"], no: [""], pumps: ["a"], linear: true },
  // An empty round fails at once, so this is read in one way.
  { source: "(?:a?)*", yes: ["", "aa"], no: ["c"], pumps: ["a"], linear: true },
  // The words differ in too many ways to follow each; one bound for all is still small.
  {
    source: "(?:[ab]*a[ab]{9}c|[ab]*b[ab]{9}d)",
    yes: ["a".repeat(10) + "c", "b".repeat(10) + "d"],
    no: ["a".repeat(10) + "d"],
    pumps: ["a", "b", "abb"],
    linear: true,
  },
  // Each "-" can be the one in the middle: quadratic time.
  {
    source: ".*-.*",
    yes: ["-", "a-b-c"],
    no: ["ab"],
    pumps: ["-", "a-"],
    linear: false,
  },
  {
    source: "\\d+\\d+x",
    yes: ["12x"],
    no: ["1x"],
    pumps: ["1"],
    linear: false,
  },
  // 1024 ways over ten letters, but no more over eleven.
  {
    source: "a?".repeat(10) + "a".repeat(10),
    yes: ["a".repeat(10), "a".repeat(20)],
    no: ["a".repeat(9), "a".repeat(21)],
    pumps: ["a"],
    linear: false,
  },
];

for (const { source, yes, no, pumps, linear } of ACCEPTED) {
  Deno.test(`constraint ${source} matches whole values in bounded time`, () => {
    const { regexp, maxLength } = compileConstraint(source);
    for (const value of yes) assert(regexp.test(value), value);
    for (const value of no) assert(!regexp.test(value), value);
    assertEquals(maxLength, linear ? Infinity : 256);
    const length = Math.min(LONG, maxLength);
    for (const pump of pumps) {
      for (const tail of ["", "!", "\n"]) {
        const attack = fill(pump, length - tail.length) + tail;
        const took = milliseconds(() => regexp.test(attack));
        assert(
          took < MAX_MATCH_MS,
          `${took} ms over ${length} of "${pump}" and "${tail}"`,
        );
      }
    }
  });
}

/** Each with the value that would stop the server. */
const REFUSED_EXPONENTIAL = [
  "(a+)+", // "a" x 30 + "!"
  "(a|a)*", // "a" x 30 + "!"
  "(a|aa)+", // "a" x 40 + "!"
  "(.*)*", // "a" x 30 + "\n"
  "([a-z]+)*", // "a" x 30 + "!"
  "(\\w+\\s?)*", // "a" x 30 + "!"
  "(a*)*", // "a" x 30 + "!"
  "(x+x+)+y", // "x" x 30
  "(\\d+|\\d+-)+", // "1" x 30 + "!"
  "(\\w|\\d)+", // "1" x 30 + "!"
  "(a?a?)*", // "a" x 30 + "!"
  "(a?b?)*", // "ab" x 30 + "!"
  "(a*b*)*", // "a" x 30 + "!"
  "(?:(?:|)a)*", // "a" x 30 + "!"
  "(?:ab|a|b)*", // "ab" x 30 + "!"
  "(?:aba|ab|a|ba)*", // "aba" x 20 + "!"
  "x(?:-?[a-z0-9]+)*", // "a" x 30 + "!", and "x" + "a" x 30 + "!"
  "(?:[a-m]+|[k-z]+)*", // "k" x 30 + "!"
  "(?:a{1,2}){1,}", // "a" x 40 + "!"
  "(?:a+?)+?", // "a" x 30 + "!"
  "(?:(?:[^/]+)\\.?)+", // "a" x 30 + "/"
  "(?:a{100}|a{50}a{50})+", // "a" x 3000 + "!"
];

for (const source of REFUSED_EXPONENTIAL) {
  Deno.test(`constraint ${source} is refused as exponential`, () => {
    const error = assertThrows(() => compileConstraint(source), SyntaxError);
    assertEquals(
      error.message,
      `Cannot use constraint "${source}": it can take exponential time`,
    );
  });
}

/** Each with the value that takes over a million steps. */
const REFUSED_SLOW = [
  "(a?){40}b", // "a" x 20
  "a*a*a*a*b", // "a" x 256
  ".*-.*-.*-.*", // "-" x 256 + "\n"
  "(?:|)".repeat(30) + "b", // "a"
  "(?:" + "(?:|)".repeat(30) + ")*b", // "a"
  "(?:a|a){30}b", // "a" x 30
];

for (const source of REFUSED_SLOW) {
  Deno.test(`constraint ${source} is refused as too slow`, () => {
    assertThrows(
      () => compileConstraint(source),
      SyntaxError,
      "it can take too long, over 1000000",
    );
  });
}

Deno.test("constraint: letters that meet only without regard to case are ambiguous", () => {
  assertEquals(compileConstraint("(?:a|A)*").maxLength, Infinity);
  for (
    const source of [
      "(?:a|A)*",
      "(?:k|\\u212a)*",
      "(?:[r-t]|\\u{17f})*",
      "(?:é|É)*",
    ]
  ) {
    assertThrows(
      () => compileConstraint(source, { caseSensitive: false }),
      SyntaxError,
      "it can take exponential time",
    );
  }
  // As above for "K" and the Kelvin sign, which differ with regard to case.
  assertEquals(compileConstraint("(?:k|\\u212a)*").maxLength, Infinity);
});

Deno.test("constraint: caseSensitive false matches both cases", () => {
  assert(
    compileConstraint("[a-f]+", { caseSensitive: false }).regexp.test("aF"),
  );
  assert(
    !compileConstraint("[a-f]+", { caseSensitive: true }).regexp.test("aF"),
  );
  assert(!compileConstraint("[a-f]+").regexp.test("aF"));
});

const REFUSED_CONSTRUCTS: [source: string, state: string][] = [
  ["", "it is empty, expected an expression such as"],
  ["^$", "it is empty"],
  ["(?=a)b", "a lookahead is not supported (at 0)"],
  ["a(?!b)", "a lookahead is not supported (at 1)"],
  ["(?<=a)b", "a lookbehind is not supported"],
  ["(?<!a)b", "a lookbehind is not supported"],
  ["(?<name>a)", "a named group is not supported"],
  ["(a)\\1", "a backreference is not supported (at 3)"],
  ["\\k<name>", "a named backreference is not supported"],
  ["a^b", "an anchor (^) inside the expression is not supported"],
  ["a$b", "an anchor ($) inside the expression is not supported"],
  ["(a$)", "an anchor ($) inside the expression is not supported"],
  ["\\ba", "a word boundary (\\b) is not supported"],
  ["a\\B", "a word boundary (\\B) is not supported"],
  ["(?i:a)", "a group with inline flags is not supported"],
  ["(a", "it has a ( without its )"],
  ["a)", "it has a ) without its ("],
  ["[a", "it has a [ without its ]"],
  ["[a-", "it has a [ without its ]"],
  ["*a", "it has nothing to repeat before *"],
  ["a**", "it has nothing to repeat before *"],
  ["a{2}{3}", "it has a lone {"],
  ["a{,3}", "it has a lone {"],
  ["a]", "it has a lone ]"],
  ["a\\", "it ends in a backslash"],
  ["\\q", "the escape \\q is not valid"],
  ["\\x1", "the escape \\x is not valid"],
  ["\\u12", "the escape \\u is not valid"],
  ["\\u{110000}", "is beyond the last code point"],
  ["\\00", "the escape \\0 is not valid"],
  ["\\p{Nothing}", "there is no property \\p{Nothing}"],
  ["[z-a]", "the range z-a is out of order"],
  ["[\\d-z]", "the range \\d-z ends in a set"],
  ["a{3,2}", "the counts of {3,2} are out of order"],
  ["a{1001}", "its counted repeats multiply to over 1000"],
  ["(a{40}){40}", "its counted repeats multiply to over 1000"],
  ["(a{40}b{40,}){40}", "its counted repeats multiply to over 1000"],
  ["(abc){1000}", "it is too large with its repeats written out"],
  ["(a?){1000}", "it has too many ways from place to place"],
];

for (const [source, state] of REFUSED_CONSTRUCTS) {
  Deno.test(`constraint "${source}" is refused: ${state}`, () => {
    const error = assertThrows(
      () => compileConstraint(source),
      SyntaxError,
      state,
    );
    assert(
      error.message.startsWith(`Cannot use constraint "${source}": `),
      error.message,
    );
  });
}

Deno.test("constraint: the expression is anchored as a whole and captures nothing", () => {
  const { regexp, source } = compileConstraint("^(a)|(?:(b)c)$");
  assertEquals(source, "^(a)|(?:(b)c)$");
  assertEquals(regexp.source, "^(?:(?:a)|(?:(?:b)c))$");
  assertEquals(regexp.exec("bc")?.length, 1);
  assert(!regexp.test("ac"));
  assert(!regexp.test("a\n"));
});

Deno.test("constraint: characters and escapes mean what they mean in JavaScript", () => {
  const cases: [source: string, yes: string, no: string][] = [
    ["\\-\\/\\.\\@\\_", "-/.@_", "-/x@_"],
    ["[\\w.\\-\\@]+", "a.-@", "a b"],
    ["[^]", "\n", ""],
    ["[a-]+", "a-", "b"],
    ["\\x41\\u0042\\u{43}", "ABC", "abc"],
    ["\\ud83d\\ude00", "\u{1f600}", "\ud83d"],
    [".", "\u{1f600}", "\n"],
    ["[😀-😂]", "😁", "😃"],
    ["\\cJ\\t\\0", "\n\t\0", "J\t0"],
    ["[\\b]", "\b", "b"],
    ["a{2}b{1,}c{0,1}d{0}", "aab", "ab"],
    ["a|", "", "b"],
  ];
  for (const [source, yes, no] of cases) {
    const { regexp } = compileConstraint(source);
    assert(regexp.test(yes), `${source} on ${JSON.stringify(yes)}`);
    assert(!regexp.test(no), `${source} on ${JSON.stringify(no)}`);
  }
});

Deno.test("constraint: a hostile one is decided in bounded time", () => {
  const hostile = [
    "a".repeat(10_000),
    "(".repeat(10_000),
    "(a+)+".repeat(2_000),
    "(".repeat(256) + ")".repeat(256),
    "(".repeat(200) + "a" + ")+".repeat(100) + ")".repeat(100),
    "(".repeat(120) + "a" + ")*".repeat(120),
    "(?:a?b?c?d?e?f?g?h?){30}",
    "(?:(?:a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p){10}){12}",
    `(?:${"a|".repeat(250)}b)*`,
    `(?:${
      Array.from({ length: 120 }, (_, at) =>
        String.fromCharCode(0x4e00 + at) + "?").join("")
    })+`,
    `(?:${
      Array.from({ length: 240 }, (_, at) => String.fromCharCode(0x4e00 + at))
        .join("|")
    })+`,
    Array.from(
      { length: 120 },
      (_, at) => `[a-${String.fromCharCode(98 + at % 25)}]`,
    ).join("?"),
    Array.from({ length: 120 }, (_, at) => "ab"[at % 2] + "*").join(""),
    "[ab]*a[ab]{400}".repeat(2),
    "(?:[ab]{0,30}a[ab]{9}c|[ab]*b[ab]{9}d){10}",
    "(?:[ab]{1,500}c)*",
    "(?:[ab]{1,900})*",
    "(?:a{1,30}b{1,30}){15}",
    "\\p{L}".repeat(100),
    "\\p{L}{1,900}",
    "[^\\p{L}\\p{N}]{900}[\\p{Lu}\\p{Script=Greek}]*",
    `[${
      Array.from(
        { length: 250 },
        (_, at) => String.fromCharCode(0x4e00 + 2 * at),
      ).join("")
    }]{900}`,
  ];
  for (const source of hostile) {
    for (const caseSensitive of [true, false]) {
      const took = milliseconds(() => {
        try {
          compileConstraint(source, { caseSensitive });
        } catch (error) {
          assert(error instanceof SyntaxError, String(error));
          assert(error.message.length < 250, error.message);
        }
      });
      assert(took < MAX_CHECK_MS, `${took} ms for ${source.slice(0, 60)}`);
    }
  }
});
