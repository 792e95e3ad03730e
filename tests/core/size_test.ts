import { assertEquals, assertThrows } from "@std/assert";
import { parseSize, type Size } from "@oresty/core";

Deno.test("parseSize reads bytes and texts with a unit", () => {
  const good: [Size, number][] = [
    [0, 0],
    [1, 1],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ["0", 0],
    ["512", 512],
    ["512b", 512],
    ["64k", 65_536],
    ["64K", 65_536],
    ["64kb", 65_536],
    ["64KiB", 65_536],
    ["100m", 104_857_600],
    ["1.5k", 1536],
    ["0.5g", 536_870_912],
    ["1GiB", 1_073_741_824],
    [" 1 m ", 1_048_576],
    ["8388607g", 8_388_607 * 1024 ** 3],
  ];
  for (const [value, bytes] of good) {
    assertEquals(parseSize(value), bytes, String(value));
  }
});

Deno.test("parseSize refuses what is no size", () => {
  const bad: unknown[] = [
    "",
    " ",
    "k",
    "1t",
    "1 kilo",
    "1e6",
    "+1",
    "1.",
    ".5k",
    "1,000",
    "0x10",
    "1k1",
    "1kk",
    "NaN",
    null,
    undefined,
    true,
    [],
    {},
    1n,
  ];
  for (const value of bad) {
    assertThrows(
      () => parseSize(value as Size, "limit"),
      TypeError,
      "Cannot read limit: ",
      String(value),
    );
  }
});

Deno.test("parseSize refuses what is no exact number of bytes", () => {
  const bad: Size[] = [
    -1,
    0.5,
    NaN,
    Infinity,
    -Infinity,
    2 ** 53,
    "-1",
    "-1k",
    "0.3k",
    "1.5",
    "8388608g",
    "9".repeat(400),
  ];
  for (const value of bad) {
    assertThrows(
      () => parseSize(value),
      RangeError,
      "expected a whole number of 0 or more bytes",
      String(value),
    );
  }
});
