import { assertEquals, assertThrows } from "@std/assert";
import { HttpRouter } from "@oresty/router";

/** A router with one route, named "it". */
function named(pattern: string): HttpRouter {
  return new HttpRouter().get(pattern, { name: "it" }, () => 1);
}

Deno.test("urlFor writes paths", () => {
  type Values = Record<string, string | number>;
  const cases: [pattern: string, Values, Values, string][] = [
    ["/", {}, {}, "/"],
    ["/a/b", {}, {}, "/a/b"],
    ["/a/", {}, {}, "/a/"],
    ["/users/:id", { id: 7 }, {}, "/users/7"],
    ["/users/:id", { id: 0 }, {}, "/users/0"],
    ["/users/:id", { id: "a b/c?d#e%f" }, {}, "/users/a%20b%2Fc%3Fd%23e%25f"],
    ["/users/:id", { id: "中" }, {}, "/users/%E4%B8%AD"],
    ["/users/:id", { id: "..." }, {}, "/users/..."],
    ["/users/:id(\\d+)", { id: 7 }, {}, "/users/7"],
    ["/:name.:ext", { name: "a", ext: "tar.gz" }, {}, "/a.tar.gz"],
    ["/@:scope/:name", { scope: "o", name: "r" }, {}, "/@o/r"],
    ["/:h\\::m", { h: 1, m: 2 }, {}, "/1:2"],
    ["/op\\:cancel", {}, {}, "/op:cancel"],
    ["/:lang?", {}, {}, "/"],
    ["/:lang?", { lang: "en" }, {}, "/en"],
    ["/docs/:page?", {}, {}, "/docs"],
    ["/docs/:page?", { page: "x" }, {}, "/docs/x"],
    ["/files/*path", { path: "a/b c/d" }, {}, "/files/a/b%20c/d"],
    ["/files/*path", { path: "" }, {}, "/files/"],
    ["/files/*path", { path: "a//b/" }, {}, "/files/a//b/"],
    ["/files/*", { "*": "x" }, {}, "/files/x"],
    ["/中文/:x", { x: 1 }, {}, "/%E4%B8%AD%E6%96%87/1"],
    ["/a%2Fb", {}, {}, "/a%2Fb"],
    ["/100%", {}, {}, "/100%25"],
    ["/a b", {}, {}, "/a%20b"],
    ["/", {}, { a: "1 2", b: 3, "c&d": "=" }, "/?a=1+2&b=3&c%26d=%3D"],
    ["/", {}, {}, "/"],
  ];
  for (const [pattern, params, query, expected] of cases) {
    assertEquals(named(pattern).urlFor("it", params, query), expected, pattern);
  }
});

Deno.test("urlFor refuses what the route would not read back", () => {
  const cases: [pattern: string, Record<string, unknown>, string][] = [
    ["/:a", {}, 'parameter "a" is missing'],
    ["/:a", { a: undefined }, 'parameter "a" is missing'],
    ["/:a", { a: "" }, 'parameter "a" is empty'],
    ["/:a?", { a: "" }, 'parameter "a" is empty'],
    ["/:a", { a: "." }, 'parameter "a" has the segment "."'],
    ["/:a", { a: ".." }, 'parameter "a" has the segment ".."'],
    ["/:a", { a: "x", b: "y" }, 'it has no parameter "b"'],
    ["/a", { constructor: "x" }, 'it has no parameter "constructor"'],
    ["/:toString", {}, 'parameter "toString" is missing'],
    ["/:a(\\d+)", { a: "x" }, 'parameter "a" is "x", expected (\\d+)'],
    ["/:a(\\d+)", { a: "1x" }, "expected (\\d+)"],
    ["/:a(.*-.*)", { a: `-${"x".repeat(300)}` }, "expected (.*-.*)"],
    ["/:a-:b", { a: "x-y", b: "z" }, "would be read as other parameters"],
    ["/:a.:b", { a: "x.y", b: "z" }, "would be read as other parameters"],
    ["/:a", { a: "\ud800" }, "half a surrogate pair"],
    ["/*a", {}, 'parameter "a" is missing'],
    ["/f/*a", { a: "../secret" }, 'has the segment ".."'],
    ["/f/*a", { a: "x/./y" }, 'has the segment "."'],
    ["/f/*a", { a: "x/.." }, 'has the segment ".."'],
    ["/*a", { a: "/evil.example" }, "is no path of this host"],
  ];
  for (const [pattern, params, why] of cases) {
    assertThrows(
      () => named(pattern).urlFor("it", params as Record<string, string>),
      TypeError,
      why,
      pattern,
    );
  }
});

Deno.test("urlFor refuses names that nobody gave", () => {
  for (const name of ["none", "", "toString", "__proto__"]) {
    assertThrows(
      () => named("/").urlFor(name),
      TypeError,
      `Cannot write the path of "${name}": no such route`,
    );
  }
});

Deno.test("a name is that of one pattern, whatever the method", () => {
  const router = new HttpRouter();
  router.get("/a/:x", { name: "a" }, () => 1);
  router.post("/a/:x", { name: "a" }, () => 1);
  assertThrows(
    () => router.get("/b", { name: "a" }, () => 1),
    Error,
    'the name "a" is that of "/a/:x"',
  );
  assertEquals(router.urlFor("a", { x: 1 }), "/a/1");
  assertEquals(router.routes().length, 2);
});

Deno.test("the name of a refused route stays free", () => {
  const router = new HttpRouter().get("/a", () => 1);
  assertThrows(() => router.get("/a", { name: "n" }, () => 1), Error);
  assertThrows(() => router.urlFor("n"), TypeError);
  router.get("/b", { name: "n" }, () => 1);
  assertEquals(router.urlFor("n"), "/b");
});

Deno.test("names of groups have the whole path, and the context writes it", async () => {
  const router = new HttpRouter();
  router.group("/g/:x", (group) => {
    group.get("/h", { name: "h" }, (ctx) => ctx.urlFor("h", { x: "y" }));
  });
  assertEquals(router.urlFor("h", { x: 1 }), "/g/1/h");
  assertEquals(await (await router.request("/g/1/h")).text(), "/g/y/h");
});
