import { assertEquals, assertStrictEquals } from "@std/assert";
import { Router } from "@oresty/router";

const HOSTILE = [
  "toString",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "valueOf",
  "get",
  "Get",
  "FOO",
  "",
];

Deno.test("Router knows a method only as it was registered", () => {
  const router = new Router<string>()
    .add("GET", "/u/:id", "get")
    .add("PROPFIND", "/u/:id", "propfind")
    .add("GET", "/static", "static");
  assertEquals(router.find("PROPFIND", "/u/1")?.value, "propfind");
  for (const method of HOSTILE) {
    assertEquals(router.find(method, "/u/1"), null, method);
    assertEquals(router.find(method, "/static"), null, method);
  }
  assertEquals(router.allowed("/u/1"), ["GET", "HEAD", "PROPFIND"]);
});

Deno.test("Router takes the names of object parts as methods", () => {
  const router = new Router<string>();
  const methods = HOSTILE.filter((method) => method !== "");
  for (const method of methods) router.add(method, "/u/:id", method);
  for (const method of methods) {
    assertEquals(router.find(method, "/u/1")?.value, method);
  }
  assertEquals(router.allowed("/u/1"), methods);
});

Deno.test("HEAD finds GET where it has nothing of its own", () => {
  const router = new Router<string>()
    .add("GET", "/a/:x", "get")
    .add("*", "/a/:x", "any")
    .add("GET", "/b", "get")
    .add("HEAD", "/b", "head")
    .add("POST", "/c", "post");
  assertEquals(router.find("HEAD", "/a/1")?.value, "get");
  assertEquals(router.find("HEAD", "/b")?.value, "head");
  assertEquals(router.find("HEAD", "/c"), null);
  assertEquals(router.allowed("/c"), ["POST"]);
});

Deno.test('"*" is any method that has nothing of its own', () => {
  const router = new Router<string>()
    .add("*", "/a", "any")
    .add("POST", "/a", "post");
  assertEquals(router.find("POST", "/a")?.value, "post");
  for (const method of ["GET", "HEAD", "OPTIONS", "*", ...HOSTILE]) {
    assertEquals(router.find(method, "/a")?.value, "any", method);
  }
  assertEquals(router.allowed("/a"), ["*", "POST"]);
});

Deno.test("a method without a value goes on to less specific routes", () => {
  const router = new Router<string>()
    .add("GET", "/users/me", "me")
    .add("PUT", "/users/:id(\\d+)", "number")
    .add("POST", "/users/:id", "id")
    .add("DELETE", "/users/*rest", "rest")
    .add("*", "/*all", "all");
  assertEquals(router.find("GET", "/users/me")?.value, "me");
  assertEquals(router.find("POST", "/users/me")?.value, "id");
  assertEquals(router.find("DELETE", "/users/me")?.value, "rest");
  assertEquals(router.find("PATCH", "/users/me")?.value, "all");
  assertEquals(router.find("PUT", "/users/me")?.value, "all");
  assertEquals(router.allowed("/users/me"), [
    "GET",
    "HEAD",
    "POST",
    "DELETE",
    "*",
  ]);
  assertEquals(
    router.allowed("/users/7").toSorted(),
    ["*", "DELETE", "POST", "PUT"],
  );
});

Deno.test("allowed() is empty for a path without routes", () => {
  const router = new Router<number>().add("GET", "/a", 1);
  assertEquals(router.allowed("/b"), []);
  assertEquals(new Router().allowed("/"), []);
});

Deno.test("a path without a slash in front is none", () => {
  const router = new Router<string>()
    .add("GET", "/users/:id", "id")
    .add("GET", "/*all", "all");
  for (const path of ["", "x", "Xusers/7", "*", "users/7"]) {
    assertEquals(router.find("GET", path), null, path);
    assertEquals(router.allowed(path), [], path);
  }
});

Deno.test("params are new for each match", () => {
  const router = new Router<string>().add("GET", "/:a/:b", "x");
  const first = router.find("GET", "/1/2")!;
  const second = router.find("GET", "/3/4")!;
  assertEquals(first.params, { a: "1", b: "2" });
  assertEquals(second.params, { a: "3", b: "4" });
});

Deno.test("values may be falsy", () => {
  for (const value of [0, "", null, false]) {
    const router = new Router<unknown>()
      .add("GET", "/a", value)
      .add("GET", "/:b/c", value);
    assertStrictEquals(router.find("GET", "/a")?.value, value);
    assertStrictEquals(router.find("GET", "/x/c")?.value, value);
  }
});
