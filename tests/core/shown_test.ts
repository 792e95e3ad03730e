import { assert, assertThrows } from "@std/assert";
import { checkOptions, parseDuration, parseSize } from "@oresty/core";

/** All take a value of any kind, and say in their own words what is wrong. */
const READERS: [string, (value: never) => unknown][] = [
  ["Cannot read duration: ", parseDuration],
  ["Cannot read size: ", parseSize],
  [
    "Cannot use the options of listen: ",
    (value) => checkOptions("listen", value, []),
  ],
];

Deno.test("values that have no text are refused in our words", () => {
  const bare = () => Object.create(null, {});
  const hostile = {
    toString() {
      throw new Error("thrown by the value");
    },
  };
  const values = [Symbol("s"), Object.assign(() => {}, hostile), bare, 1n];
  for (const [words, read] of READERS) {
    for (const value of values) {
      assertThrows(() => read(value as never), TypeError, words);
    }
  }
  for (const value of [bare(), hostile]) {
    assertThrows(() => parseDuration(value), TypeError, "Cannot read duration");
    assertThrows(() => parseSize(value), TypeError, "Cannot read size");
  }
});

Deno.test("a long run of spaces is refused at once", () => {
  const text = `1${" ".repeat(100_000)}x`;
  const began = performance.now();
  assertThrows(() => parseDuration(text), TypeError);
  assertThrows(() => parseSize(text), TypeError);
  const took = performance.now() - began;
  assert(took < 500, `${took} ms`);
});
