import { assert, assertEquals } from "@std/assert";
import { nearest } from "@oresty/core";

const NAMES = ["hostname", "port", "signals", "trustProxy", "bodyLimit"];

Deno.test("nearest finds the name that was meant", () => {
  const cases: [string, string][] = [
    ["port", "port"],
    ["prot", "port"], // swapped
    ["prt", "port"], // left out
    ["porrt", "port"], // doubled
    ["pork", "port"], // another letter
    ["PORT", "port"],
    ["host_name", "hostname"],
    ["hostnmae", "hostname"],
    ["trust-proxy", "trustProxy"],
    ["trustproxy", "trustProxy"],
    ["bodylimt", "bodyLimit"],
    ["signal", "signals"],
  ];
  for (const [written, meant] of cases) {
    assertEquals(nearest(written, NAMES), meant, written);
  }
});

Deno.test("nearest guesses nothing where nothing is near", () => {
  for (const written of ["banana", "", "xy", "timeout", "p", "日本語"]) {
    assertEquals(nearest(written, NAMES), undefined, written);
  }
  assertEquals(nearest("port", []), undefined);
});

Deno.test("nearest is no further away than 3, however long the name", () => {
  const long = "abcdefghijklmnopqrstuvwxyz";
  assertEquals(nearest(long.slice(3), [long]), long);
  assertEquals(nearest(long.slice(4), [long]), undefined);
});

Deno.test("nearest takes the first of two equally near names", () => {
  assertEquals(nearest("bort", ["port", "sort"]), "port");
  assertEquals(nearest("bort", ["sort", "port"]), "sort");
});

Deno.test("nearest takes any iterable and stays quick on hostile names", () => {
  assertEquals(nearest("b", new Set(["b"])), "b");
  assertEquals(nearest("gte", new Map([["get", 1]]).keys()), "get");
  const start = performance.now();
  assertEquals(nearest("x".repeat(1_000_000), NAMES), undefined);
  nearest("x".repeat(100), ["y".repeat(10_000)]);
  assert(performance.now() - start < 500);
});
