import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertNotStrictEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
  unreachable,
} from "@std/assert";
import nodeAssert from "node:assert/strict";

class Point {
  readonly x: number;

  constructor(x: number) {
    this.x = x;
  }
}

/** The same entries without a prototype. */
function bare(entries: Record<PropertyKey, unknown>): unknown {
  return Object.assign(Object.create(null), entries);
}

function cycle(): unknown {
  const item: Record<string, unknown> = { name: "a" };
  item["self"] = [item];
  return item;
}

const EQUAL: readonly [name: string, a: unknown, b: unknown][] = [
  ["NaN", NaN, NaN],
  ["0 and -0", [0], [-0]],
  ["objects, keys in any order", { a: 1, b: [2] }, { b: [2], a: 1 }],
  ["no prototype", bare({ a: 1 }), { a: 1 }],
  ["no prototype, deep", [{ a: bare({ b: 1 }) }], [{ a: { b: 1 } }]],
  ["no prototype in a map", new Map([[1, bare({})]]), new Map([[1, {}]])],
  ["no prototype as a key", new Map([[bare({}), 1]]), new Map([[{}, 1]])],
  ["no prototype in a set", new Set([bare({ a: 1 })]), new Set([{ a: 1 }])],
  ["an own __proto__", bare({ ["__proto__"]: 1 }), { ["__proto__"]: 1 }],
  ["cycles", cycle(), cycle()],
  ["symbol keys", { [Symbol.for("a")]: 1 }, { [Symbol.for("a")]: 1 }],
  ["maps, in any order", new Map([[1, 2], [3, 4]]), new Map([[3, 4], [1, 2]])],
  ["sets of objects", new Set([{ a: 1 }]), new Set([{ a: 1 }])],
  ["dates", new Date(5), new Date(5)],
  ["typed arrays", new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  ["errors", new TypeError("a"), new TypeError("a")],
  ["regular expressions", /a/g, /a/g],
  ["instances", new Point(1), new Point(1)],
];

const DIFFERENT: readonly [name: string, a: unknown, b: unknown][] = [
  ["types", 1, "1"],
  ["null and undefined", null, undefined],
  ["a missing key and undefined", { a: undefined }, {}],
  ["no prototype, other value", bare({ a: 1 }), { a: 2 }],
  ["no prototype in a map", new Map([[1, bare({ a: 1 })]]), new Map([[1, {}]])],
  ["an instance and an object", new Point(1), { x: 1 }],
  ["an instance and no prototype", new Point(1), bare({ x: 1 })],
  ["an array and an object", [1], { 0: 1 }],
  ["a hole and undefined", new Array(1), [undefined]],
  ["cycles of other values", cycle(), Object.assign(cycle()!, { name: "b" })],
  ["symbol keys", { [Symbol.for("a")]: 1 }, {}],
  ["maps", new Map([[1, 2]]), new Map([[1, 3]])],
  ["sets", new Set([1]), new Set([2])],
  ["dates", new Date(5), new Date(6)],
  ["typed arrays", new Uint8Array([1]), new Uint8Array([2])],
  ["kinds of typed arrays", new Uint8Array([1]), new Int8Array([1])],
  ["messages of errors", new TypeError("a"), new TypeError("b")],
  ["classes of errors", new TypeError("a"), new RangeError("a")],
  ["flags", /a/g, /a/i],
];

for (const [name, a, b] of EQUAL) {
  Deno.test(`assert: equal are ${name}`, () => {
    assertEquals(a, b);
    assertEquals(b, a);
    refuses(() => assertNotEquals(a, b));
    refuses(() => assertNotEquals(b, a));
  });
}

for (const [name, a, b] of DIFFERENT) {
  Deno.test(`assert: different are ${name}`, () => {
    assertNotEquals(a, b);
    assertNotEquals(b, a);
    refuses(() => assertEquals(a, b));
    refuses(() => assertEquals(b, a));
  });
}

const rejecting = () => Promise.reject(new RangeError("too far"));
const throwing = () => {
  throw new RangeError("too far");
};

const throwingText = () => {
  // deno-lint-ignore no-throw-literal -- what this row is about
  throw "text";
};

/** Each assertion once as it holds, and once as it does not. */
const PAIRS: readonly [
  name: string,
  holds: () => unknown,
  not: () => unknown,
][] = [
  ["assert", () => assert("a"), () => assert("")],
  ["assertFalse", () => assertFalse(0), () => assertFalse("0")],
  ["assertExists", () => assertExists(0), () => assertExists(null)],
  [
    "assertStrictEquals",
    () => assertStrictEquals(NaN, NaN),
    () => assertStrictEquals({}, {}),
  ],
  [
    "assertNotStrictEquals",
    () => assertNotStrictEquals({}, {}),
    () => assertNotStrictEquals(1, 1),
  ],
  ["assertMatch", () => assertMatch("abc", /b/), () => assertMatch("abc", /d/)],
  [
    "assertNotMatch",
    () => assertNotMatch("abc", /d/),
    () => assertNotMatch("abc", /b/),
  ],
  [
    "assertStringIncludes",
    () => assertStringIncludes("abc", "bc"),
    () => assertStringIncludes("abc", "ac"),
  ],
  [
    "assertArrayIncludes",
    () => assertArrayIncludes([{ a: 1 }, 2, 3], [3, { a: 1 }]),
    () => assertArrayIncludes([1, 2], [2, 3]),
  ],
  [
    "assertInstanceOf",
    () => assertInstanceOf(new Point(1), Point),
    () => assertInstanceOf({ x: 1 }, Point),
  ],
  [
    "assertObjectMatch",
    () => assertObjectMatch({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1 } }),
    () => assertObjectMatch({ a: { c: 2 } }, { a: { b: 1 } }),
  ],
  [
    "assertObjectMatch, an undefined that is not there",
    () => assertObjectMatch({ a: undefined }, { a: undefined }),
    () => assertObjectMatch({}, { a: undefined }),
  ],
  [
    "assertObjectMatch, lists",
    () => assertObjectMatch({ a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] }),
    () => assertObjectMatch({ a: [{ b: 1 }] }, { a: [{ b: 1 }, { b: 2 }] }),
  ],
  [
    "assertAlmostEquals",
    () => assertAlmostEquals(0.1 + 0.2, 0.3),
    () => assertAlmostEquals(0.31, 0.3),
  ],
  [
    "assertAlmostEquals, NaN",
    () => assertAlmostEquals(NaN, NaN),
    () => assertAlmostEquals(NaN, 0.3),
  ],
  ["assertGreater", () => assertGreater(2, 1), () => assertGreater(1, 1)],
  [
    "assertGreaterOrEqual",
    () => assertGreaterOrEqual(1, 1),
    () => assertGreaterOrEqual(1, 2),
  ],
  ["assertLess", () => assertLess(1, 2), () => assertLess(NaN, 1)],
  [
    "assertLessOrEqual",
    () => assertLessOrEqual(1, 1),
    () => assertLessOrEqual(2, 1),
  ],
  ["assertThrows", () => assertThrows(throwing), () => assertThrows(() => 1)],
  [
    "assertThrows, a base class",
    () => assertThrows(throwing, Error),
    () => assertThrows(throwing, TypeError),
  ],
  [
    "assertThrows, the message",
    () => assertThrows(throwing, RangeError, "far"),
    () => assertThrows(throwing, RangeError, "near"),
  ],
  [
    "assertThrows, no error",
    () => assertThrows(throwingText),
    () => assertThrows(throwingText, Error),
  ],
  [
    "assertRejects",
    () => assertRejects(rejecting),
    () => assertRejects(() => Promise.resolve()),
  ],
  [
    "assertRejects, the class and the message",
    () => assertRejects(rejecting, RangeError, "far"),
    () => assertRejects(rejecting, TypeError, "far"),
  ],
  [
    "assertRejects, thrown before there is a promise",
    () => assertRejects(rejecting, RangeError),
    () => assertRejects(throwing, RangeError),
  ],
];

for (const [name, holds, not] of PAIRS) {
  Deno.test(`assert: ${name}`, async () => {
    await holds();
    await nodeAssert.rejects(async () => await not(), AssertionError);
  });
}

Deno.test("assert: what was thrown is given back", async () => {
  const error = assertThrows(throwing, RangeError);
  nodeAssert.equal(error.message, "too far");
  const reason = await assertRejects(rejecting, RangeError);
  nodeAssert.equal(reason.message, "too far");
});

Deno.test("assert: fail and unreachable", () => {
  nodeAssert.throws(() => fail("no"), {
    name: "AssertionError",
    message: "no",
  });
  refuses(() => unreachable());
});

Deno.test("assert: a message stands beside what differs, not instead", () => {
  const error = assertThrows(
    () => assertEquals<unknown>({ a: "left" }, { a: "right" }, "row 3"),
    AssertionError,
    "row 3",
  );
  for (const part of ["left", "right"]) {
    assertStringIncludes(error.message, part);
  }
});

function refuses(fn: () => void): void {
  nodeAssert.throws(fn, AssertionError);
}
