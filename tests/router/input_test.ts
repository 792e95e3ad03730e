import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { type Context, HttpRouter } from "@oresty/router";

const JSON_BODY = { "content-type": "application/json" };

async function inputOf(
  path: string,
  init: RequestInit = {},
): Promise<[input: Record<string, unknown>, isPromise: boolean]> {
  const router = new HttpRouter();
  let result: [Record<string, unknown>, boolean] | undefined;
  router.all("/:id/*rest", async (ctx) => {
    const input = ctx.input();
    result = [await input, input instanceof Promise];
  });
  const response = await router.request(path, init);
  if (result === undefined) throw new Error(`${response.status}`);
  return result;
}

Deno.test("input() merges query, body and path, the latter winning", async () => {
  const [input] = await inputOf("/7/x?id=q&name=q&page=q", {
    method: "POST",
    headers: JSON_BODY,
    body: '{"id":"b","name":"b","list":[1]}',
  });
  assertStrictEquals(Object.getPrototypeOf(input), null);
  assertEquals(input, {
    id: "7",
    name: "b",
    page: "q",
    list: [1],
    rest: "x",
  });
});

Deno.test("input() makes no promise where no body is read", async () => {
  const cases: [RequestInit, isPromise: boolean][] = [
    [{}, false],
    [{ headers: JSON_BODY }, false],
    [{ method: "HEAD" }, false],
    [{ method: "DELETE" }, false],
    [{ method: "DELETE", headers: JSON_BODY }, false],
    [{ method: "POST" }, false],
    [{ method: "POST", body: "text" }, false],
    [{ method: "POST", body: "{}", headers: JSON_BODY }, true],
    [{ method: "POST", body: new URLSearchParams({ a: "1" }) }, true],
    [{ method: "POST", body: new FormData() }, true],
  ];
  for (const [init, expected] of cases) {
    const [input, isPromise] = await inputOf("/7/", init);
    assertEquals(isPromise, expected, JSON.stringify(init));
    assertEquals(input["id"], "7");
  }
});

Deno.test("input() takes fields of every kind of form", async () => {
  const body = new URLSearchParams("a=1&a=2&id=b");
  const [urlencoded] = await inputOf("/7/?q=1", { method: "POST", body });
  assertEquals(urlencoded, { q: "1", a: "2", id: "7", rest: "" });
  const data = new FormData();
  data.append("a", "1");
  data.append("f", new File(["x"], "f.txt"));
  const [multipart] = await inputOf("/7/", { method: "POST", body: data });
  assertEquals(multipart["a"], "1");
  assert(multipart["f"] instanceof File);
});

Deno.test("input() leaves out a body that has no fields", async () => {
  for (const body of ["[1]", "1", '"text"', "null"]) {
    const init = { method: "POST", headers: JSON_BODY, body };
    assertEquals((await inputOf("/7/?a=1", init))[0], {
      a: "1",
      id: "7",
      rest: "",
    });
  }
});

Deno.test("prototype keys of all three are names in input()", async () => {
  const init = {
    method: "POST",
    headers: JSON_BODY,
    body: '{"__proto__":{"admin":true},"toString":1}',
  };
  const [input] = await inputOf("/7/?constructor=q", init);
  assertStrictEquals(Object.getPrototypeOf(input), null);
  assert(Object.hasOwn(input, "__proto__"));
  assert(!("admin" in input));
  assertEquals([input["constructor"], input["toString"]], ["q", 1]);
  const [fromQuery] = await inputOf("/7/?__proto__=x");
  assertEquals(fromQuery["__proto__"], "x");
});

Deno.test("a body that is malformed is refused by input() too", async () => {
  const router = new HttpRouter({ bodyLimit: 10 });
  router.post("/", (ctx: Context) => ctx.input());
  const cases: [body: string, status: number][] = [
    ["{", 400],
    ["", 400],
    [`"${"x".repeat(20)}"`, 413],
  ];
  for (const [body, status] of cases) {
    const init = { method: "POST", headers: JSON_BODY, body };
    const response = await router.request("/", init);
    assertEquals(response.status, status, body);
    await response.body?.cancel();
  }
});

Deno.test("the query is an object without a prototype, the last name counts", async () => {
  const cases: [search: string, query: Record<string, string>][] = [
    ["", {}],
    ["?", {}],
    ["?a=1&b=2&a=3", { a: "3", b: "2" }],
    ["?a", { a: "" }],
    ["?a=%2F%26+b", { a: "/& b" }],
    ["?a=1#b=2", { a: "1" }],
    ["?a=?b=1", { a: "?b=1" }],
    ["?a=%zz", { a: "%zz" }],
    ["?__proto__=1", JSON.parse('{"__proto__":"1"}')],
    ["?__proto__=%31", JSON.parse('{"__proto__":"1"}')],
  ];
  for (const [search, expected] of cases) {
    let query: Record<string, string> | undefined;
    const router = new HttpRouter().get("/", (ctx) => {
      query = ctx.query;
      assertStrictEquals(ctx.query, query);
    });
    await router.request(`/${search}`);
    assertStrictEquals(Object.getPrototypeOf(query), null);
    assertEquals(query, expected, search);
  }
});

Deno.test("queries() gives all values of a name", async () => {
  const router = new HttpRouter();
  router.get("/", (ctx) => [ctx.queries("a"), ctx.queries("none")]);
  const response = await router.request("/?a=1&b=2&a=%20&a");
  assertEquals(await response.json(), [["1", " ", ""], []]);
});

Deno.test("ctx has the request's parts as sent", async () => {
  const router = new HttpRouter();
  router.get("/:x", (ctx) => ({
    method: ctx.method,
    path: ctx.path,
    route: ctx.route,
    params: ctx.params,
    href: ctx.url.href,
    app: ctx.app === router,
  }));
  const response = await router.request("/a%2fb?c=d");
  assertEquals(await response.json(), {
    method: "GET",
    path: "/a%2fb",
    route: "/:x",
    params: { x: "a/b" },
    href: "http://localhost/a%2fb?c=d",
    app: true,
  });
});
