import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Router, type RouterOptions } from "@oresty/router";

Deno.test("Router refuses malformed patterns and says why", () => {
  const cases: [pattern: string, why: string][] = [
    ["/:", 'a literal ":" is written "\\:"'],
    ["/a:/b", 'a literal ":" is written "\\:"'],
    ["/:9a", 'a literal ":" is written "\\:"'],
    ["/:中", 'a literal ":" is written "\\:"'],
    ["/:a:b", "two parameters in a segment need text between them"],
    ["/:a(\\d+):b(\\d+)", "two parameters in a segment need text between them"],
    ["/:a?/b", "an optional parameter must come last"],
    ["/:a?/", "an optional parameter must come last"],
    ["/x:a?", "an optional parameter must be a whole segment"],
    ["/:a?x", "an optional parameter must be a whole segment"],
    ["/:a-:b?", "an optional parameter must be a whole segment"],
    ["/*a/b", "a wildcard must come last"],
    ["/*/b", "a wildcard must come last"],
    ["/a*", 'a literal "*" is written "\\*"'],
    ["/:a*", 'a literal "*" is written "\\*"'],
    ["/*9", '"9" is no name'],
    ["/*a-b", '"a-b" is no name'],
    ["/a?", '"?" cannot be part of a path'],
    ["/a#b", '"#" cannot be part of a path'],
    ["/:a/:a", 'parameter "a" stands twice'],
    ["/:a/*a", 'parameter "a" stands twice'],
    ["/:a(", "a constraint is not closed"],
    ["/:a([)]", "a constraint is not closed"],
    ["/:a(\\)", "a constraint is not closed"],
    ["/\\", '"\\" must be followed by the character it escapes'],
    ["/a\\/b", '"\\" must be followed by the character it escapes'],
    ["/%FF", "is not percent-encoded UTF-8"],
    ["/:a%E4.b", "is not percent-encoded UTF-8"],
  ];
  for (const [pattern, why] of cases) {
    const router = new Router<number>();
    const { message } = assertThrows(
      () => router.add("GET", pattern, 1),
      SyntaxError,
      why,
      pattern,
    );
    assertStringIncludes(message, `Cannot add route "${pattern}": `);
    assertEquals(router.allowed("/a"), [], "nothing was entered");
  }
});

Deno.test("Router refuses unsafe and invalid constraints", () => {
  for (const re of ["(a+)+", "(a|a)*", "", "[", "(?=a)a", "(a)\\1", "a{2,1}"]) {
    assertThrows(
      () => new Router().add("GET", `/:x(${re})`, 1),
      SyntaxError,
      undefined,
      re,
    );
  }
});

Deno.test("Router refuses patterns that are no path", () => {
  const bad: unknown[] = ["", "a", "a/b", "*", ":id", null, undefined, 1, /a/];
  for (const pattern of bad) {
    assertThrows(
      () => new Router().add("GET", pattern as string, 1),
      TypeError,
      'expected a pattern that starts with "/"',
      String(pattern),
    );
  }
});

Deno.test("Router refuses methods that are no token", () => {
  const bad: unknown[] = ["", " ", "GE T", "GET\n", "GÉT", "(", null, 1];
  for (const method of bad) {
    assertThrows(
      () => new Router().add(method as string, "/", 1),
      TypeError,
      "is no HTTP method",
      String(method),
    );
  }
});

Deno.test("Router refuses duplicates by shape and names both", () => {
  const plain: RouterOptions = {};
  const folded: RouterOptions = { caseSensitive: false };
  const ignoring: RouterOptions = { trailingSlash: "ignore" };
  const cases: [first: string, second: string, RouterOptions][] = [
    ["/a", "/a", plain],
    ["/users/:id", "/users/:name", plain],
    ["/users/:id(\\d+)", "/users/:n(\\d+)", plain],
    ["/:a.:b", "/:x.:y", plain],
    ["/files/*path", "/files/*", plain],
    ["/:lang?", "/", plain],
    ["/", "/:lang?", plain],
    ["/docs/:page?", "/docs", plain],
    ["/docs/:a?", "/docs/:b", plain],
    ["/caf%C3%A9", "/café", plain],
    ["/%E4%B8%AD", "/%e4%b8%ad", plain],
    ["/a\\:b", "/a%3Ab", plain],
    ["/Users", "/users", folded],
    ["/:id.PNG", "/:name.png", folded],
    ["/ΟΔΟΣ", "/οδοσ", folded],
    ["/a", "/a/", ignoring],
    ["/:x/", "/:y", ignoring],
  ];
  for (const [first, second, options] of cases) {
    const router = new Router<number>(options).add("GET", first, 1);
    const { message } = assertThrows(() => router.add("GET", second, 2), Error);
    assertEquals(
      message,
      `Cannot add route "GET ${second}": ` +
        `"GET ${first}" has the same shape`,
    );
    router.add("POST", second, 3);
  }
});

Deno.test("Router tells shapes apart that only look alike", () => {
  const router = new Router<number>();
  const patterns = [
    "/users/:id",
    "/users/:id(\\d+)",
    "/users/:id([0-9]+)",
    "/Users/:id",
    "/users/:id/",
    "/users/*rest",
    "/users/:id.json",
    "/x%2Fy",
    "/x/y",
  ];
  for (const [i, pattern] of patterns.entries()) router.add("GET", pattern, i);
  assertEquals(router.find("GET", "/x%2fy")?.value, 7);
});

Deno.test("Router enters nothing of a pattern that is half a duplicate", () => {
  const router = new Router<string>().add("GET", "/docs", "docs");
  assertThrows(() => router.add("GET", "/docs/:page?", "page"), Error);
  assertEquals(router.find("GET", "/docs/a"), null);
});

Deno.test("Router checks its options", () => {
  assertThrows(
    () => new Router({ casesensitive: true } as RouterOptions),
    TypeError,
    'did you mean "caseSensitive"?',
  );
  for (const trailingSlash of ["loose", "", null, true]) {
    assertThrows(
      () => new Router({ trailingSlash } as unknown as RouterOptions),
      TypeError,
      'expected "strict", "ignore" or "redirect"',
      String(trailingSlash),
    );
  }
  for (const caseSensitive of ["no", 0, null]) {
    assertThrows(
      () => new Router({ caseSensitive } as unknown as RouterOptions),
      TypeError,
      "expected true or false",
      String(caseSensitive),
    );
  }
});
