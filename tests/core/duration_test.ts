import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type Duration, parseDuration } from "@oresty/core";

const GOOD: [Duration, number][] = [
  [0, 0],
  [0.25, 0.25],
  [86_400, 86_400],
  [Number.MIN_VALUE, Number.MIN_VALUE],
  [Number.MAX_VALUE, Number.MAX_VALUE],
  ["0", 0],
  ["30", 30],
  ["1.5", 1.5],
  [".5", 0.5],
  [".5m", 30],
  ["500ms", 0.5],
  ["1ms", 0.001],
  ["5s", 5],
  ["5m", 300],
  ["1.5h", 5400],
  ["2d", 172_800],
  ["  5m  ", 300],
  ["5 m", 300],
  ["\t1\ns ", 1],
  ["007s", 7],
];

Deno.test("parseDuration reads seconds and texts with a unit", () => {
  for (const [value, seconds] of GOOD) {
    assertAlmostEquals(parseDuration(value), seconds, 1e-12, String(value));
  }
});

Deno.test("parseDuration refuses what is no length of time", () => {
  const bad: unknown[] = [
    "",
    " ",
    "m",
    "5x",
    "5M",
    "5MS",
    "5min",
    "5 minutes",
    "5m5s",
    "1e3",
    "+5",
    "5.",
    "1,5s",
    "--5",
    "0x10",
    "Infinity",
    "NaN",
    "٣s",
    "5m\0",
    null,
    undefined,
    true,
    [5],
    {},
    5n,
    () => 5,
  ];
  for (const value of bad) {
    assertThrows(
      () => parseDuration(value as Duration, "pause"),
      TypeError,
      "Cannot read pause: ",
      String(value),
    );
  }
});

Deno.test("parseDuration refuses negative, infinite and missing numbers", () => {
  const bad: Duration[] = [
    -1,
    -0.001,
    -Number.MIN_VALUE,
    NaN,
    Infinity,
    -Infinity,
    "-1s",
    "-.5s",
    `${"9".repeat(400)}d`,
  ];
  for (const value of bad) {
    assertThrows(
      () => parseDuration(value),
      RangeError,
      "expected 0 or more seconds",
      String(value),
    );
  }
});

Deno.test("parseDuration names the option and quotes the value", () => {
  const { message } = assertThrows(
    () => parseDuration("soon", 'option "timeout"'),
    TypeError,
  );
  assertEquals(
    message,
    'Cannot read option "timeout": "soon" is no length of time, ' +
      'expected seconds or a text such as "500ms", "5m"',
  );
  assertThrows(() => parseDuration('"\n'), TypeError, String.raw`"\"\n"`);
});
